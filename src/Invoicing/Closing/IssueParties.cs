using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Profiles;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>Numbers the invoices of a close to parties, and says what follows from them.</summary>
internal static class IssueParties
{
    /// <summary>The numbers of a close, and the appends that take them and issue the invoices.</summary>
    public static async Task<(IReadOnlyList<(string Number, PartyDraft Draft)> Issued, List<StreamAppend> Appends)> Run(
        IJournal journal, ClosePlan plan, BillingProfiles profiles, Instant now, CancellationToken ct)
    {
        var issued = new List<(string, PartyDraft)>();
        var appends = new List<StreamAppend>();
        foreach (var kind in plan.Parties.GroupBy(draft => draft.Party.Kind))
        {
            var series = NumberSeries.Parties(kind.Key, now);
            var stream = NumberSeries.Fold.StreamOf(series);
            var taken = await journal.Read<NumberEvent>(stream, ct);
            var first = NumberSeries.Fold.Of(taken).Last + 1;
            var next = first;
            foreach (var draft in kind)
            {
                var number = NumberSeries.Number(series, next++);
                issued.Add((number, draft));
                appends.Add(StreamAppend.Of<PartyEvent>(PartyInvoice.Fold.StreamOf(number), 0,
                [
                    Issue(draft, number, plan.Month, profiles, now),
                ]));
            }

            appends.Add(StreamAppend.Of<NumberEvent>(
                stream, taken.Count, [new NumberEvent.Assigned(first, next - first, plan.Month)]));
        }

        return (issued, appends);
    }

    /// <summary>What is issued to a party, with what it says of issuer and customer on the day of issue.</summary>
    public static PartyEvent.Issued Issue(
        PartyDraft draft, string number, BillingMonth month, BillingProfiles profiles, Instant now)
    {
        var (account, today) = (draft.Party.ToString(), now.InUtc().Date);
        return new(number, month, draft.Party, draft.Lines, draft.Owed, profiles.DueOf(account, today), now)
        {
            Letterhead = profiles.Of(account, today),
        };
    }

    /// <summary>What an institution takes from its PIs: it owes, and they do not.</summary>
    public static LedgerEvent.Posted? Entry(string number, BillTo party, IEnumerable<PartyLine> lines, Instant now)
    {
        if (party.Kind != PartyKind.Institution)
        {
            return null;
        }

        var taken = lines.ToList();
        return Ledger.Entry.Of(
            PartyInvoice.Fold.StreamOf(number), $"{number}: {party.Name} takes what its PIs owe",
            taken.Select(line => new Posting(Ledger.Entry.Receivable(line.Pi), -line.Amount))
                .Append(new(Ledger.Entry.Receivable(party), Money.Sum(taken.Select(line => line.Amount)))), now);
    }
}
