using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Exchange.Rating;

namespace Exchange.Invoicing;

/// <summary>What one fund paid of a line.</summary>
/// <param name="Fund">The programme and its version, as it is printed: 'New-PI credit'.</param>
/// <param name="Payer">Who pays it: the exchange, an institution, a prepaid group.</param>
/// <param name="IsSubsidy">
/// A subsidy is still owed to the exchange, by its payer; every other fund ends the debt.
/// </param>
public sealed record FundShare(string Fund, string Payer, Money Amount, bool IsSubsidy)
{
    private const string Prepaid = "prepaid:";

    /// <summary>What a group paid with money that it had paid in before.</summary>
    public static FundShare OfGroup(string group, Money amount) => new(Prepaid + group, group, amount, false);

    /// <summary>The prepaid group that paid it; null for every other fund.</summary>
    [JsonIgnore]
    public string? Group => Fund.StartsWith(Prepaid, StringComparison.Ordinal) ? Payer : null;
}

/// <summary>A charge, or the change of one of a closed month, as one invoice bills it.</summary>
public sealed record InvoiceLine
{
    /// <summary>The charge that explains the line.</summary>
    public required string ChargeId { get; init; }

    /// <summary>When the usage was; an adjustment keeps the period of the month it belongs to.</summary>
    public required Period ServicePeriod { get; init; }
    public required LandlordId Landlord { get; init; }
    public required string Service { get; init; }
    public required ClusterId Cluster { get; init; }
    public required ProjectId Project { get; init; }
    public required string ProjectName { get; init; }
    public required SkuId Sku { get; init; }
    public required Quantity Quantity { get; init; }
    public required Rate Rate { get; init; }
    public required Money Amount { get; init; }

    /// <summary>The version of the price sheet that the rate stands in.</summary>
    public required string Sheet { get; init; }
    public ImmutableArray<FundShare> Funds { get; init; } = [];

    /// <summary>The project's customer code at the time of the usage; null for none, or where nobody kept it.</summary>
    public string? Code { get; init; }

    /// <summary>What of it is passed on to a landlord behind it, or to who sublets it; null when nothing is.</summary>
    public PassedOn? PassedOn { get; init; }

    /// <summary>
    /// What tells it from other lines of its SKU: a tier, hours of the day, who is behind it; null when there are none.
    /// </summary>
    [JsonIgnore]
    public string? Step => StepOf(ChargeId, Sheet);

    /// <summary>The SKU with its step, as documents list it.</summary>
    [JsonIgnore]
    public string Title => ShownStep is { } step ? $"{Sku}, {step}" : Sku.Value;

    /// <summary>Its step as people are told it: of what is sublet with the lease.</summary>
    [JsonIgnore]
    public string? ShownStep => Charge.ShownStep(ChargeId, Step);

    /// <summary>Whether its landlord gives it back because the service worked less than was promised.</summary>
    [JsonIgnore]
    public bool IsCredit => Sku == ServiceCredits.Sku;

    /// <summary>
    /// What a service level credits of it, below nothing; of the credit itself what it takes from its charge. Known
    /// while funds pay, so that they pay no more than what is left; it is not stored.
    /// </summary>
    [JsonIgnore]
    public Money Credited { get; init; }

    /// <summary>What funds can still pay of it.</summary>
    [JsonIgnore]
    public Money Payable => PiBalance + Credited;

    /// <summary>The same for a charge and for what is credited of it.</summary>
    [JsonIgnore]
    internal string CreditKey
    {
        get
        {
            var at = ChargeId.IndexOf($":{Sku}:{Sheet}", StringComparison.Ordinal);
            var end = ChargeId.Length - (Step is { } step ? step.Length + 1 : 0);
            return at < 0 ? ChargeId
                : $"{ChargeId[..at]}|{ChargeId[(at + 1 + Sku.Value.Length)..end]}|" +
                    (ServiceCredits.What(Sku, Step) ?? (Step is { } name ? $"{Sku}, {name}" : Sku.Value));
        }
    }

    /// <summary>
    /// Who is asked for it, an institution or "" for the PI, where that is another than who takes what the PI owes in
    /// the month of the invoice: what goes back to who was asked, and what was used before an institution began to take
    /// it, or before it ceased.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BackTo { get; init; }

    /// <summary>For whom the PI worked by what was known when it was billed, and with which month; it is not stored.
    /// </summary>
    [JsonIgnore]
    public (string? Institution, BillingMonth Month)? Billed { get; init; }

    /// <summary>The closed month that this line corrects; null for usage of the invoice's own month.</summary>
    public BillingMonth? Adjusts { get; init; }

    /// <summary>For egress, which is never charged: what it would have cost at public list prices.</summary>
    public Money? Avoided { get; init; }

    /// <summary>The month that the usage belongs to, in an invoice of this month.</summary>
    public BillingMonth ServiceMonth(BillingMonth month) => Adjusts ?? month;

    /// <summary>
    /// What the exchange is owed for the line, by the PI and by those who subsidise: amount less other funds.
    /// </summary>
    public Money Balance => Amount - Money.Sum(Funds.Where(fund => !fund.IsSubsidy).Select(fund => fund.Amount));

    /// <summary>What the PI owes: the balance less subsidies.</summary>
    public Money PiBalance => Amount - Money.Sum(Funds.Select(fund => fund.Amount));

    /// <summary>A charge's id ends with its sheet, who sublets it, since when, and its step.</summary>
    private static string? StepOf(string chargeId, string sheet)
    {
        var at = chargeId.IndexOf($":{sheet}", StringComparison.Ordinal);
        var rest = at < 0 ? "" : chargeId[(at + 1 + sheet.Length)..];
        if (rest.StartsWith('^'))
        {
            at = rest.LastIndexOf("sublet by ", StringComparison.Ordinal);
            at = at < 0 ? -1 : rest.LastIndexOf(':', at);
            return at < 0 ? null : rest[(at + 1)..];
        }

        if (rest.StartsWith('@'))
        {
            at = rest.AsSpan().IndexOfAny(':', '~');
            rest = at < 0 ? "" : rest[at..];
        }

        if (rest.StartsWith('~'))
        {
            at = rest.IndexOf('Z', StringComparison.Ordinal);
            rest = at < 0 ? "" : rest[(at + 1)..];
        }

        return rest.StartsWith(':') ? rest[1..] : null;
    }
}

/// <summary>What a landlord owes of a line to somebody behind it, whether the customer pays or not.</summary>
/// <param name="Payee">A landlord, or the project that sublets, as 'project:p-mit'.</param>
public sealed record PassedOn(LandlordId Payee, Rate Rate, Money Amount);
