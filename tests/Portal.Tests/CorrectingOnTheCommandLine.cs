using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Case 21: what was sent wrong and is corrected comes to what is right, in whichever direction it was wrong. Values by
/// hand: 4 SU for 240 h, not 8; 8, not 4; nothing where it was shelved; 120 h, not 240; 4 loads, not 10.
/// </summary>
public sealed class CorrectingOnTheCommandLine
{
    [Fact]
    public async Task Readings_are_corrected_one_by_one_many_at_once_and_by_window_and_what_was_sent_stays()
    {
        using var scratch = new Scratch();
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        var wrong = File(scratch, "wrong.ndjson", string.Join('\n',
            Interval("down", 8, "running", 11), Interval("up", 4, "running", 11), Interval("state", 4, "running", 11),
            Interval("gone", 4, "running", 11), Interval("narrow", 4, "running", 11), Interval("too", 1, "running", 3)));
        await Did($"ingest {wrong}", database, "6 accepted");
        await Right(scratch, database, "down", Interval("down", 4, "running", 11));
        await Right(scratch, database, "up", Interval("up", 8, "running", 11));
        await Right(scratch, database, "state", Interval("state", 4, "shelved", 11));
        await Right(scratch, database, "narrow", Interval("narrow", 4, "running", 6));
        await Did("correct gone too --landlord nerc --source urn:t --reason sent-by-a-test", database, "2 retracted");
        var again = File(scratch, "again.ndjson", string.Join('\n',
            Interval("down", 4, "running", 11), Interval("new", 2, "running", 2)));
        await Did(
            $"correct --landlord nerc --source urn:t --from 2026-10-01 --to 2026-10-02 --reason again --with {again}",
            database, "3 retracted, 0 replaced, 1 added, 1 unchanged");
        Assert.Equal(ExitCode.Done, (await Typed.Line("verify", database: database)).Exit);
        foreach (var bad in (string[])
            [
                "correct --landlord nerc --source urn:t --reason r", "correct a --source urn:t --reason r",
                "correct a --landlord nerc --source urn:t --reason r --from 2026-10-01",
            ])
        {
            Assert.Equal(ExitCode.Refused, (await Typed.Line(bad, database: database)).Exit);
        }
    }

    private static string File(Scratch scratch, string name, string text)
    {
        var path = Path.Combine(scratch.Path, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    private static Task Right(Scratch scratch, string database, string id, string right) => Did(
        $"correct {id} --landlord nerc --source urn:t --reason wrong --with {File(scratch, $"{id}.json", right)}", database,
        "1 replaced");

    private static async Task Did(string line, string database, string expected)
    {
        var typed = await Typed.Line(line, database: database);
        Assert.True(typed.Exit == ExitCode.Done && typed.Output.Contains(expected, StringComparison.Ordinal),
            $"{line}: {typed.Output} {typed.Errors}");
    }

    private static string Interval(string id, int vcpu, string state, int untilDay) =>
        $"{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"urn:t\"," +
        $"\"type\":\"exchange.usage.interval.v1\",\"subject\":\"vm-{id}\",\"data\":{{\"landlord\":\"nerc\"," +
        $"\"cluster\":\"stack\",\"project\":\"p-{id}\",\"kind\":\"vm\",\"from\":\"2026-10-01T00:00:00Z\"," +
        $"\"to\":\"2026-10-{untilDay:00}T00:00:00Z\",\"state\":\"{state}\",\"shape\":{{\"vcpu\":{vcpu}}}}}}}";
}
