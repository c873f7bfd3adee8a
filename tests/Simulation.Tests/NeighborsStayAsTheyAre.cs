using Exchange.Testing;
using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>
/// Whatever happens to one account after a month was closed, everything that is told of every other account, then and
/// in the months after, is the same to the letter as in an exchange where it never happened. A short run lets some of
/// it happen. Seen to fail with a settlement that listed which fund pays.
/// </summary>
public class NeighborsStayAsTheyAre
{
    /// <summary>What happens, who has a part in it, and how.</summary>
    private sealed record Cause(string What, string[] Touched, Func<TypedExchange, Random, Task> Happen);

    public static TheoryData<int> Seeds => new(Draws.Seeds(few: 1, many: 4));

    [Theory, MemberData(nameof(Seeds))]
    public async Task While_one_account_is_corrected_in_any_way(int seed)
    {
        await using var lived = await new Neighbors(seed).Live();
        var without = await Went(lived, seed, (_, _) => Task.CompletedTask);
        foreach (var cause in Draws.Of([.. Causes()], "causes", few: 5))
        {
            var with = await Went(lived, seed, cause.Happen);
            bool IsTouched(string account) => cause.Touched.Contains(account);
            Assert.NotEqual(without.Where(of => IsTouched(of.Key)), with.Where(of => IsTouched(of.Key)));
            Assert.Equal(
                $"{cause.What}: {string.Join('\n', Rows(without).Except(Rows(with)))}",
                $"{cause.What}: {string.Join('\n', Rows(with).Except(Rows(without)))}");

            IEnumerable<string> Rows(SortedDictionary<string, string> told) => told.Where(of => !IsTouched(of.Key))
                .SelectMany(of => of.Value.Split('\n').Index().Select(row => $"{of.Key} {row.Index} {row.Item}"));
        }
    }

    /// <summary>What is told of each account once the coming months are closed as well.</summary>
    private static async Task<SortedDictionary<string, string>> Went(
        TypedExchange lived, int seed, Func<TypedExchange, Random, Task> happen)
    {
        await using var exchange = await lived.Copy();
        await happen(exchange, new Random(seed));
        foreach (var month in Neighbors.Coming)
        {
            await Neighbors.Close(exchange, month);
        }

        await exchange.Type("verify");
        return await Neighbors.Told(exchange);
    }

    private static IEnumerable<Cause> Causes()
    {
        string[] acme = ["landlord:acme"], bolt = ["landlord:bolt"];
        string[] bu = ["payer:bu-research-it", "institution:Boston University"];
        yield return new("late usage", [.. bu, .. acme, "pi:ann@bu.edu"], (exchange, drawn) =>
            exchange.Type("ingest -", Neighbors.Drawn(drawn, "ann", "2026-02", "late")));
        yield return new("a reading taken back", [.. acme, "pi:mia@mit.edu", "payer:mghpcc"], (exchange, drawn) =>
            exchange.Type($"correct mia-{Month(drawn)}-1 --landlord acme --source urn:meter --reason test"));
        yield return new("a reading put right", [.. bolt, "pi:out@elsewhere.edu"], async (exchange, drawn) =>
        {
            var month = Month(drawn);
            var right = await exchange.File(Neighbors.Drawn(drawn, "vol-out", month, "0"), "json");
            await exchange.Type(
                $"correct vol-out-{month}-0 --landlord bolt --source urn:meter --reason test --with {right}");
        });
        yield return new(
            "a project told to be another's", [.. acme, "pi:mia@mit.edu", "pi:out@elsewhere.edu", "payer:mghpcc"],
            (exchange, drawn) => Neighbors.Tell(exchange, Month(drawn), [("mia", "out@elsewhere.edu", "")]));
        yield return new(
            "another code", ["institution:Harvard University"],
            (exchange, drawn) => Neighbors.Tell(exchange, Month(drawn), [("hal", "hal@harvard.edu", "333")]));
        yield return new(
            "two addresses of one person", [.. acme, "pi:mia@mit.edu", "pi:hue@harvard.edu", "payer:mghpcc",
                "institution:Harvard University"],
            (exchange, _) => exchange.Type("projects merge mia@mit.edu hue@harvard.edu"));
        yield return new(
            "a lower price", [.. bolt, "pi:bob@bu.edu", "pi:out@elsewhere.edu", .. bu], async (exchange, _) =>
            {
                var sheet = Neighbors.Sheet("bolt", "b1", "volumes", "volume", "storage_gib", "0.0030");
                await exchange.Type($"prices correct {await exchange.File(sheet, "yaml")} --because test");
                await exchange.Type("prices accept bolt/volumes!1");
            });
        yield return new(
            "an outage", [.. bolt, "pi:bob@bu.edu", "pi:out@elsewhere.edu", .. bu],
            (exchange, drawn) => exchange.Type(string.Format(
                null, "outages add --landlord bolt --name o1 --cluster b1 --from {0}-05T00:00:00Z " +
                "--until {0}-19T00:00:00Z --because test --correction", Month(drawn))));
        yield return new("money that came", ["pi:out@elsewhere.edu"], (exchange, _) => exchange.Type(
            "payments record out@elsewhere.edu --reference wire-1 --amount \"12.34 USD\""));
        foreach (var (what, line) in ((string, string)[])[
            ("a credit note", "credit {0} --amount \"1.00 USD\" --because test"),
            ("a write-off", "write-off {0} --because test"),
            ("an invoice taken back", "void {0} --because test"),
            ("an invoice issued again", "void {0} --reissue --because test")])
        {
            yield return new(what, [.. bolt, "pi:out@elsewhere.edu"], async (exchange, _) => await exchange.Type(
                $"invoices {string.Format(null, line, await NumberOf(exchange, "out@elsewhere.edu"))}"));
        }

        yield return new("a cap", [.. bu, "pi:ann@bu.edu"], (exchange, _) => exchange.Type(
            "programs cap nerc-bu-subsidy --pi ann@bu.edu --amount \"7.00 USD\" --from 2026-04"));
        yield return new("a person who moves", [.. bu, "pi:ann@bu.edu", "payer:mghpcc"], (exchange, _) => exchange.Type(
            "directory affiliate ann@bu.edu --institution \"none\" --from 2026-04-01"));
        yield return new("more money of a group", ["pi:gus@elsewhere.edu", "pi:gil@elsewhere.edu", "group:G"],
            (exchange, _) => exchange.Type(
                "prepaid pay G --amount \"50.00 USD\" --reference w2 --from 2026-04"));
    }

    private static string Month(Random drawn) => Neighbors.Closed[drawn.Next(Neighbors.Closed.Count)];

    private static async Task<string> NumberOf(TypedExchange exchange, string pi) => (await exchange.Rows(
        $"select number, '' from invoicing.invoice where account = '{pi}' and month = '2026-02'"))[0].Of;
}
