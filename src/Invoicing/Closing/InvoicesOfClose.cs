using Exchange.Invoicing.Profiles;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>The invoices of a close as events, with the numbers that they take.</summary>
internal static class InvoicesOfClose
{
    /// <summary>The next numbers: a draft in favour of its PI is a credit note and has a series of its own.</summary>
    public static async Task<(string[] Numbers, List<StreamAppend> Taken)> Number(
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
                stream, taken.Count, [new NumberEvent.Assigned(first, next - first, month)]));
        }

        return (numbers, appends);
    }

    /// <summary>Every draft as events; those with a PI are issued under the numbers, in order.</summary>
    public static IEnumerable<StreamAppend> Events(
        ClosePlan plan, string[] numbers, BillingProfiles profiles,
        Func<InvoiceEvent.Drafted, InvoiceEvent.BilledToInstitution?> takenOf, Instant now)
    {
        var next = 0;
        foreach (var draft in plan.Drafts)
        {
            yield return Events(draft, draft.Pi is null ? null : numbers[next++], profiles, takenOf(draft), now);
        }
    }

    private static StreamAppend Events(
        InvoiceEvent.Drafted draft, string? number, BillingProfiles profiles,
        InvoiceEvent.BilledToInstitution? taken, Instant now)
    {
        List<InvoiceEvent> events = number is null ? [draft] : CloseMonth.Issue(draft, number, profiles, now);
        if (number is not null && taken is not null)
        {
            events.Add(taken);
        }

        return StreamAppend.Later(ClosePlan.StreamOf(draft), 0, events);
    }
}
