using Exchange.Rating;

namespace Exchange.Invoicing;

/// <summary>Who a charge is billed to: a PI, or nobody yet, which is the suspense account.</summary>
public readonly record struct Account(PiId? Pi)
{
    public static Account Suspense => default;

    /// <summary>How streams and tables name it; no address is this word.</summary>
    public string Name => Pi?.Value ?? "suspense";

    public static Account Named(string name) => name == "suspense" ? Suspense : new(new PiId(name));

    public override string ToString() => Name;
}

/// <summary>A charge, and who answers for its project during its period.</summary>
public sealed record OwnedCharge(Charge Charge, Attributed Owner)
{
    public Account Account => new(Owner.Pi);

    /// <summary>What was billed of it, where that stands and it was not rated again.</summary>
    public InvoiceLine? Billed { get; init; }

    /// <summary>What a line about it is called.</summary>
    public string ChargeId => Billed?.ChargeId ?? Charge.Id;

    /// <summary>The charge as a line of an invoice, before any fund pays of it.</summary>
    public InvoiceLine AsLine() => Billed ?? new()
    {
        ChargeId = Charge.Id,
        ServicePeriod = Charge.Period,
        Landlord = Charge.Landlord,
        Service = Charge.Service,
        Cluster = Charge.Cluster,
        Project = Charge.Project,
        ProjectName = Owner.Name,
        Code = Owner.Code,
        Sku = Charge.Sku,
        Quantity = Charge.Quantity,
        Rate = Charge.Rate,
        Amount = Charge.Amount,
        Sheet = Charge.Sheet,
        Avoided = Charge.Avoided,
        PassedOn = Charge.Bought is { IsPassedOn: true } bought
            ? new(bought.PaidTo, bought.Rate, bought.Amount)
            : null,
    };
}

/// <summary>All charges of a month as they stand now, each with its owner, under the policies of the month.</summary>
/// <param name="Unpriced">Usage that no sheet prices.</param>
public sealed record MonthCharges(
    BillingMonth Month, IReadOnlyList<OwnedCharge> Charges, IReadOnlyList<Unpriced> Unpriced)
{
    /// <summary>What was metered and priced, and is nobody's to pay: test clusters, courses and the like.</summary>
    public IReadOnlyList<OwnedCharge> NotBilled { get; init; } = [];

    /// <summary>Whether it is some accounts' month as it was billed: nothing came to it, and nobody else is in
    /// it.</summary>
    public bool IsAsBilled { get; init; }

    /// <summary>Whether funds pay of it what they paid when it was billed, whatever was said of them since.</summary>
    public bool KeepsFunds { get; init; }

    public Money Total => Money.Sum(Charges.Select(owned => owned.Charge.Amount));
}
