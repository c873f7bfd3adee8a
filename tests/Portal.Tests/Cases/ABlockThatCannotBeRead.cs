using System.Net;
using Exchange.Portal.Keys;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests.Cases;

/// <summary>
/// A block of one landlord's readings is not what was written: its landlord is not rated and is named on every page, in
/// readiness and by verify; everybody else is rated, shown and taken as before.
/// </summary>
public sealed class ABlockThatCannotBeRead
{
    [Fact]
    public async Task At_the_command_line_others_are_rated_and_a_close_says_why_it_waits()
    {
        using var exchange = await PricedExchange.Start();
        await exchange.Ingest("", UsedMonth.Event("vm-1", "p-a", 4));
        await exchange.Ingest("", UsedMonth.Event("load", "p-b", 1).Replace("interval", "count", StringComparison.Ordinal)
            .Replace("\"nerc\",\"cluster\":\"stack\"", "\"gatefarm\",\"cluster\":\"gatefarm-1\"", StringComparison.Ordinal)
            .Replace("\"kind\":\"vm\"", "\"kind\":\"fpga\",\"meter\":\"bitstream_load\",\"quantity\":4", StringComparison.Ordinal));
        Assert.Equal(["p-a 12.48", "p-b 1.00"], await exchange.Charges());
        await Sql(exchange.Database, "create table saved as table metering.block");
        await Sql(exchange.Database, "update metering.block set body = '\\x00' where number = 1");
        await exchange.Done("replay");

        Assert.Equal(["p-b 1.00"], await exchange.Charges());
        var rated = await exchange.Line("rate --month 2026-10");
        Assert.Contains("block 1 of nerc: meter/unreadable: Not rated: nerc", rated.Errors, StringComparison.Ordinal);
        var hurt = await exchange.Line("rate --month 2026-10 --landlord nerc");
        Assert.Equal((1, true), (hurt.Exit, hurt.Errors.Contains("block 1 of nerc", StringComparison.Ordinal)));
        Assert.Equal(0, (await exchange.Line("rate --month 2026-10 --landlord gatefarm")).Exit);
        var close = await exchange.Line("close --month 2026-10");
        Assert.Equal((1, true), (close.Exit, close.Output.Contains(
            "stands in the way: close/damaged-block: Usage of nerc is told in part: block 1 of nerc cannot be read",
            StringComparison.Ordinal)));
        Assert.Contains("block 1", (await exchange.Line("verify")).Errors, StringComparison.Ordinal);
        foreach (var (landlord, isNamed) in ((string, bool)[])[("", true), ("--landlord nerc", true), ("--landlord gatefarm", false)])
        {
            var folder = Directory.CreateTempSubdirectory("incomplete-");
            var exported = await exchange.Line($"export charges --month 2026-10 --out {folder.FullName} {landlord}".Trim());
            folder.Delete(recursive: true);
            Assert.Equal((0, isNamed), (exported.Exit, exported.Errors.Contains(
                "Usage of nerc is incomplete: block 1", StringComparison.Ordinal)));
        }

        await Sql(exchange.Database, """
            update metering.block set body = saved.body from saved where saved.number = block.number
            """);
        Assert.Equal(["p-a 12.48", "p-b 1.00"], await exchange.Charges());
        await exchange.Done("verify");
    }

    [Fact]
    public async Task On_pages_and_in_readiness_it_is_named_and_others_are_taken()
    {
        await using var serving = await UsedMonth.Start();
        await Sql(serving.Exchange.Database.ConnectionString, "update metering.block set body = '\\x00' where number = 1");
        await serving.Exchange.Meter.Replay(Serving.Ct);
        foreach (var (persona, page) in ((string, string)[])
            [("finance", "/finance"), ("operator", "/operator"), ("ada", "/pi"), ("nerc", "/landlord")])
        {
            using var client = await serving.As(persona);
            var html = await client.GetStringAsync(new Uri(page, UriKind.Relative), Serving.Ct);
            Assert.Contains("Usage of nerc is incomplete: block 1", html, StringComparison.Ordinal);
        }

        using var other = await serving.As("other");
        Assert.DoesNotContain("incomplete", await other.GetStringAsync(
            new Uri("/landlord", UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
        using var anonymous = serving.Anonymous();
        Assert.Equal(
            "ready, but block 1 of nerc cannot be read: only their readings are not taken\n",
            await anonymous.GetStringAsync(new Uri("/health/ready", UriKind.Relative), Serving.Ct));
        foreach (var (landlord, notice) in ((LandlordId?, string?)[])
            [(null, "Usage of nerc is incomplete: block 1"), (new("nerc"), "Usage of nerc is incomplete: block 1"), (new("gatefarm"), null)])
        {
            using var reader = await serving.WithKey(KeyScope.Read, landlord);
            foreach (var route in (string[])["/v1/charges?month=2026-10", "/v1/exports/focus?month=2026-10", "/v1/costs?from=2026-10-01&to=2026-11-01&group_by=sku"])
            {
                using var answer = await reader.GetAsync(new Uri(route, UriKind.Relative), Serving.Ct);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                var said = answer.Headers.TryGetValues("Exchange-Incomplete", out var values) ? values.Single() : null;
                Assert.Equal((notice is null, true), (said is null, said?.StartsWith(notice!, StringComparison.Ordinal) != false));
            }
        }

        using var gatefarm = await serving.WithKey(KeyScope.Usage, new LandlordId("gatefarm"));
        using var taken = await gatefarm.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            UsedMonth.Event("vm-9", "p-9", 4).Replace("nerc", "gatefarm", StringComparison.Ordinal),
            "application/x-ndjson"), Serving.Ct);
        Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
    }

    private static async Task Sql(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
