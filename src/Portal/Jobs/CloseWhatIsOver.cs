using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Metering.Collectors.Live;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Jobs;

/// <summary>
/// The close job: the months that are over, oldest first, so that a server that was away catches up. That a month is
/// over is believed only when something was heard from after it: a clock that is wrong closes nothing.
/// </summary>
internal static class CloseWhatIsOver
{
    /// <exception cref="RefusedException">
    /// A check stands in the way of a month, or nothing was heard from after it.
    /// </exception>
    public static async Task<string> Run(Composition exchange, JobRun run, CancellationToken ct)
    {
        var closed = new List<BillingMonth>();
        var over = BillingMonth.Of(exchange.Clock.GetCurrentInstant());
        if (await First(exchange, ct) is { } first)
        {
            var heard = await Heard(exchange, ct);
            for (var month = first; month < over; month = month.Next)
            {
                Check(month, heard, over, closed);
                await CloseAndWrite.Run(
                    exchange, new(month, Policies.Corrected, new HashSet<string>(), run.Actor), run.Step, ct);
                closed.Add(month);
            }
        }

        return closed.Count == 0 ? "Every month that is over is closed." : $"Closed {string.Join(", ", closed)}.";
    }

    /// <summary>The month after the last that was closed, or the first in which anything was used.</summary>
    private static async Task<BillingMonth?> First(Composition exchange, CancellationToken ct) =>
        (await exchange.Journal.State(Months.Fold, Months.Id, ct)).Last?.Next
        ?? (await Used(exchange, ct) is { } used ? BillingMonth.Of(used.From) : null);

    private static Task<UsageExtent?> Used(Composition exchange, CancellationToken ct) =>
        new MonthSums(exchange.Meter, exchange.Database).Extent(ct);

    /// <summary>
    /// The latest instant that anybody else spoke of: a reading, or how far a source was read. Our own clock is not
    /// asked, nor when something came in by it.
    /// </summary>
    private static async Task<Instant?> Heard(Composition exchange, CancellationToken ct)
    {
        // A block with readings that have no end still begins with one.
        const string Sql = """
            select greatest(max(to_us) filter (where to_us < 9223372036854775807), max(from_us)) from metering.block
            """;

        Instant? heard = null;
        foreach (var database in await exchange.Meter.Databases(ct))
        {
            await using var command = database.Statement(Sql, []);
            heard = await command.ExecuteScalarAsync(ct) is long at && Instant.FromUnixTimeTicks(at * 10) is var last
                ? Instant.Max(heard ?? last, last)
                : heard;
        }

        var collected = (await new CollectorLog(exchange.Database).All(ct)).Select(one => one.ReadUntil);
        return collected.Append((await Used(exchange, ct))?.To).Append(heard).Max();
    }

    private static void Check(
        BillingMonth month, Instant? heard, BillingMonth now, List<BillingMonth> closed)
    {
        if (heard is null || heard < month.End)
        {
            var before = closed.Count == 0 ? "" : $" {string.Join(", ", closed)} closed.";
            var last = heard is { } at ? $"The last that was heard of is {Exchange.Text.Of(at)}" : "Nothing was heard";
            throw new RefusedException(new(
                "close/not-reached",
                $"{month} is not closed: by this machine's clock it is {now} already, but no reading and no " +
                $"collector has reached {Exchange.Text.Of(month.End)}. {last}. Set the clock right if it is wrong, " +
                $"or let what is missing be sent; if {month} is over and nothing was used since, finance closes it: " +
                $"'exchange close --month {month} --commit'.{before}"));
        }
    }
}
