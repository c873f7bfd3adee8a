using System.Collections.Immutable;
using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// Issues a void invoice to an institution, payer or group again: an institution takes what its PIs owe of that invoice
/// as it stands now, under today's codes; a payer or group is told what its money paid and no other invoice told.
/// </summary>
internal sealed class ReissueToParty(UnitOfWork work, Sources sources, Instant now)
{
    private readonly BillingMonth _month = BillingMonth.Of(now);

    /// <returns>The new number; none where nothing is due.</returns>
    public async Task<ImmutableArray<string>> Run(string number, CancellationToken ct)
    {
        var stream = PartyInvoice.Fold.StreamOf(number);
        var gone = PartyInvoice.Fold.Of(await work.Read<PartyEvent>(stream, ct)) switch
        {
            PartyInvoice.Voided voided => voided,
            _ => throw new RefusedException(ReissueInvoice.NotVoid(number)),
        };
        if (gone.ReplacedBy is { } known)
        {
            return [known];
        }

        return await Issue(stream, gone.Content, ct);
    }

    private async Task<ImmutableArray<string>> Issue(string stream, PartyEvent.Issued gone, CancellationToken ct)
    {
        var invoices = await Open(gone, ct);
        var rating = await RatingNow.Read(sources, ct);
        var draft = gone.Party.Kind == PartyKind.Institution
            ? new PartyDraft(gone.Party, PlanParties.LinesOf(
                invoices.Select(of => of.Draft),
                line => rating.Attribution.Of(line.Cluster, line.Project, line.ServicePeriod.Start).Code ?? line.Code))
            : await Untold(gone.Party, rating, ct);
        if (draft.Lines.IsEmpty)
        {
            return [];
        }

        var numbers = new NumbersToTake(work, _month);
        var again = await numbers.Next(NumberSeries.Parties(draft.Party.Kind, now), ct);
        numbers.Append();
        work.Create<PartyEvent>(PartyInvoice.Fold.StreamOf(again),
        [
            IssueParties.Issue(draft, again, _month, sources.Profiles, now) with { Replaces = gone.Number },
        ]);
        work.Append<PartyEvent>(stream, [new PartyEvent.Replaced(again, now)]);
        foreach (var (invoice, _) in invoices)
        {
            work.Append<InvoiceEvent>(invoice, [new InvoiceEvent.BilledToInstitution(draft.Party.Name, again, now)]);
        }

        if (IssueParties.Entry(again, draft.Party, draft.Lines, now) is { Postings.Length: > 0 } entry)
        {
            work.Create<LedgerEvent>($"ledger-reissue:{gone.Number}", [entry]);
        }

        return [again];
    }

    /// <summary>
    /// What the void invoice had taken and the PIs owe now, and what was issued instead of those that were taken back
    /// too; not what is paid in part, credited or no longer the institution's.
    /// </summary>
    private async Task<IReadOnlyList<(string Stream, InvoiceEvent.Drafted Draft)>> Open(
        PartyEvent.Issued gone, CancellationToken ct)
    {
        var open = new List<(string, InvoiceEvent.Drafted)>();
        foreach (var (id, history) in await TakenInvoices.Of(work, sources.Database, gone, ct))
        {
            var left = new Queue<(string Id, Invoice Invoice)>([(id, Invoice.Fold.Of(history))]);
            while (left.TryDequeue(out var current))
            {
                if (current.Invoice is Invoice.Voided { Replaced: { } replaced })
                {
                    foreach (var next in replaced.Invoices)
                    {
                        left.Enqueue((next, Invoice.Fold.Of(
                            await work.Read<InvoiceEvent>(Invoice.Fold.StreamOf(next), ct))));
                    }
                }
                else if (current.Invoice is Invoice.Issued { BilledToInstitution: null } issued &&
                    issued.Open == issued.Terms.Owed &&
                    PlanParties.Taking(sources.Institutions, issued.Content) == gone.Party)
                {
                    open.Add((Invoice.Fold.StreamOf(current.Id), issued.Content));
                }
            }
        }

        return open;
    }

    private async Task<PartyDraft> Untold(BillTo party, RatingNow rating, CancellationToken ct)
    {
        var months = Months.Fold.Of(await work.Read<MonthEvent>(Months.Fold.StreamOf(Months.Id), ct));
        var funds = new List<FundOf>();
        foreach (var programme in sources.Programmes)
        {
            funds.Add(new(programme, await work.State(Fund.Fold, programme.Id, ct)));
        }

        var inputs = new CloseInputs(
            _month, "", months, [], _ => Array.Empty<InvoiceLine>().ToLookup(_ => default(Account)), funds,
            sources.Institutions, sources.Landlords, new HashSet<string>())
        {
            Prepaid = await work.State(PrepaidGroups.Fold, PrepaidGroups.Id, ct),
            Stated = await ToldSoFar.Read(sources.Journal, months, now, ct),
        }.Following(rating.Directory.PiOf);
        return PlanParties.Run(inputs, [], inputs.Funds, inputs.Prepaid).FirstOrDefault(one => one.Party == party)
            ?? new PartyDraft(party, []);
    }
}
