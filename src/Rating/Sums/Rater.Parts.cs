namespace Exchange.Rating;

/// <summary>What was added to a rater as a part that is kept, and parts instead of usage.</summary>
public sealed partial class Rater
{
    private readonly Dictionary<(string Sheet, SkuId, ClusterId), Priced> _known = [];

    /// <summary>
    /// What was added so far, exact and not rounded, to be added to another of the same request; and begins anew.
    /// </summary>
    internal byte[] Part()
    {
        _use.Settle();
        var part = PartWriter.Pack(_lines.All(), _unpriced, _behind, _leases);
        (_resource, _leases) = (null, new());
        _lines.Clear();
        _unpriced.Clear();
        _behind.Clear();
        return part;
    }

    /// <summary>Adds what another was told, as if this had been told it.</summary>
    internal void Add(byte[] part)
    {
        using var reader = new PartReader(part);
        reader.Into(LineOf, _unpriced, _behind, _leases);
    }

    private Line LineOf(
        LandlordId landlord, string sheetId, SkuId skuId, ClusterId cluster, ProjectId project, string agreement)
    {
        if (agreement.Length > 0)
        {
            return AgreedLineOf(sheetId, skuId, new(landlord, cluster, "", ""), project, agreement);
        }

        if (!_known.TryGetValue((sheetId, skuId, cluster), out var known))
        {
            var sheet = _books.Of(landlord, cluster).Sheet(sheetId) ?? throw new InvalidOperationException(
                $"A part names {sheetId}, which does not price {cluster} in {_request.Month}.");
            var sku = sheet.Sheet.Skus.FirstOrDefault(one => one.Id == skuId) ?? Egress.Sku;
            _known[(sheetId, skuId, cluster)] = known = new(
                sheet, sheet.Sheet.PoliciesNamed(_request.Policies), sku, 0, 0, null)
            {
                Lines = _lines.Of(sheet, sku, cluster),
            };
        }

        return _lines.In(known.Lines!, known.Sheet!, known.Policies!, known.Sku!, cluster, project);
    }

    private Line AgreedLineOf(
        string sheetId, SkuId skuId, ResourceId place, ProjectId project, string agreement)
    {
        var isForScaleOnly = agreement == Line.ForScaleOnly;
        var sheet = (isForScaleOnly
            ? _books.Of(place.Landlord, place.Cluster).Sheet(sheetId)
            : _agreed.SheetOf(place, project, agreement, sheetId)) ?? throw new InvalidOperationException(
                $"A part names {sheetId} of {agreement}, which prices nothing of {project} in {_request.Month}.");
        return _lines.Agreed(
            sheet, sheet.Sheet.PoliciesNamed(_request.Policies), sheet.Sheet.Skus.First(one => one.Id == skuId), place,
            project, isForScaleOnly ? null : agreement);
    }
}
