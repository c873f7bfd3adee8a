using System.IO.Enumeration;
using Exchange.Facts;
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
/// One file of 'pricing/programmes/'. Stored as it is here.
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
    /// <summary>What was published of programs, as versions in the journal.</summary>
    public static readonly FactKind<Programme> Facts = new("program", one => one.Id, Decides);

    /// <summary>The address that its payer's invoices are mailed to; null where they are not.</summary>
    public string? PayerEmail { get; init; }

    /// <summary>The terms of a month; null when the programme does not exist then.</summary>
    public ProgrammeTerms? At(BillingMonth month) => Terms.SingleOrDefault(terms => terms.Covers(month));

    public string PayerIn(BillingMonth month) => At(month)?.Payer ?? Payer;

    public int OrderIn(BillingMonth month) => At(month)?.Order ?? Order;

    /// <summary>
    /// One program of all its versions: the terms of each month are those of the version that holds then, with their
    /// payer and their place among the programs.
    /// </summary>
    public static Programme Of(Timeline<Programme> versions)
    {
        var last = versions.LastSaid ?? throw new InvalidOperationException("A program has no version.");
        var inForce = versions.Spans.Any(span => span.Value?.InForce == true);
        var terms = new List<ProgrammeTerms>();
        for (var i = 0; i < versions.Spans.Length; i++)
        {
            var (from, version) = versions.Spans[i];
            BillingMonth? until = i + 1 < versions.Spans.Length ? versions.Spans[i + 1].From : null;
            if (version is not null && (version.InForce || !inForce))
            {
                terms.AddRange(version.Terms.Select(one => one.Within(from, until)).OfType<ProgrammeTerms>()
                    .Select(one => one with { Payer = version.Payer, Order = version.Order }));
            }
        }

        return last with { InForce = inForce, Terms = terms };
    }

    private static IEnumerable<(string What, string Says)> Decides(Programme one, BillingMonth month)
    {
        if (!one.InForce || one.At(month) is not { } terms)
        {
            return [];
        }

        return
        [
            ("kind", one.Kind.ToString()), ("payer", one.PayerIn(month)), ("code", one.Code ?? "none"),
            ("order", $"{one.OrderIn(month)}"), ("amount", terms.Amount?.ToString() ?? "without limit"),
            ("window", $"{terms.WindowMonths} months"),
            ("eligible", terms.PartnersOnly ? "partners"
                : terms.Institutions.Count == 0 ? "everyone" : string.Join(", ", terms.Institutions)),
            ("excluded", string.Join(", ", terms.ExcludedSkus)), ("share", terms.Share.ToString()),
            .. terms.Rates.Select(rate => (
                $"an hour of {rate.Hardware}",
                $"{Text.Of(rate.PerHour)}, {rate.NodeGpus} a node, {string.Join(", ", rate.Skus)}")),
        ];
    }
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
    /// <summary>Who pays under these terms; null where the program says it for all of them.</summary>
    public string? Payer { get; init; }

    /// <summary>Their place among the programs; null where the program says it for all of them.</summary>
    public int? Order { get; init; }

    public bool Covers(BillingMonth month) => From <= month && !(month >= Until);

    /// <summary>What of these terms lies in [from, until); null when nothing does.</summary>
    internal ProgrammeTerms? Within(BillingMonth from, BillingMonth? until)
    {
        var (first, end) = (From < from ? from : From, Until is { } mine && !(until <= mine) ? mine : until);
        return first >= end ? null : this with { From = first, Until = end };
    }

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
