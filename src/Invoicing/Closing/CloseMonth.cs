using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Parties;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Reading;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Metering.Collectors.Live;
using Exchange.Rating;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Closing;

/// <summary>Everything that billing reads: the meter, the journal, and what was agreed with everyone.</summary>
public sealed record Sources(
    Meter Meter, IJournal Journal, NpgsqlDataSource Database, Institutions Institutions, Landlords Landlords,
    IReadOnlyList<Programme> Programmes)
{
    /// <summary>The published facts that these are; null where somebody gave other ones.</summary>
    public PublishedFacts? Facts { get; init; }

    /// <summary>Which usage is billed.</summary>
    public Billability Billability { get; init; } = Billability.Everything;

    /// <summary>The same with everything that was published until now.</summary>
    public async Task<Sources> Now(CancellationToken ct) =>
        Facts is null ? this : (await PublishedFacts.Read(Journal, ct)).In(this);
}

/// <summary>'exchange close --month M' — bills a month, once, all or nothing.</summary>
public static class CloseMonth
{
    private const int DaysToPay = 30;

    /// <param name="Numbers">The numbers of the invoices, in the order of the drafts that have a PI.</param>
    /// <param name="AlreadyClosed">What was written when the month was closed before; then nothing is written.</param>
    public sealed record Outcome(ClosePlan? Plan, IReadOnlyList<string> Numbers, MonthEvent.Closed? AlreadyClosed)
    {
        /// <summary>The invoices to institutions, payers and groups.</summary>
        public IReadOnlyList<(string Number, PartyDraft Draft)> Parties { get; init; } = [];
    }

    /// <summary>What a close would write now. Writes nothing.</summary>
    /// <param name="accepted">Codes of failed checks that the closer takes upon themselves.</param>
    /// <exception cref="RefusedException">The month may not be closed at all.</exception>
    public static async Task<Outcome> Plan(
        Sources sources, BillingMonth month, string policies, Instant now, CancellationToken ct,
        IReadOnlySet<string>? accepted = null) =>
        (await Work(sources, month, policies, accepted ?? new HashSet<string>(), now, ct)).Outcome;

    /// <summary>Writes invoices, settlements, entries and what funds spent in one append.</summary>
    /// <param name="accepted">Codes of failed checks that the closer takes upon themselves.</param>
    /// <exception cref="RefusedException">The month may not be closed, or a check stands in the way.</exception>
    /// <exception cref="ConflictException">Someone else closed or spent meanwhile; run it again.</exception>
    public static async Task<Outcome> Commit(
        Sources sources, BillingMonth month, string policies, IReadOnlySet<string> accepted, string by, Instant now,
        CancellationToken ct)
    {
        sources = await sources.Now(ct);
        var (outcome, months, monthsVersion, fundVersions, prepaidVersion) = await Work(
            sources, month, policies, accepted, now, ct);
        if (outcome.Plan is not { } plan)
        {
            return outcome;
        }

        if (plan.Checks.FirstOrDefault(check => check.Stops(accepted)) is { } blocker)
        {
            throw new RefusedException(new(blocker.Code, blocker.Message));
        }

        var issued = plan.Drafts.Where(draft => draft.Pi is not null).ToList();
        var closing = new MonthEvent.Closed(
            month, policies, plan.Total, issued.Count, [.. issued.Select(draft => draft.Pi!.Value)],
            [.. plan.Checks.Where(check => check.Blocks).Select(check => check.Accept),
                .. accepted.Where(Parking.IsRelease).Order(StringComparer.Ordinal)], by, now);
        var closed = Months.Close(months, closing).OrThrow();
        var (numbers, taken) = await Number(sources.Journal, month, issued, now, ct);
        var (parties, partyAppends) = await IssueParties.Run(sources.Journal, plan, DueOf(now), now, ct);
        var taking = parties.ToDictionary(of => of.Draft.Party, of => of.Number);
        InvoiceEvent.Taken? TakenOf(InvoiceEvent.Drafted draft) =>
            PlanParties.Taking(sources.Institutions, draft) is { } party && taking.TryGetValue(party, out var number)
                ? new(party.Name, number, now)
                : null;

        List<StreamAppend> appends =
        [
            StreamAppend.Of(Months.Fold.StreamOf(Months.Id), monthsVersion, closed),
            .. plan.Drafts.Select(draft => InvoiceOf(
                draft, issued.IndexOf(draft), numbers, TakenOf(draft), now)),
            .. plan.Spent.Select(of => StreamAppend.Of(Fund.Fold.StreamOf(of.Key), fundVersions[of.Key], of.Value)),
            .. plan.Settlements.Select(s => StreamAppend.Of<SettlementEvent>(
                Settle.StreamOf(s.Landlord, s.Month), 0, [s])),
            .. taken, .. partyAppends,
        ];

        if (plan.Prepaid.Count > 0)
        {
            appends.Add(StreamAppend.Of<PrepaidEvent>(
                PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id), prepaidVersion, [.. plan.Prepaid]));
        }

        List<LedgerEvent> entries =
        [
            .. plan.Entries,
            .. parties.Select(of => IssueParties.Entry(of.Number, of.Draft.Party, of.Draft.Lines, now))
                .OfType<LedgerEvent>(),
        ];
        if (entries.Count > 0)
        {
            appends.Add(StreamAppend.Of($"ledger-{month}", 0, entries));
        }

        await sources.Journal.Append(appends, ct);
        return outcome with { Numbers = numbers, Parties = parties };
    }

    /// <summary>The next numbers: a draft in favour of its PI is a credit note and has a series of its own.</summary>
    private static async Task<(string[] Numbers, List<StreamAppend> Taken)> Number(
        IJournal journal, BillingMonth month, List<InvoiceEvent.Drafted> issued, Instant now, CancellationToken ct)
    {
        var numbers = new string[issued.Count];
        var appends = new List<StreamAppend>();
        var places = Enumerable.Range(0, issued.Count).GroupBy(i =>
            Money.Sum(issued[i].Lines.Select(line => line.PiBalance)) < Money.Zero
                ? NumberSeries.Credits(now)
                : NumberSeries.Invoices(now));
        foreach (var series in places)
        {
            var stream = NumberSeries.Fold.StreamOf(series.Key);
            var taken = await journal.Read<NumberEvent>(stream, ct);
            var first = NumberSeries.Fold.Of(taken).Last + 1;
            var next = first;
            foreach (var place in series)
            {
                numbers[place] = NumberSeries.Number(series.Key, next++);
            }

            appends.Add(StreamAppend.Of<NumberEvent>(
                stream, taken.Count, [new NumberEvent.Taken(first, next - first, month)]));
        }

        return (numbers, appends);
    }

    private static LocalDate DueOf(Instant now) => now.InUtc().Date.PlusDays(DaysToPay);

    private static StreamAppend InvoiceOf(
        InvoiceEvent.Drafted draft, int place, string[] numbers, InvoiceEvent.Taken? taken, Instant now)
    {
        List<InvoiceEvent> events = [draft];
        if (place >= 0)
        {
            events.AddRange(Invoice.Issue(
                Invoice.Fold.Of(events), numbers[place], DueOf(now), now).OrThrow());
            if (taken is not null)
            {
                events.Add(taken);
            }
        }

        return StreamAppend.Of(ClosePlan.StreamOf(draft), 0, events);
    }

    private static async Task<(
        Outcome Outcome, Months Months, int Version, Dictionary<string, int> Funds, int Prepaid)> Work(
        Sources sources, BillingMonth month, string policies, IReadOnlySet<string> accepted, Instant now,
        CancellationToken ct)
    {
        sources = await sources.Now(ct);
        var history = await sources.Journal.Read<MonthEvent>(Months.Fold.StreamOf(Months.Id), ct);
        var months = Months.Fold.Of(history);
        if (months.Closed.GetValueOrDefault(month) is { } done)
        {
            return (new(null, [], done), months, history.Count, [], 0);
        }

        if (months.Last > month)
        {
            Months.Close(months, new(month, policies, Money.Zero, 0, [], [], "", month.End)).OrThrow();
        }

        // What was billed is read after the history: who bills meanwhile makes our append conflict.
        await new Projections(
            sources.Database, sources.Journal, [new InvoiceTables(), new PartyTables()]).CatchUp(ct);
        var rating = await RatingNow.Read(sources, ct);
        var rated = new List<MonthCharges>();
        var billed = new Dictionary<BillingMonth, ILookup<Account, InvoiceLine>>();
        foreach (var before in months.Before(month))
        {
            rated.Add(await rating.Rate(before, months.Closed.GetValueOrDefault(before)?.Policies ?? policies, ct));
            billed[before] = await BilledLines.Of(sources.Database, before, ct);
        }

        rated.Add(await rating.Rate(month, policies, ct));

        var (funds, versions) = await Funds(sources, ct);
        var prepaid = await sources.Journal.Read<PrepaidEvent>(
            PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id), ct);
        var inputs = new CloseInputs(
            month, policies, months, rated, m => billed[m], funds, sources.Institutions, sources.Landlords, accepted)
        {
            Prepaid = PrepaidGroups.Fold.Of(prepaid),
            Told = await PartyList.Told(sources.Database, ct),
            BilledBefore = (await sources.Journal.State(OpeningBalances.Fold, OpeningBalances.Id, ct)).Billed,
            CodeOf = line => rating.Attribution.Of(line.Cluster, line.Project, line.ServicePeriod.Start).Code,
        }.Following(rating.Directory.PiOf);
        var earlierOpen = await EarlierOpen(sources, rating, months, month, policies, ct);
        var setAside = (await sources.Meter.Quarantine(10_000, ct)).Count;
        var collectors = await new CollectorLog(sources.Database).All(ct);
        var plan = PlanClose.Run(inputs, Checklist.Run(rated[^1], earlierOpen, setAside, collectors), now);
        return (new(plan, [], null), months, history.Count, versions, prepaid.Count);
    }

    /// <summary>Earlier months with charges that can still be closed: none before the last that was.</summary>
    private static async Task<IReadOnlyList<BillingMonth>> EarlierOpen(
        Sources sources, RatingNow rating, Months months, BillingMonth month, string policies, CancellationToken ct)
    {
        var open = new List<BillingMonth>();
        if (await sources.Meter.Extent(ct) is { } used)
        {
            for (var one = months.Last?.Next ?? BillingMonth.Of(used.From); one < month; one = one.Next)
            {
                if ((await rating.Rate(one, policies, ct)).Charges.Count > 0)
                {
                    open.Add(one);
                }
            }
        }

        return open;
    }

    private static async Task<(IReadOnlyList<FundOf> Funds, Dictionary<string, int> Versions)> Funds(
        Sources sources, CancellationToken ct)
    {
        var funds = new List<FundOf>();
        var versions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var programme in sources.Programmes)
        {
            var events = await sources.Journal.Read<FundEvent>(Fund.Fold.StreamOf(programme.Id), ct);
            funds.Add(new(programme, Fund.Fold.Of(events)));
            versions[programme.Id] = events.Count;
        }

        return (funds, versions);
    }
}
