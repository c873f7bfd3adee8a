namespace Exchange.Rating;

/// <summary>A stretch in which the same locked sheets hold for a project in a cluster, in ticks.</summary>
internal sealed record AgreedSpan(long Start, long End, IReadOnlyList<(PriceLock Lock, PricePeriod Prices)> Agreed)
{
    /// <summary>What a shape comes to by what was agreed; null where it is at list.</summary>
    public (string Id, Priced Priced)? Of(string kind, Metering.Shape shape)
    {
        foreach (var (agreed, era) in Agreed)
        {
            if (era.Of(kind, shape) is { Sku: { } sku } priced && IsLocked(agreed, sku))
            {
                return (agreed.Id, priced);
            }
        }

        return null;
    }

    /// <summary>The same for what is counted.</summary>
    public (string Id, SheetInForce Sheet, Sku Sku)? Of(string kind, string meter)
    {
        foreach (var (agreed, era) in Agreed)
        {
            if (era.Of(kind, meter) is ({ } sheet, { } sku) && IsLocked(agreed, sku))
            {
                return (agreed.Id, sheet, sku);
            }
        }

        return null;
    }

    /// <summary>What is promised to the project in a sheet is an agreement of its own.</summary>
    private static bool IsLocked(PriceLock agreed, Sku sku) => agreed.Skus.Contains(sku.Id) &&
        !sku.Model.Bound.Contains((agreed.Cluster, agreed.Project));
}

/// <summary>The agreed prices of a rated period: which sheets hold for which project, cluster and time.</summary>
internal sealed class AgreedPrices
{
    private readonly Dictionary<(LandlordId, ClusterId, ProjectId), List<AgreedSpan>> _spans = [];

    public AgreedPrices(PriceBooks books, RateRequest request)
    {
        foreach (var of in books.Agreements.Locks.Where(one => one.Period.Clip(request.Period) is not null)
            .GroupBy(one => (one.Landlord, one.Cluster, one.Project)))
        {
            _spans[of.Key] = Spans(books, request, [.. of]);
        }
    }

    public bool IsEmpty => _spans.Count == 0;

    /// <summary>What was agreed with a project, or with the one whose labeled part it is; null for nothing.</summary>
    public IReadOnlyList<AgreedSpan>? Of(ResourceId resource, ProjectId project)
    {
        if (IsEmpty)
        {
            return null;
        }

        if (_spans.TryGetValue((resource.Landlord, resource.Cluster, project), out var spans))
        {
            return spans;
        }

        var colon = project.Value.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            ? _spans.GetValueOrDefault((resource.Landlord, resource.Cluster, new(project.Value[..colon])))
            : null;
    }

    /// <summary>The sheet by which an agreement prices something of a project; null where it does not.</summary>
    public SheetInForce? SheetOf(ResourceId resource, ProjectId project, string agreement, string sheet) =>
        Of(resource, project)?.SelectMany(span => span.Agreed).Where(of => of.Lock.Id == agreement)
            .SelectMany(of => of.Prices.Sheets).FirstOrDefault(one => one.Published.Id == sheet);

    private static List<AgreedSpan> Spans(PriceBooks books, RateRequest request, IReadOnlyList<PriceLock> locks)
    {
        var held = locks.SelectMany(one => one.ByPrice())
            .Select(one => (one.Lock, Sheets: Sheets(books, request, one.Lock, one.Rates))).ToList();
        var edges = held.SelectMany(of => of.Sheets).SelectMany(sheet => new[] { sheet.Period.Start, sheet.Period.End })
            .Distinct().Order().ToList();
        return
        [
            .. from edge in edges.Zip(edges.Skip(1), (start, end) => new Period(start, end))
               let agreed = held.Select(of => (of.Lock, Sheets: of.Sheets.Where(
                   sheet => sheet.Period.Contains(edge.Start)).ToList())).Where(of => of.Sheets.Count > 0).ToList()
               where agreed.Count > 0
               select new AgreedSpan(
                   edge.Start.ToUnixTimeTicks(), edge.End.ToUnixTimeTicks(),
                   [.. agreed.Select(of => (
                       of.Lock, new PricePeriod(edge, of.Sheets, request.Policies, of.Lock.Cluster)))]),
        ];
    }

    private static List<SheetInForce> Sheets(
        PriceBooks books, RateRequest request, PriceLock one, IReadOnlyDictionary<SkuId, decimal> rates)
    {
        var sheets = new List<SheetInForce>();
        foreach (var (id, period) in one.Sheets)
        {
            var sheet = books.Sheet(id)
                ?? throw new InvalidOperationException($"{one.Id} locks prices of {id}, which was never published.");
            if (period.Clip(one.Period)?.Clip(request.Period) is { } part)
            {
                sheets.Add(new(rates.Count == 0 ? sheet : Repriced(sheet, rates), part));
            }
        }

        return sheets;
    }

    private static PublishedSheet Repriced(PublishedSheet sheet, IReadOnlyDictionary<SkuId, decimal> rates) =>
        sheet with
        {
            Sheet = sheet.Sheet with
            {
                Skus = [.. sheet.Sheet.Skus.Select(sku => rates.TryGetValue(sku.Id, out var rate)
                    ? sku.At(rate) : sku)],
            },
        };
}
