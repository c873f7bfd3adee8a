namespace Exchange.Rating;

/// <summary>
/// A charge in the making. Quantities are added up as whole numbers (parts times microseconds), so that no order of
/// adding can change them.
/// </summary>
internal sealed class Line(SheetInForce sheet, Policies policies, ClusterId cluster, ProjectId project, Sku sku)
{
    /// <summary>
    /// So many parts make one unit of a count. Thirds, twenty-fourths, thirty-firsts, and whatever else the bundles
    /// that are sold divide by, are whole numbers of parts: what adds up to whole units on paper does here.
    /// </summary>
    public const long Parts = 65_536L * 9 * 125 * 7 * 11 * 13 * 19 * 31 * 37;

    public SheetInForce Sheet => sheet;
    public Policies Policies => policies;
    public ClusterId Cluster => cluster;
    public ProjectId Project => project;
    public Sku Sku => sku;

    /// <summary>Parts times microseconds.</summary>
    public Int128 Sum { get; set; }

    /// <summary>What was counted of the meter, exact.</summary>
    public decimal Counted { get; set; }

    /// <summary>Of egress: GiB.</summary>
    public decimal EgressGib { get; set; }
    public bool IsEgress { get; set; }

    /// <summary>One unit of the SKU, as parts times microseconds.</summary>
    public Int128 One => (Int128)Parts * sku.Microseconds;

    public string IdIn(BillingMonth month) =>
        $"{month}:{sheet.Sheet.Landlord}:{cluster}:{project}:{sku.Id}:{sheet.Published.Id}";

    /// <summary>Cuts a sum up to whole units.</summary>
    public Int128 Whole(Int128 sum) => (sum + One - 1) / One * One;

    public decimal Quantity()
    {
        if (sku.Counts == CountedBy.Meter)
        {
            var counted = Counted / sku.DivideBy;
            return policies.Quantities == WholeQuantity.Exact ? counted : decimal.Ceiling(counted);
        }

        var (whole, rest) = Int128.DivRem(policies.Quantities == WholeQuantity.Exact ? Sum : Whole(Sum), One);
        return (decimal)whole + ((decimal)rest / (decimal)One);
    }

    /// <summary>The line rounded, once; null when there is nothing of it.</summary>
    public Charge? Charge(BillingMonth month, PriceBooks books)
    {
        var quantity = Quantity();
        if (quantity == 0)
        {
            return null;
        }

        var rate = new Rate(sku.Rate, sku.Unit, sheet.Sheet.Currency);
        var amount = Money.Round(rate.Of(new(quantity, sku.Unit)));
        if (IsEgress && !amount.IsZero)
        {
            throw new InvalidOperationException($"{sheet.Published.Id} charges egress as '{sku.Id}', which no sheet " +
                "may.");
        }

        return new()
        {
            Month = month,
            Period = sheet.Period,
            Landlord = sheet.Sheet.Landlord,
            Service = sheet.Sheet.Service,
            Cluster = cluster,
            Project = project,
            Sku = sku.Id,
            Quantity = new(quantity, sku.Unit),
            Rate = rate,
            Amount = amount,
            Sheet = sheet.Published.Id,
            Policies = policies.Name,
            Avoided = IsEgress ? Avoided(books) : null,
        };
    }

    private Money? Avoided(PriceBooks books)
    {
        var day = sheet.Period.Start.InUtc().Date;
        return PublicPrices.For(books.Public, day) is { } list ? Money.Round(list.Egress(EgressGib)) : null;
    }
}
