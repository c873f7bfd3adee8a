namespace Exchange.Rating;

/// <summary>
/// What was added to a rater as a part that is kept, parts instead of usage, and parts in the place of others after it
/// finished.
/// </summary>
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
        Restart();
        return part;
    }

    /// <summary>Begins anew, as if it had been told nothing; what it looked up of prices it keeps.</summary>
    internal void Restart()
    {
        _use.Settle();
        (_resource, _leases) = (null, new());
        _lines.Clear();
        _unpriced.Clear();
        _behind.Clear();
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

    /// <summary>
    /// Whether what it was told can change part by part: not where leases, usage without a price, others' counts, tiers
    /// of wholesale or service levels have a say, for they do not follow from the lines that a page concerns.
    /// </summary>
    internal bool CanChange => !_isTiered && !ServiceCredits.Applies(_books.Books, _request) &&
        !_behind.IsAsked(null) && _behind.Measured.Count == 0 && !_leases.Added.Any() && !_unpriced.Gathered.Any();

    /// <summary>
    /// Puts new parts of pages in the place of old ones, and prices the lines again that they concern: what others pay
    /// on a scale that they share is among them.
    /// </summary>
    /// <returns>The month as it is now; null where it must be added up from its beginning.</returns>
    internal Rated? Change(Rated before, IEnumerable<byte[]> old, IEnumerable<byte[]> young)
    {
        var touched = new Dictionary<Line, Uses>();
        foreach (var (part, isOld) in old.Select(part => (part, true)).Concat(young.Select(part => (part, false))))
        {
            using var reader = new PartReader(part, isTakenBack: isOld);
            reader.Into(Touch, _unpriced, _behind, _leases);
        }

        if (!CanChange)
        {
            return null;
        }

        // Of a page most lines come back as they were.
        var changed = touched.Where(of => !Uses.IsAll(of.Key) || Uses.Of(of.Key) != of.Value)
            .Select(of => of.Key).ToHashSet();
        if (_lines.All().Any(line => line.Sku.MinimumCharge > Money.Zero))
        {
            var months = changed.Select(line => line.OfMonth).ToHashSet();
            changed.UnionWith(_lines.All().Where(line => months.Contains(line.OfMonth))); // A minimum is of them all.
        }

        var (gone, keys) = (changed.Where(line => line.Pages == 0).ToList(), changed.Select(KeyOf).ToHashSet());
        var isShared = changed.Any(line => line.Sku.Scope != Scope.Project);
        _lines.Remove(gone);
        _lines.AddBound(_books.Books, IsOutside); // What is promised has a line, though nothing is used any more.
        IReadOnlyCollection<Line> lines = gone.Count == 0 && !isShared
            ? changed
            : [.. _lines.All().Where(line => keys.Contains(KeyOf(line)) ||
                (isShared && line.Sku.Scope != Scope.Project))];
        var charges = InPlace(before.Charges, lines, keys);
        return CanChange ? before with { Charges = charges } : null; // A line that comes to too much has a say, too.

        Line Touch(
            LandlordId landlord, string sheet, SkuId sku, ClusterId cluster, ProjectId project, string agreement)
        {
            var line = LineOf(landlord, sheet, sku, cluster, project, agreement);
            touched.TryAdd(line, Uses.Of(line));
            return line;
        }
    }

    /// <summary>What a line was told, where that is all: no owner, hour or moment is told apart.</summary>
    private readonly record struct Uses(Int128 Sum, decimal Counted, decimal EgressGib, int Pages)
    {
        public static Uses Of(Line line) => new(line.Sum, line.Counted, line.EgressGib, line.Pages);

        public static bool IsAll(Line line) =>
            line.Hands.IsEmpty && line.Profile is null && ReferenceEquals(line.Spans[0], line);
    }

    /// <summary>All charges, with those of some lines as they are priced now; in the order of all.</summary>
    /// <param name="gone">The lines whose charges of before are no more.</param>
    private List<Charge> InPlace(
        IReadOnlyList<Charge> before, IReadOnlyCollection<Line> lines,
        HashSet<(string Sheet, SkuId, ClusterId, ProjectId, string? Agreement)> gone)
    {
        gone.UnionWith(lines.Select(KeyOf));
        var now = Priced(lines);
        var all = new List<Charge>(before.Count + now.Count);
        var next = 0;
        foreach (var charge in before)
        {
            if (gone.Contains((charge.Sheet, charge.Sku, charge.Cluster, charge.Project, charge.OfLine)))
            {
                continue;
            }

            for (; next < now.Count && ChargeOrder.Compare(now[next], charge) < 0; next++)
            {
                all.Add(now[next]);
            }

            all.Add(charge);
        }

        all.AddRange(now.Skip(next));
        return all;
    }

    private static (string Sheet, SkuId, ClusterId, ProjectId, string? Agreement) KeyOf(Line line) =>
        (line.Sheet.Published.Id, line.Sku.Id, line.Cluster, line.Project, line.Agreement);
}
