using Exchange.Invoicing;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Portal;
using Exchange.Portal.Cli;
using Npgsql;
using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>
/// 'exchange close --commit' is stopped in front of every statement it makes, one after the other: the month is
/// whole or not there, and the same command ends the work.
/// Seen to fail with a close that wrote the month and its invoices in two appends.
/// </summary>
public class ClosingIsAllOrNothing
{
    private const int MoreThanItMakes = 2_000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task When_someone_presses_Ctrl_C()
    {
        await using var exchange = await MarchMetered();
        await UntilItEnds(exchange, ExitCode.Interrupted, async statement =>
        {
            using var pressed = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            return await Crash.Meanwhile(statement, pressed.Cancel, () => Close(exchange, pressed.Token));
        });
    }

    [Fact]
    public async Task When_the_database_goes_away()
    {
        await using var exchange = await MarchMetered();
        await using var other = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(exchange.Connection)
        {
            Database = "postgres",
        });
        await UntilItEnds(exchange, ExitCode.WorldFailed, statement => Crash.Meanwhile(
            statement, () => HangUp(exchange, other), () => Close(exchange, Ct)));
    }

    private static async Task UntilItEnds(
        Exchanges exchange, int stopped, Func<int, Task<(int Exit, string Said)>> closeStoppedAt)
    {
        const int First = 2; // Before it, the first connection is being made and there is nothing to hang up.
        var timesEmpty = 0;
        var timesWhole = 0;
        for (var statement = First; statement < MoreThanItMakes; statement++)
        {
            var (exit, said) = await closeStoppedAt(statement);
            await exchange.ComeBack(Ct);
            if (exit == ExitCode.Done)
            {
                break;
            }

            Assert.True(exit == stopped, $"Statement {statement}: exit {exit}. {said}");
            if (await IsWhole(exchange))
            {
                timesWhole++;
            }
            else
            {
                Assert.Equal(0, timesWhole);
                timesEmpty++;
            }
        }

        Assert.True(timesEmpty > 5 && timesWhole > 2, $"Stopped {timesEmpty} times before, {timesWhole} after.");
        Assert.True(await IsWhole(exchange));
        Assert.Empty(await exchange.Living.Meter.Verify(Ct));
        await exchange.Living.Projections.CatchUp(Ct);
        Assert.Equal(3, (await Written(exchange)).Count(type => type == "invoice-drawn/1"));
        Assert.Empty(await KeepDocuments.Verify(exchange.Living.Database, Ct));
    }

    /// <summary>The month is closed with its three invoices, or there is no trace of it.</summary>
    private static async Task<bool> IsWhole(Exchanges exchange)
    {
        var closed = (await exchange.Living.Journal.State(Months.Fold, Months.Id, Ct)).IsClosed(Story.March);
        var written = await Written(exchange);
        string[] expected = closed ? ["3", "3", "1", "1"] : ["0", "0", "0", "0"];
        Assert.Equal(expected, ((string[])["invoice-drafted", "invoice-issued", "settlement-drawn", "numbers-taken"])
            .Select(type => $"{written.Count(w => w.StartsWith(type, StringComparison.Ordinal))}"));
        return closed;
    }

    /// <summary>The types of all events of the journal.</summary>
    private static async Task<List<string>> Written(Exchanges exchange)
    {
        var written = new List<string>();
        for (var position = 0L; await exchange.Living.Journal.ReadAll(position, 1_000, Ct) is { Count: > 0 } some;
            position = some[^1].Position)
        {
            written.AddRange(some.Select(recorded => recorded.Event.Type));
        }

        return written;
    }

    private static async Task<(int Exit, string Said)> Close(Exchanges exchange, CancellationToken ct)
    {
        var said = new StringWriter();
        var terminal = new Terminal(
            said, said, () => Stream.Null, interactive: false, new StoppedClock(Exchanges.Now));
        var exit = await CommandLine.Run(
            ["close", "--month", "2026-03", "--commit", "--database", exchange.Connection], terminal, ct);
        return (exit, said.ToString());
    }

    private static void HangUp(Exchanges exchange, NpgsqlDataSource other)
    {
        using var command = other.Statement(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = $1",
            [new NpgsqlConnectionStringBuilder(exchange.Connection).Database!]);
        command.ExecuteNonQuery();
    }

    private static async Task<Exchanges> MarchMetered()
    {
        var exchange = await Exchanges.Begin(Ct);
        await exchange.Living.Meter.Ingest(
            new Story(3).Deliveries.Where(d => !d.IsLate).Select(d => (Collected)d.Reading), Ct);
        await exchange.Living.Meter.Fold(Ct);
        return exchange;
    }
}
