using System.Collections.Immutable;

namespace Exchange.Rating;

/// <summary>
/// A charge in the making. Quantities are added up as whole numbers (parts times microseconds), so that no order of
/// adding can change them.
/// </summary>
internal sealed class Line(
    SheetInForce sheet, Policies policies, ClusterId cluster, ProjectId project, Sku sku,
    ImmutableArray<OwnershipPeriod> hands, HoursOfDay? hours = null)
{
    /// <summary>
    /// So many parts make one unit of a count. Thirds, twenty-fourths, thirty-firsts, and whatever else the bundles
    /// that are sold divide by, are whole numbers of parts: what adds up to whole units on paper does here.
    /// </summary>
    public const long Parts = 65_536L * 9 * 125 * 7 * 11 * 13 * 19 * 31 * 37;

    private List<Line>? _spans;
    private Dictionary<(string Name, string Provider, OwnershipPeriod? Hand), decimal>? _billed;

    public SheetInForce Sheet => sheet;
    public Policies Policies => policies;
    public ClusterId Cluster => cluster;
    public ProjectId Project => project;
    public Sku Sku => sku;

    /// <summary>The hours of the day that it is about, of a SKU whose price depends on them.</summary>
    public HoursOfDay? Hours => hours;

    /// <summary>Who had the project, one after the other, when it changes hands; none when it does not.</summary>
    public ImmutableArray<OwnershipPeriod> Hands => hands;

    public decimal Rate => hours?.Rate ?? sku.Rate;

    /// <summary>Parts times microseconds.</summary>
    public Int128 Sum { get; set; }

    /// <summary>What was counted of the meter, exact.</summary>
    public decimal Counted { get; set; }

    /// <summary>Of egress: GiB.</summary>
    public decimal EgressGib { get; set; }
    public bool IsEgress { get; set; }

    /// <summary>
    /// What other clouds billed, by the service, the provider and the owner; credits count against it.
    /// </summary>
    public Dictionary<(string Name, string Provider, OwnershipPeriod? Hand), decimal> Billed => _billed ??= [];

    /// <summary>Whether there is anything in it.</summary>
    public bool IsBilled => _billed is not null;

    /// <summary>How many parts of pages it was added up from, where it was.</summary>
    public int Pages { get; set; }

    /// <summary>Which project sublets it, and is paid; null for what the landlord sells itself.</summary>
    public ProjectId? Lessor { get; init; }

    /// <summary>What stands in place of an agreement in a part that is kept.</summary>
    public const string ForScaleOnly = "*";

    /// <summary>The agreement whose prices it has; null at list.</summary>
    public string? Agreement { get; init; }

    /// <summary>
    /// Usage at agreed prices that still counts on a scale which others share: they pay as if there were no agreement.
    /// </summary>
    public bool IsForScaleOnly { get; init; }

    /// <summary>What was used at each moment, where something is reserved for the project; null elsewhere.</summary>
    public UsageProfile? Profile { get; init; }

    /// <summary>What it is a line of, whichever sheet holds: the SKU as its project buys it.</summary>
    public (string Service, SkuId, ClusterId, ProjectId, ProjectId?, string?) OfMonth =>
        (sheet.Sheet.BookName, sku.Id, cluster, project, Lessor, Agreement);

    /// <summary>One unit of the SKU, as parts times microseconds.</summary>
    public Int128 One => (Int128)Parts * sku.Microseconds;

    /// <summary>The lines that it consists of, one for each span of hours; itself when there are none.</summary>
    public IReadOnlyList<Line> Spans => _spans is null ? [this] : _spans;

    public string IdIn(BillingMonth month) =>
        $"{month}:{sheet.Sheet.Landlord}:{cluster}:{project}:{sku.Id}:{sheet.Published.Id}" +
        $"{Charge.SubletMark(Lessor)}{Charge.AgreedMark(Agreement)}";

    public Line Span(HoursOfDay? of)
    {
        var span = _spans?.Find(line => ReferenceEquals(line.Hours, of));
        if (span is null)
        {
            (_spans ??= []).Add(span = new(sheet, policies, cluster, project, sku,
                [.. hands.Select(hand => new OwnershipPeriod(hand.Period, hand.Since))], of)
            {
                Lessor = Lessor,
                Agreement = Agreement,
                IsForScaleOnly = IsForScaleOnly,
            });
        }

        return span;
    }

    /// <summary>Cuts a sum up to whole units.</summary>
    public Int128 Whole(Int128 sum) => (sum + One - 1) / One * One;

    public Exact Quantity()
    {
        var isExact = policies.Quantities == WholeQuantity.Exact;
        if (sku.Counts == CountedBy.Meter)
        {
            var counted = Exact.Of(Counted) / Exact.Of(sku.DivideBy);
            return isExact ? counted : counted.Ceiling();
        }

        var sum = Profile is null ? Sum : Above(sheet.Period);
        return Exact.Of(isExact ? sum : Whole(sum), One);
    }

    /// <summary>Of a period what was used above the reservation, as parts times microseconds.</summary>
    public Int128 Above(Period period) =>
        Profile!.Above(((Reservation)sku.Model).For(cluster, project), period);
}
