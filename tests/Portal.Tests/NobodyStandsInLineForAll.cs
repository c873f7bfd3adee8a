using System.Net;
using System.Text.Json;
using Exchange.Portal.Keys;
using Exchange.Portal.Web;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Whoever asks for many things at once waits behind themselves alone. Seen to fail: sixty requests of one key took all
/// connections that pages and other programs wait for.
/// </summary>
public class NobodyStandsInLineForAll
{
    private const int Flood = 60;

    /// <summary>
    /// A panel in a frame has no key; its turns are those of the key that gave out its address.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_asks_for_sixty_things_that_take_long_holds_up_no_one_else(bool byPanel)
    {
        await using var serving = await UsedMonth.Start();
        using var flooder = await serving.WithKey(KeyScope.Read, Serving.Other);
        using var again = await serving.WithKey(KeyScope.Read, Serving.Other);
        using var program = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var finance = await serving.As("finance");
        var panel = byPanel ? await PanelFor(flooder) : null;
        var connection = await serving.Connection();
        await using var transaction = await connection.BeginTransactionAsync(Serving.Ct);
        await using (var taken = new Npgsql.NpgsqlCommand(
            "lock table exchange.charge in access exclusive mode", connection, transaction))
        {
            await taken.ExecuteNonQueryAsync(Serving.Ct); // Charges take as long as this is held.
        }

        using var anybody = serving.Anonymous();
        var flood = Enumerable.Range(0, Flood).Select(n => (byPanel ? anybody : n % 2 == 0 ? flooder : again).GetAsync(
            panel ?? new Uri("/v1/charges?month=2026-10", UriKind.Relative), Serving.Ct)).ToList();
        var turns = RequestTurns.For(serving.Exchange);
        await Waiting.For(
            async () => await WhoWait(serving) >= turns.AtOnce, () => "They do not wait for the table.");

        using var soon = new CancellationTokenSource(Waiting.Patience);
        foreach (var (client, path) in ((HttpClient, string)[])[
            (program, "/v1/webhooks"), (finance, "/webhooks"), (program, "/v1/prices"),
            (program, "/v1/webhook-deliveries")])
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), soon.Token);
            Assert.Equal((path, HttpStatusCode.OK), (path, answer.StatusCode));
        }

        // Of both keys together, however many came; beside them the exchange itself may read.
        Assert.InRange(await WhoWait(serving), turns.AtOnce, turns.AtOnce + 1);
        await transaction.RollbackAsync(Serving.Ct);
        foreach (var answer in await Task.WhenAll(flood))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            answer.Dispose();
        }
    }

    private static async Task<Uri> PanelFor(HttpClient key)
    {
        using var link = JsonDocument.Parse(await key.GetStringAsync(
            new Uri("/v1/projects/p-ada/panel-link?month=2026-10", UriKind.Relative), Serving.Ct));
        return new(link.RootElement.GetProperty("url").GetString()!);
    }

    /// <summary>How many statements wait to read the table; whoever writes it is the exchange itself.</summary>
    private static async Task<long> WhoWait(Serving serving)
    {
        await using var command = serving.Exchange.Probe.CreateCommand("""
            select count(*) from pg_locks
            where relation = 'exchange.charge'::regclass and not granted and mode = 'AccessShareLock'
            """);
        return (long)(await command.ExecuteScalarAsync(Serving.Ct))!;
    }
}
