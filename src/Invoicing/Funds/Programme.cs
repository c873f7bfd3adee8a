using System.IO.Enumeration;
using Exchange.Rating;

namespace Exchange.Invoicing.Funds;

/// <summary>What a programme is for: it decides when it applies and whom it changes a balance for.</summary>
public enum ProgrammeKind
{
    /// <summary>An amount given once to each new PI. It lowers both balances.</summary>
    Promotion,

    /// <summary>An amount a month that someone else pays for each PI. It lowers only what the PI owes.</summary>
    Subsidy,

    /// <summary>SKUs that some PIs use for free. It lowers both balances.</summary>
    FreeSku,

    /// <summary>What is owed to the owner of hardware for each metered hour, whatever the customer paid.</summary>
    Settlement,
}

/// <summary>How one grant is shared over the lines it may pay.</summary>
public enum ProgrammeShare { InOrder, ProRata }

/// <summary>
/// A dated definition of money that pays part of charges instead of the PI: who pays, how much, for whom and for what.
/// One file of 'pricing/programmes/'.
/// </summary>
/// <param name="Id">Its name for ever, as 'nerc-new-pi-credit'.</param>
/// <param name="Code">What stands beside its credits in reports; null for none.</param>
/// <param name="Payer">Who bears the money, as 'bu-research-it'.</param>
/// <param name="Order">Programmes apply in this order; prepaid money comes after all of them.</param>
/// <param name="InForce">False for a published form that is kept to be compared, not applied.</param>
public sealed record Programme(
    string Id, ProgrammeKind Kind, string? Code, string Payer, int Order, bool InForce,
    IReadOnlyList<ProgrammeTerms> Terms)
{
    /// <summary>The address that its payer's invoices are mailed to; null where they are not.</summary>
    public string? PayerEmail { get; init; }

    /// <summary>The terms of a month; null when the programme does not exist then.</summary>
    public ProgrammeTerms? At(BillingMonth month) => Terms.SingleOrDefault(terms => terms.Covers(month));
}

/// <summary>What a programme promised during some months.</summary>
/// <param name="Until">The first month in which these terms no longer hold; null while they hold.</param>
/// <param name="Amount">Of a promotion: to each PI once; of a subsidy: to each PI a month; null for no limit.</param>
/// <param name="WindowMonths">For how many calendar months, the first included, a promotion can be used.</param>
/// <param name="PartnersOnly">Whether only PIs of partners of the data centre are eligible.</param>
/// <param name="Institutions">The institutions that are eligible, by name; empty for all.</param>
/// <param name="ExcludedSkus">SKUs that it never pays for; '*' stands for any text.</param>
/// <param name="Rates">Of a settlement: what an hour costs, by hardware.</param>
public sealed record ProgrammeTerms(
    BillingMonth From, BillingMonth? Until, Money? Amount, int WindowMonths, bool PartnersOnly,
    IReadOnlyList<string> Institutions, IReadOnlyList<string> ExcludedSkus, ProgrammeShare Share,
    IReadOnlyList<SettlementRate> Rates)
{
    public bool Covers(BillingMonth month) => From <= month && !(month >= Until);

    public bool Excludes(SkuId sku) => ExcludedSkus.Any(pattern =>
        FileSystemName.MatchesSimpleExpression(pattern, sku.Value, ignoreCase: false));

    public bool IsEligible(Institution? institution, BillingMonth month) =>
        (!PartnersOnly || institution?.IsPartner(month) == true) &&
        (Institutions.Count == 0 || (institution is not null && Institutions.Contains(institution.Name)));
}

/// <summary>What the owner of hardware gets for an hour of one service unit.</summary>
/// <param name="Hardware">What the name of a SKU holds when it runs on this hardware, as 'GPUH100'.</param>
/// <param name="PerHour">Dollars an hour for one GPU.</param>
/// <param name="Skus">The SKUs that the owner's report has always listed.</param>
/// <param name="NodeGpus">How many GPUs one hour of a bare-metal node counts.</param>
public sealed record SettlementRate(string Hardware, decimal PerHour, IReadOnlyList<string> Skus, int NodeGpus);
