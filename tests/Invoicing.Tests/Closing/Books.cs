using System.Collections.Immutable;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Tests.Closing;

/// <summary>A small exchange to close months of: what was charged, to whom, and what closes wrote so far.</summary>
internal sealed class Books
{
    public static readonly BillingMonth September = new(2026, 9);
    public static readonly BillingMonth October = new(2026, 10);
    public static readonly BillingMonth November = new(2026, 11);
    public static readonly Instant Noon = Instant.FromUtc(2026, 12, 1, 12, 0);

    private const string Universities = """
        institutions:
          - name: Boston University
            domains: [bu.edu]
            partner_since: 2013-06
          - name: Elsewhere
            domains: [elsewhere.edu]
        """;

    private readonly Dictionary<BillingMonth, List<OwnedCharge>> _charges = [];
    private readonly List<InvoiceEvent.Drafted> _drafts = [];
    private readonly Dictionary<string, List<FundEvent>> _spent = [];
    private Months _months = Months.Fold.Initial;

    public static Institutions Institutions { get; } = Institutions.Parse(Universities, "institutions.yaml");

    public PrepaidGroups Prepaid { get; private set; } = PrepaidGroups.None;

    public List<Programme> Programmes { get; } =
    [
        Promotion("new-pi", 1_000m, 2, 10),
        new("bu-subsidy", ProgrammeKind.Subsidy, null, "bu-research-it", 30, true,
        [
            new(new(2020, 1), null, new Money(10_000), 1, false, ["Boston University"], [], ProgrammeShare.InOrder, []),
        ]),
    ];

    public static Programme Promotion(string id, decimal dollars, int months, int order, params string[] excluded) =>
        new(id, ProgrammeKind.Promotion, "0002", "mghpcc", order, true,
            [new(new(2020, 1), null, Money.Round(dollars), months, true, [], excluded, ProgrammeShare.InOrder, [])]);

    public Books Charged(BillingMonth month, string? pi, string project, string sku, long cents)
    {
        var charge = new Charge
        {
            Month = month,
            Period = month.Period,
            Landlord = new(sku.StartsWith("Block", StringComparison.Ordinal) ? "blockbank" : "nerc"),
            Service = "compute",
            Cluster = new("stack"),
            Project = new(project),
            Sku = new(sku),
            Quantity = new(cents, new("SU-hour")),
            Rate = new(0.01m, new("SU-hour")),
            Amount = new(cents),
            Sheet = "nerc/compute/2026-01-01#1",
            Policies = "corrected",
        };
        var owner = new Attributed(
            project, pi is null ? null : new PiId(pi),
            pi is null ? null : Institutions.OfAddress(pi)?.Name, null, false, pi is not null);
        Of(month).RemoveAll(o => o.Charge.Project.Value == project && o.Charge.Sku.Value == sku);
        Of(month).Add(new(charge, owner));
        Of(month).Sort((a, b) => string.CompareOrdinal(a.Charge.Id, b.Charge.Id));
        return this;
    }

    public Books Forgotten(BillingMonth month, string project)
    {
        Of(month).RemoveAll(o => o.Charge.Project.Value == project);
        return this;
    }

    public ClosePlan Plan(BillingMonth month, decimal share = 0m, params string[] accepted) => PlanClose.Run(
        new(month, "corrected", _months,
            [.. _months.Closed.Keys.Append(month).Select(m => new MonthCharges(m, [.. Of(m)], []))],
            Billed, [.. Programmes.Select(p => new FundOf(p, FundOfProgramme(p.Id)))], Institutions,
            new([new(new("blockbank"), "Block Bank", false, [new(new(2020, 1), share)])]),
            accepted.ToHashSet(StringComparer.Ordinal))
        {
            Prepaid = Prepaid,
        },
        [], Noon);

    /// <summary>Closes a month as the exchange does, and remembers what it wrote.</summary>
    public ClosePlan Close(BillingMonth month, params string[] accepted)
    {
        var plan = Plan(month, 0m, accepted);
        _drafts.AddRange(plan.Drafts);
        foreach (var (programme, events) in plan.Spent)
        {
            _spent[programme] = [.. _spent.GetValueOrDefault(programme, []), .. events];
        }

        Prepaid = plan.Prepaid.Aggregate(Prepaid, (all, used) => PrepaidGroups.Fold.Evolve(all, used));
        _months = Months.Fold.Evolve(_months, new MonthEvent.Closed(
            month, "corrected", plan.Total, plan.Drafts.Count,
            [.. plan.Drafts.Where(d => d.Pi is not null).Select(d => d.Pi!.Value)], [], "test", Noon));
        return plan;
    }

    /// <summary>A group that paid in before and covers these projects from September on.</summary>
    public Books PaidAhead(long cents, params string[] projects)
    {
        Prepaid = PrepaidGroups.Fold.Of(
        [
            new PrepaidEvent.Opened("G", "g@bu.edu", "me", Noon),
            new PrepaidEvent.PaidIn("G", "wire-1", new(cents), September, "me", Noon),
            .. projects.Select(project => new PrepaidEvent.Covered("G", project, September, null, "me", Noon)),
        ]);
        return this;
    }

    public Fund FundOfProgramme(string id) => Fund.Fold.Of(_spent.GetValueOrDefault(id, []));

    public void Happened(string programme, FundEvent happened) =>
        _spent[programme] = [.. _spent.GetValueOrDefault(programme, []), happened];

    private List<OwnedCharge> Of(BillingMonth month)
    {
        if (!_charges.TryGetValue(month, out var charges))
        {
            _charges[month] = charges = [];
        }

        return charges;
    }

    private ILookup<Account, InvoiceLine> Billed(BillingMonth month) => _drafts
        .SelectMany(draft => draft.Lines.Select(line => (draft, line)))
        .Where(pair => pair.line.ServiceMonth(pair.draft.Month) == month)
        .ToLookup(pair => new Account(pair.draft.Pi), pair => pair.line);
}
