using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>
/// Months over the end of a year at the command line, and between their closes whatever can happen to what was billed
/// (<see cref="DrawnActs"/>). After each close and act the same money is told alike everywhere; a close that was made
/// proposes nothing again; in the end each close is given back as of its day, and each line that was ever issued is
/// explained by the bytes of then. SIMULATION_SEED tries another history, SIMULATION_HISTORIES that many of them.
/// </summary>
public class DrawnHistories(ITestOutputHelper output)
{
    private const int ActsAMonth = 9;
    private static readonly BillingMonth First = new(2026, 10);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>What a close wrote and told, to be given back as of its day.</summary>
    private sealed record AsClosed(LocalDate Day, string Charges, string Invoices);

    [Fact]
    public async Task Keep_what_was_billed()
    {
        var seed = Number("SIMULATION_SEED", 11);
        for (var history = 0; history < Number("SIMULATION_HISTORIES", 1); history++)
        {
            await Live(seed + history, Number("SIMULATION_MONTHS", 4));
        }
    }

    private async Task Live(int seed, int count)
    {
        var drawn = new Random(seed);
        List<BillingMonth> months = [.. Enumerable.Range(0, count).Select(First.Plus)];
        await using var exchange = await Begin(drawn);
        var acts = new DrawnActs(drawn, exchange, months);
        var (closed, explained) = (
            new Dictionary<BillingMonth, AsClosed>(), new SortedDictionary<string, string>(StringComparer.Ordinal));
        try
        {
            foreach (var month in months)
            {
                exchange.Time = month.End + Duration.FromDays(2);
                var readings =
                    from of in Neighbors.Projects
                    from n in Enumerable.Range(0, 3)
                    select Neighbors.Drawn(drawn, of.Project, $"{month}", $"{n}");
                await exchange.Type("ingest -", $"[{string.Join(',', readings)}]");
                await Close(exchange, month);
                closed[month] = await Written(exchange, month, null);
                await Explain(exchange, explained);
                for (var act = 0; act < ActsAMonth; act++)
                {
                    exchange.Time = month.End + Duration.FromDays(3 + act);
                    await acts.One(month);
                    await Conserves(exchange);
                }
            }

            foreach (var (month, before) in closed)
            {
                Assert.Equal(before, await Written(exchange, month, before.Day));
            }

            foreach (var (number, bytes) in explained)
            {
                Assert.Equal($"{number} {bytes}", $"{number} {await Explained(exchange, number)}");
            }

            await exchange.Type("verify");
        }
        catch
        {
            output.WriteLine($"seed {seed}\n{string.Join('\n', acts.Typed)}");
            throw;
        }

        output.WriteLine($"seed {seed}: {string.Join(", ", acts.Done.Select(of => $"{of.Value} × {of.Key}"))}");
    }

    /// <summary>Closes a month; the close after it would change nothing of the months before.</summary>
    private static async Task Close(TypedExchange exchange, BillingMonth month)
    {
        await Neighbors.Close(exchange, $"{month}");
        await Conserves(exchange);
        const string Events = "select count(*)::text, '' from journal.event where stream not like 'audit%'";
        var before = await exchange.Rows(Events);
        await Neighbors.Close(exchange, $"{month}");
        Assert.Equal(before, await exchange.Rows(Events));
        var next = JsonDocument.Parse(await exchange.Type(
            $"close --month {month.Next} --accept close/parked --json")).RootElement;
        Assert.Equal(
            $"{month}: nothing", $"{month}: " + string.Join(", ", next.GetProperty("invoices").EnumerateArray()
                .Where(invoice => invoice.GetProperty("adjustments").GetInt32() > 0)
                .Select(invoice => $"{invoice.GetProperty("account")} {invoice.GetProperty("total")}")
                .DefaultIfEmpty("nothing")));
    }

    private static async Task Conserves(TypedExchange exchange)
    {
        await using var database = NpgsqlDataSource.Create(exchange.Database);
        Assert.Equal([], await Conservation.Broken(database, Ct));
    }

    /// <summary>What is written of a month, now or as of the day on which it was closed.</summary>
    private static async Task<AsClosed> Written(TypedExchange exchange, BillingMonth month, LocalDate? day)
    {
        var then = day ?? exchange.Time.InUtc().Date;
        var asOf = day is null ? "" : $" --as-of {then:uuuu-MM-dd}";
        var folder = Directory.CreateTempSubdirectory("exchange-then-");
        await exchange.Type($"export charges --month {month} --out {folder.FullName}{asOf}");
        var charges = await File.ReadAllTextAsync(
            Path.Combine(folder.FullName, $"charges-{month}.csv"), Ct);
        folder.Delete(recursive: true);
        return new(then, charges, await exchange.Type($"invoices list --month {month}{asOf}"));
    }

    /// <summary>How everything that was issued since is explained.</summary>
    private static async Task Explain(TypedExchange exchange, SortedDictionary<string, string> explained)
    {
        foreach (var (number, _) in await exchange.Rows(
            "select number, '' from invoicing.invoice where number is not null union all " +
            "select number, '' from invoicing.party_invoice order by 1"))
        {
            if (!explained.ContainsKey(number))
            {
                explained[number] = await Explained(exchange, number);
            }
        }
    }

    /// <summary>A number with its lines; not what was paid of it since.</summary>
    private static async Task<string> Explained(TypedExchange exchange, string number)
    {
        var whole = JsonNode.Parse(await exchange.Type($"explain {number} --json"))!.AsObject();
        whole.Remove("row");
        return whole.ToJsonString();
    }

    private static async Task<TypedExchange> Begin(Random drawn)
    {
        var exchange = await TypedExchange.Start(First.Start);
        await exchange.Type($"directory publish {Product.File("pricing/institutions.yaml")}");
        await exchange.Type($"programs publish {Product.File("pricing/programmes")}");
        foreach (var sheet in (string[])[
            Neighbors.Sheet("acme", "a1", "compute", "vm", "vcpu", "0.37"),
            Neighbors.Sheet("bolt", "b1", "volumes", "volume", "storage_gib", "0.0031")])
        {
            await exchange.Type($"prices publish {await exchange.File(sheet, "yaml")}");
        }

        await Neighbors.Tell(exchange, "2025-12", Neighbors.Projects);
        await exchange.Type("settings set --name MOC --hard-close-months 2");
        await exchange.Type("prepaid open G --contact gus@elsewhere.edu");
        await exchange.Type("prepaid cover G --project gus --from 2026-10");
        await exchange.Type("prepaid cover G --project gil --from 2026-10");
        await exchange.Type($"prepaid pay G --amount \"{drawn.Next(200, 1_500)}.00 USD\" --reference w --from 2026-10");
        return exchange;
    }

    private static int Number(string variable, int otherwise) => int.Parse(
        Environment.GetEnvironmentVariable(variable) ?? $"{otherwise}", CultureInfo.InvariantCulture);
}
