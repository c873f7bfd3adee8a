using System.Collections.Immutable;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// Issues what a void invoice to a PI billed again, as a close would bill it now: rated by today's prices, owners and
/// usage, paid by what funds have, and taken by an institution that has an agreement.
/// </summary>
internal sealed class ReissueToPi(UnitOfWork work, Sources sources, Instant now)
{
    private readonly BillingMonth _month = BillingMonth.Of(now);

    /// <param name="id">As the stream of the void invoice is called.</param>
    /// <returns>The new numbers; none where nothing is due.</returns>
    public async Task<ImmutableArray<string>> Run(string id, Invoice.Voided gone, CancellationToken ct)
    {
        await ReadFirst(ct);
        var read = await ReadForClose.Begin(sources, keepsParts: true, ct);
        var inputs = await read.Again(gone.Content, gone.Terms.Number, _month, now, ct);
        var plan = PlanClose.Run(inputs, [], now);
        var drafts = plan.Drafts.Where(draft => draft.Pi is not null).ToList();
        if (drafts.Count == 0)
        {
            return [];
        }

        var kept = await CloseMonth.Keep(sources, plan, inputs, read, ct);
        read.LetGo();
        var numbers = new NumbersToTake(work, _month);
        var entries = new List<LedgerEvent>();
        var taken = await Parties(plan, gone, numbers, entries, ct);
        var profiles = sources.Profiles.Following(read.Rating.Directory.PiOf);
        var issued = ImmutableArray.CreateBuilder<string>();
        foreach (var draft in drafts)
        {
            var number = await numbers.Next(SeriesOf(draft), ct);
            issued.Add(number);
            entries.Add(Entry.OfInvoice(ClosePlan.StreamOf(draft), draft, now));
            entries.AddRange(await CorrectSettlements.Run(work, sources.Landlords, (draft, false), number, now, ct));
            work.Create(ClosePlan.StreamOf(draft), EventsOf(draft, number, profiles, taken));
        }

        Spend(plan);
        numbers.Append();
        ImmutableArray<string> ids = [.. drafts.Select(ClosePlan.IdOf)];
        work.Append<InvoiceEvent>(
            Invoice.Fold.StreamOf(id), [new InvoiceEvent.Replaced(ids, issued.ToImmutable(), now)]);
        work.Append<MonthEvent>(Months.Fold.StreamOf(Months.Id),
        [
            new MonthEvent.InvoiceReissued(
                _month, id, ids, [.. drafts.Select(draft => draft.Pi!.Value)], kept, now),
        ]);
        work.Create($"ledger-reissue:{id}", entries);
        return issued.ToImmutable();
    }

    /// <summary>
    /// What a close and every other correction appends to is read before all else: whoever is faster makes this one
    /// begin again.
    /// </summary>
    private async Task ReadFirst(CancellationToken ct)
    {
        _ = await work.Read<MonthEvent>(Months.Fold.StreamOf(Months.Id), ct);
        _ = await work.Read<PrepaidEvent>(PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id), ct);
        foreach (var programme in sources.Programmes)
        {
            _ = await work.Read<FundEvent>(Fund.Fold.StreamOf(programme.Id), ct);
        }
    }

    private string SeriesOf(InvoiceEvent.Drafted draft) =>
        Money.Sum(draft.Lines.Select(line => line.PiBalance)) < Money.Zero
            ? NumberSeries.Credits(now)
            : NumberSeries.Invoices(now);

    private List<InvoiceEvent> EventsOf(
        InvoiceEvent.Drafted draft, string number, BillingProfiles profiles,
        IReadOnlyDictionary<BillTo, string> taken)
    {
        var events = CloseMonth.Issue(draft, number, profiles, now);
        if (PlanParties.Taking(sources.Institutions, draft) is { } party && taken.TryGetValue(party, out var by))
        {
            events.Add(new InvoiceEvent.BilledToInstitution(party.Name, by, now));
        }

        return events;
    }

    /// <summary>The invoices of institutions that take what the PIs owe.</summary>
    private async Task<IReadOnlyDictionary<BillTo, string>> Parties(
        ClosePlan plan, Invoice.Voided gone, NumbersToTake numbers, List<LedgerEvent> entries, CancellationToken ct)
    {
        var taken = new Dictionary<BillTo, string>();
        foreach (var draft in plan.Parties.Where(one => one.Party.Kind == PartyKind.Institution))
        {
            var number = await numbers.Next(NumberSeries.Parties(draft.Party.Kind, now), ct);
            taken[draft.Party] = number;
            work.Create<PartyEvent>(PartyInvoice.Fold.StreamOf(number),
            [
                IssueParties.Issue(draft, number, _month, sources.Profiles, now) with { Replaces = gone.Terms.Number },
            ]);
            if (IssueParties.Entry(number, draft.Party, draft.Lines, now) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return taken;
    }

    private void Spend(ClosePlan plan)
    {
        foreach (var (fund, events) in plan.Spent)
        {
            work.Append(Fund.Fold.StreamOf(fund), events);
        }

        work.Append<PrepaidEvent>(PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id), plan.Prepaid);
    }
}
