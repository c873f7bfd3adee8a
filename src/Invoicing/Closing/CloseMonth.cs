using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>'exchange close --month M' — bills a month, once, all or nothing.</summary>
public static class CloseMonth
{
    /// <param name="Numbers">The numbers of the invoices, in the order of the drafts that have a PI.</param>
    /// <param name="AlreadyClosed">What was written when the month was closed before; then nothing is written.</param>
    public sealed record CloseOutcome(ClosePlan? Plan, IReadOnlyList<string> Numbers, MonthEvent.Closed? AlreadyClosed)
    {
        /// <summary>The invoices to institutions, payers and groups.</summary>
        public IReadOnlyList<(string Number, PartyDraft Draft)> Parties { get; init; } = [];
    }

    /// <summary>What a close would write now. Writes nothing.</summary>
    /// <param name="accepted">Codes of failed checks that the closer takes upon themselves.</param>
    /// <param name="looked">Told each closed month that is worked out again.</param>
    /// <exception cref="RefusedException">The month may not be closed at all.</exception>
    public static async Task<CloseOutcome> Plan(
        Sources sources, BillingMonth month, string policies, Instant now, CancellationToken ct,
        IReadOnlySet<string>? accepted = null, Action<BillingMonth>? looked = null)
    {
        var (outcome, read, _) = await Work(
            sources, month, policies, accepted ?? new HashSet<string>(), now, false, ct);
        foreach (var again in read.Looked.Where(rated => rated != month).Order())
        {
            looked?.Invoke(again);
        }

        return outcome;
    }

    /// <summary>
    /// What came to months that no close bills by itself, as the next close will find it; no other month is worked out.
    /// </summary>
    /// <param name="also">A month to look at, whether anything came to it or not.</param>
    public static async Task<IReadOnlyList<LateMonth>> Late(
        Sources sources, Instant now, CancellationToken ct, BillingMonth? also = null)
    {
        sources = await sources.Now(ct);
        var read = await ReadForClose.Begin(sources, keepsParts: false, ct);
        return read.Months.Last is not { } last ? [] : HardClose.LeaveOut(await read.Inputs(
            last.Next, Rating.Policies.Corrected,
            also is { } month ? new HashSet<string> { HardClose.Look(month) } : new HashSet<string>(), now, ct,
            CloseReach.Late)).Late;
    }

    /// <summary>Closes for the exchange itself: benchmarks and tests. People run the command.</summary>
    /// <exception cref="RefusedException">The month may not be closed, or a check stands in the way.</exception>
    /// <exception cref="ConflictException">Someone else closed or spent meanwhile; run it again.</exception>
    public static async Task<CloseOutcome> Commit(
        Sources sources, BillingMonth month, string policies, IReadOnlySet<string> accepted, string by, Instant now,
        CancellationToken ct)
    {
        var work = new UnitOfWork(sources.Journal);
        var (outcome, sweep) = await Decide(work, sources, new(month, policies, accepted, by), now, ct);
        if (sweep is not null)
        {
            await sources.Journal.Append(work.Appends, ct);
            await sweep(ct);
        }

        return outcome;
    }

    /// <summary>Says what is to be appended: invoices, settlements, entries and what funds spent.</summary>
    /// <returns>Also what takes away, once it is appended, what other tries kept of the month.</returns>
    internal static async Task<(CloseOutcome Outcome, Func<CancellationToken, Task>? Sweep)> Decide(
        UnitOfWork work, Sources sources, CloseRequest asked, Instant now, CancellationToken ct)
    {
        sources = await sources.Now(ct);
        var month = asked.Month;
        var (outcome, read, closing) = await PlanAndKeep(sources, asked, now, ct);
        if (outcome.Plan is not { } plan || closing?.Kept is not { } kept)
        {
            return (outcome, null);
        }

        var issued = plan.Drafts.Where(draft => draft.Pi is not null).ToList();
        var (numbers, taken) = await InvoicesOfClose.Number(sources.Journal, month, issued, now, ct);
        var profiles = sources.Profiles.Following(read.Rating.Directory.PiOf);
        var (parties, partyAppends) = await IssueParties.Run(sources.Journal, plan, profiles, now, ct);
        var taking = parties.ToDictionary(of => of.Draft.Party, of => of.Number);
        InvoiceEvent.BilledToInstitution? TakenOf(InvoiceEvent.Drafted draft) =>
            PlanParties.Taking(sources.Institutions, draft) is { } party && taking.TryGetValue(party, out var number)
                ? new(party.Name, number, now)
                : null;

        work.Append(StreamAppend.Of<MonthEvent>(
            Months.Fold.StreamOf(Months.Id), read.MonthsVersion, [.. HardClose.Decided(plan, asked, now), closing]));
        foreach (var append in (IEnumerable<StreamAppend>)[
            .. InvoicesOfClose.Events(plan, numbers, profiles, TakenOf, now), .. OfFunds(plan, read),
            .. taken, .. partyAppends, .. Entries(plan, parties, now), .. CorrectTerms.Appends(plan, now)])
        {
            work.Append(append);
        }

        var accrued = await work.State(Accruals.Fold, Accruals.Id, ct);
        work.Append(Accruals.Fold.StreamOf(Accruals.Id), accrued.Reverse(month, now));
        return (
            outcome with { Numbers = numbers, Parties = parties },
            ct => KeepCharges.Sweep(sources.Database, month, read.Months.Runs.Add(kept), ct));
    }

    /// <summary>What funds and prepaid groups spent, and what landlords are owed.</summary>
    private static IEnumerable<StreamAppend> OfFunds(ClosePlan plan, ReadForClose read) =>
    [
        .. plan.Spent.Select(of => StreamAppend.Of(
            Fund.Fold.StreamOf(of.Key), read.FundVersions[of.Key], of.Value)),
        .. plan.Settlements.Select(s => StreamAppend.Of<SettlementEvent>(
            Settle.StreamOf(s.Landlord, s.Month), 0, [s])),
        StreamAppend.Of<PrepaidEvent>(
            PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id), read.PrepaidVersion, plan.Prepaid),
    ];

    private static IEnumerable<StreamAppend> Entries(
        ClosePlan plan, IReadOnlyList<(string Number, PartyDraft Draft)> parties, Instant now) =>
    [
        StreamAppend.Of<LedgerEvent>($"ledger-{plan.Month}", 0,
        [
            .. plan.Entries,
            .. parties.Select(of => IssueParties.Entry(of.Number, of.Draft.Party, of.Draft.Lines, now))
                .OfType<LedgerEvent>(),
        ]),
    ];

    /// <summary>
    /// What a step of a close leaves behind is old by then: the runtime would not look for it until as much again has
    /// come, and a close of ten thousand projects would take a hundred megabytes more. What is free goes back to the
    /// system, for the next step fills other places.
    /// </summary>
    private static void Collect() =>
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    /// <summary>Works the close out and keeps what it bills; what it was worked out from is let go here.</summary>
    private static async Task<(CloseOutcome Outcome, ReadForClose Read, MonthEvent.Closed? Closing)> PlanAndKeep(
        Sources sources, CloseRequest asked, Instant now, CancellationToken ct)
    {
        var (month, policies, accepted) = (asked.Month, asked.Policies, asked.Accepted);
        var (outcome, read, inputs) = await Work(sources, month, policies, accepted, now, true, ct);
        if (outcome.Plan is not { } plan || inputs is null)
        {
            return (outcome, read, null);
        }

        asked.Check(plan);
        PiId[] issued = [.. plan.Drafts.Select(draft => draft.Pi).OfType<PiId>().Distinct()];
        var closing = new MonthEvent.Closed(
            month, policies, plan.Total, plan.Drafts.Count(draft => draft.Pi is not null), [.. issued],
            [.. plan.Checks.Where(check => check.Blocks).Select(check => check.Accept),
                .. accepted.Where(one => BillingHolds.IsRelease(one) || HardClose.IsDecision(one))
                    .Order(StringComparer.Ordinal)], asked.By, now);
        if (Months.Close(read.Months, closing).OrThrow() is [])
        {
            return (outcome, read, null);
        }

        Collect();
        closing = closing with
        {
            Kept = await Keep(sources, plan, inputs, read, ct),
            Seen = SeenBy(read, plan),
            Standing = plan.Standing,
        };
        read.LetGo();
        Collect();
        return (outcome with { Plan = plan with { Notes = new() } }, read, closing);
    }

    /// <summary>A draft with its number, and what it says of issuer and customer on the day of issue.</summary>
    internal static List<InvoiceEvent> Issue(
        InvoiceEvent.Drafted draft, string number, BillingProfiles profiles, Instant now)
    {
        var (account, today) = (BillingProfiles.AccountOf(draft.Pi!.Value), now.InUtc().Date);
        List<InvoiceEvent> events = [draft];
        events.AddRange(Invoice.Issue(
            Invoice.Fold.Of(events), number, profiles.DueOf(account, today), now, profiles.Of(account, today))
            .OrThrow());
        return events;
    }

    /// <summary>How far the close had read, and the months of those whom it leaves out.</summary>
    private static Seen? SeenBy(ReadForClose read, ClosePlan plan) =>
        read.Seen is { } seen ? seen with { Rest = plan.Rest } : null;

    /// <summary>Keeps what the close bills and what that rests on; without the close it is nothing.</summary>
    internal static async Task<KeptRun> Keep(
        Sources sources, ClosePlan plan, CloseInputs inputs, ReadForClose read, CancellationToken ct)
    {
        var causes = await new FindCauses(sources.Meter, read, inputs).Of(plan, ct);
        var lines = new LinesToKeep(
            plan, inputs, read.Rating.Books.Sheet, (invoice, place) => causes.GetValueOrDefault((invoice, place), []));
        return await KeepCharges.Write(
            sources.Database, plan.Month, lines,
            (month, line) => read.Parts.TryGetValue(month, out var parts) ? parts.Of(line) : [],
            read.Months.Runs.LastOrDefault()?.Root, read.Meter, ct);
    }

    private static async Task<(CloseOutcome Outcome, ReadForClose Read, CloseInputs? Inputs)> Work(
        Sources sources, BillingMonth month, string policies, IReadOnlySet<string> accepted, Instant now,
        bool keepsParts, CancellationToken ct)
    {
        HardClose.RefuseBoth(accepted);
        sources = await sources.Now(ct);
        var read = await ReadForClose.Begin(sources, keepsParts, ct);
        if (read.Months.Closed.GetValueOrDefault(month) is { } done)
        {
            return (new(null, [], done), read, null);
        }

        if (read.Months.Last > month)
        {
            Months.Close(read.Months, new(month, policies, Money.Zero, 0, [], [], "", month.End)).OrThrow();
        }

        var inputs = await read.Inputs(month, policies, accepted, now, ct);
        var plan = PlanClose.Run(inputs, await read.Checks(inputs, now, ct), now);
        var terms = await CorrectTerms.Of(sources, read.Months, now, ct);
        return (
            new(plan with
            {
                AsOf = read.AsOf,
                Terms = terms,
                Checks = [.. plan.Checks, .. terms.Select(one => CorrectTerms.CheckOf(one.Of))],
            }, [], null),
            read, inputs);
    }
}
