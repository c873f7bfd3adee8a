using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Market.Quotes;
using Exchange.Portal.Funds;
using Exchange.Portal.Spend;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>
/// What funds would pay of plans, as the closes to come would reckon it now: what the months of a plan come to with it,
/// less what they come to without. So a plan takes what other charges leave, and what is used alone is its bill.
/// </summary>
internal sealed class FundsOfPlans
{
    private readonly Composition _exchange;
    private readonly FundVersions _known;
    private readonly UsedMonths _used;
    private readonly Attribution _owners;
    private readonly PiId? _only;

    /// <summary>What comes without a plan is reckoned once, whatever places are asked about.</summary>
    private readonly Dictionary<(UsedMonths.People, Func<ShownCharge, bool>, string Closed), ComingMonths> _coming = [];

    private FundsOfPlans(Composition exchange, FundVersions known, UsedMonths used, PiId? only) =>
        (_exchange, _known, _used, _only, _owners) = (
            exchange, known, used, only,
            new(known.Directory, exchange.Institutions, exchange.Facts.Billability));

    /// <param name="only">The PI who asks, and is told nothing of what is another's; null for whoever sees all.</param>
    public static async Task<FundsOfPlans> Read(Composition exchange, PiId? only, CancellationToken ct)
    {
        var now = exchange.Clock.GetCurrentInstant();
        var known = await FundVersions.Read(exchange, ct);
        return new(exchange, known, await UsedMonths.Read(exchange, known, now, ct), only);
    }

    /// <summary>
    /// What a place, or a mix of places, asks for the plan of a project from an instant on; null of what is another's.
    /// </summary>
    public Task<PlanAfterFunds?> Of(IEnumerable<Charge> plan, ProjectId project, Instant from, CancellationToken ct) =>
        Of(
            [.. plan.Select(charge => Planned(charge, project, Instant.Max(from, charge.Period.Start)))],
            _ => true, ct);

    /// <summary>
    /// What a saved quote comes to if exactly that is used; what was used of it counts as not used. Null of what is
    /// another's.
    /// </summary>
    public async Task<PlanAfterFunds?> Of(QuoteTerms quote, CancellationToken ct)
    {
        var planned = new List<PlannedCharge>();
        foreach (var part in quote.Parts)
        {
            var charges = _owners.MovesOf(part.Cluster, quote.Project, quote.Period).IsEmpty
                ? part.Lines.Select(line => Quoted(quote, part, line))
                : ByOwner(await _exchange.Prices.Get(ct), quote.Project, part);
            planned.AddRange(charges.Select(charge => Planned(
                charge, quote.Project, Instant.Max(quote.Period.Start, charge.Period.Start))));
        }

        return await Of(planned, charge => Charge.AgreementOf(charge.Id) != quote.Id, ct);
    }

    private static Charge Quoted(QuoteTerms quote, QuotePart part, QuoteLine line) => new()
    {
        Month = line.Month,
        Period = quote.Period.Clip(line.Month.Period) ?? line.Month.Period,
        Landlord = part.Landlord,
        Service = ServiceOf(line.Sheet),
        Cluster = part.Cluster,
        Project = quote.Project,
        Sku = line.Sku,
        Step = line.Step,
        Quantity = line.Quantity,
        Rate = line.Rate,
        Amount = line.Amount,
        Sheet = line.Sheet,
        Policies = Policies.Corrected,
        Agreement = quote.Id,
    };

    /// <summary>A project that changes hands while it is used: by the prices that were locked, a share for each owner.
    /// </summary>
    private IReadOnlyList<Charge> ByOwner(PriceBooks books, ProjectId project, QuotePart part) => Quote.AsAgreed(
        books with { Agreements = books.Agreements.With([part.Lock]) }, part.Lock,
        [.. part.Usage.Select(usage => usage.Quoted)], Policies.Corrected,
        new(project, [], [], (cluster, of, when) => _owners.Of(cluster, of, when).Pi) { MovesOf = _owners.MovesOf })
        ?.Charges ?? [];

    /// <summary>
    /// What the usage of a month comes to where it was used, and at each of other places, in place of what was charged
    /// of it; nothing where it is not one PI's, or not billed.
    /// </summary>
    public async Task<PricedElsewhereAfterFunds?> Of(PricedElsewhere came, CancellationToken ct)
    {
        var owners = came.Used.Select(one => (one.Project, Owner: _owners.Of(
            one.Cluster, one.Project, one.Period.Start))).ToList();
        if (owners.Select(one => one.Owner.Pi).Distinct().Count() != 1 ||
            owners.Exists(one => one.Owner.Pi is null || one.Owner.NotBilled is not null))
        {
            return null;
        }

        // Whole projects: what is rated now may rest on another version of a sheet than what was charged.
        var gone = came.Used.Select(charge => (charge.Cluster, charge.Project)).ToHashSet();
        var ownerOf = owners.GroupBy(one => one.Project).ToDictionary(of => of.Key, of => of.First().Owner);
        var there = new List<PlanAfterFunds>();
        foreach (var place in came.There)
        {
            // Tiers that are shared change what others of that place pay, too; their funds are not asked about.
            var asked = place.Charges.Where(charge => came.Asked.Contains(charge.Project)).Select(Theirs).ToList();
            if (await Of(asked, IsBeside, ct) is not { } after)
            {
                return null;
            }

            there.Add(after);
        }

        return await Of([.. came.Used.Select(Theirs)], IsBeside, ct) is { } here ? new(here, there) : null;

        bool IsBeside(ShownCharge charge) => !gone.Contains((charge.Cluster, charge.Project));

        PlannedCharge Theirs(Charge charge)
        {
            var owner = ownerOf.GetValueOrDefault(charge.Project) ?? owners[0].Owner; // All of it is one PI's.
            return new(ShownCharge.Of(charge, owner.Name, owner.Pi, owner.Institution), IsBilled: true);
        }
    }

    /// <summary>A sheet is named 'nerc/openstack/2025-06-01#1'.</summary>
    private static string ServiceOf(string sheet) => sheet.Split('/') is [_, var service, ..] ? service : "";

    /// <param name="Charge">With who would answer for it.</param>
    private sealed record PlannedCharge(ShownCharge Charge, bool IsBilled);

    /// <summary>Where the project is not known yet, it would be whose it is elsewhere.</summary>
    private PlannedCharge Planned(Charge charge, ProjectId project, Instant at)
    {
        var owner = _owners.Of(charge.Cluster, project, at);
        if (!owner.IsKnown && _known.Directory.Facts.Keys.Where(of => of.Project == project)
            .OrderBy(of => of.Cluster.Value, StringComparer.Ordinal)
            .Select(of => _owners.Of(of.Cluster, project, at))
            .FirstOrDefault(one => one.Pi is not null) is { } elsewhere)
        {
            owner = elsewhere;
        }

        return new(ShownCharge.Of(charge, owner.Name, owner.Pi, owner.Institution), owner.NotBilled is null);
    }

    /// <param name="counts">What of that which is charged already is beside the plan.</param>
    private async Task<PlanAfterFunds?> Of(
        IReadOnlyList<PlannedCharge> plan, Func<ShownCharge, bool> counts, CancellationToken ct)
    {
        if (_only is { } asking && plan.Any(one => one.Charge.Pi != asking))
        {
            return null;
        }

        var paid = plan.Where(one => one.IsBilled && one.Charge.Pi is not null).Select(one => one.Charge).ToList();
        var unpaid = plan.Where(one => one.IsBilled && one.Charge.Pi is null).Select(one => one.Charge).ToList();
        var free = Money.Sum(plan.Where(one => !one.IsBilled).Select(one => one.Charge.Amount));
        return PlanAfterFunds.Of(
        [
            .. paid.Count > 0 ? await Paid(paid, counts, ct) : [],
            .. unpaid.Count > 0 ? [Unpaid(unpaid)] : (PlanAfterFunds[])[],
            new(free, [], [], free),
        ]);
    }

    private static PlanAfterFunds Unpaid(IReadOnlyList<ShownCharge> plan)
    {
        var amount = Money.Sum(plan.Select(charge => charge.Amount));
        return new(amount, [], [new(null, amount)], Money.Zero);
    }

    /// <summary>What the closes to come take of the plan's months with it, less what they take without.</summary>
    private async Task<IReadOnlyList<PlanAfterFunds>> Paid(
        List<ShownCharge> plan, Func<ShownCharge, bool> counts, CancellationToken ct)
    {
        var coming = await Coming(plan, counts, ct);
        var with = await coming.With(plan, ct);
        var parts = new List<PlanAfterFunds>();
        foreach (var of in plan.GroupBy(charge => (charge.Month, Pi: charge.Pi!.Value)))
        {
            var close = coming.CloseOf(of.Key.Month);
            parts.Add(Added(
                of.Key.Month, of.Key.Pi, [.. of], Shares((await coming.At(close, ct)).Lines), Shares(with[close])));
            IEnumerable<FundShare> Shares(ILookup<Account, InvoiceLine> lines) => lines[new(of.Key.Pi)]
                .Where(line => line.ServiceMonth(close) == of.Key.Month).SelectMany(line => line.Funds);
        }

        return parts;
    }

    private async Task<ComingMonths> Coming(
        List<ShownCharge> plan, Func<ShownCharge, bool> counts, CancellationToken ct)
    {
        var months = plan.Select(charge => charge.Month).Distinct().Order().ToList();
        var closed = months.Where(month => month <= _known.Months.Last).ToList();
        var people = await _used.Sharing(
            plan.Select(charge => charge.Pi!.Value), plan, _used.Late.Concat(closed).Distinct(), ct);
        var key = (people, counts, string.Join(' ', closed));
        return _coming.TryGetValue(key, out var coming) ? coming : _coming[key] = await ComingMonths.Of(
            _used, people, months, counts, ct);
    }

    private PlanAfterFunds Added(
        BillingMonth month, PiId pi, List<ShownCharge> planned, IEnumerable<FundShare> before,
        IEnumerable<FundShare> after)
    {
        var paid = after.Select(one => (one.Fund, one.Payer, one.Amount))
            .Concat(before.Select(one => (one.Fund, one.Payer, Amount: -one.Amount)))
            .GroupBy(one => (one.Fund, one.Payer))
            .Select(of => new PaidByFund(of.Key.Fund, of.Key.Payer, Money.Sum(of.Select(one => one.Amount))))
            .Where(one => !one.Amount.IsZero).ToList();
        var amount = Money.Sum(planned.Select(charge => charge.Amount));
        var institution = planned.Select(charge => charge.Institution).FirstOrDefault(one => one is not null);
        var payer = PlanParties.Taking(_exchange.Institutions, month, institution)?.Name ?? pi.Value;
        return new(amount, paid, [new(payer, amount - Money.Sum(paid.Select(one => one.Amount)))], Money.Zero);
    }
}
