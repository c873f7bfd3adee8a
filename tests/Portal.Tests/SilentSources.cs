using System.Net;
using Exchange.Portal.Collecting;
using Exchange.Portal.Commands;
using Exchange.Portal.Jobs;
using Exchange.Portal.Keys;
using Exchange.Portal.Mail;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A sender that goes quiet is named on the page, in metrics, to webhooks, by mail and before a close: faults F6, "no
/// collector runs here" although three senders went quiet two days ago.
/// </summary>
public class SilentSources
{
    private static readonly Job Watch = AllJobs.Named(AllJobs.Of(new(3, null, null)), "sources");

    [Fact]
    public async Task A_sender_that_goes_quiet_is_told_everywhere_and_taken_off_when_it_ended()
    {
        var clock = new SmallExchange.Hand { Now = Instant.FromUtc(2026, 10, 30, 0, 0) };
        await using var serving = await UsedMonth.Start(clock: clock);
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        for (var hour = 0; hour < 8; hour++)
        {
            clock.Now += Duration.FromHours(1);
            await Send(key, $"hour-{hour}");
        }

        using var before = await serving.As("operator");
        Assert.Contains(", 0 of them silent", await Run(serving), StringComparison.Ordinal);
        Assert.Contains("exchange_sources_silent{reporter=\"key:", await Get(before, "/metrics"),
            StringComparison.Ordinal);
        Assert.DoesNotContain(">silent<", await Get(before, "/operator/sources"), StringComparison.Ordinal);

        clock.Now = Instant.FromUtc(2026, 11, 1, 8, 0); // Two days later.
        using var opal = await serving.As("operator");
        Assert.Contains("1 of them silent", await Run(serving), StringComparison.Ordinal);
        Assert.Contains("1 of them silent", await Run(serving), StringComparison.Ordinal);
        var page = await Get(opal, "/operator/sources");
        Assert.Contains(">silent<", page, StringComparison.Ordinal);
        Assert.Contains("1 h 0 min (learned)", page, StringComparison.Ordinal);
        Assert.Contains("Silent sources", await Get(opal, "/operator"), StringComparison.Ordinal);
        var metrics = await Get(opal, "/metrics");
        Assert.Matches("exchange_sources_silent\\{reporter=\"key:[^\"]+\"\\} 1", metrics);
        Assert.DoesNotContain("urn:quiet", metrics, StringComparison.Ordinal);
        Assert.Equal(1L, await Count(serving, "source-silent/1"));
        var told = await OfSources.Silent(
            serving.Exchange, new("h", 25, null, null, new("a@b.example"), true) { Operators = "ops@b.example" },
            Instant.MinValue, Serving.Ct);
        Assert.Equal(("ops@b.example", "A source of usage is silent: urn:quiet"), (told.Single().Recipient,
            told.Single().Subject));
        Assert.Contains("expected every 1 h 0 min", told.Single().Body, StringComparison.Ordinal);
        Assert.Contains("close/source-silent", await Checks(serving), StringComparison.Ordinal);

        var name = (await WatchSources.All(serving.Exchange, Serving.Ct)).Single(one => one.Source == "urn:quiet").Name;
        using var odd = await UsedMonth.Submit(opal, "/operator/sources", "/operator/sources",
            ("source", name), ("every", "soon"));
        Assert.Equal(HttpStatusCode.BadRequest, odd.StatusCode);
        using var done = await UsedMonth.Submit(opal, "/operator/sources", "/operator/sources",
            ("source", name), ("every", "never"));
        Assert.Equal(HttpStatusCode.Redirect, done.StatusCode);
        Assert.Contains("0 of them silent", await Run(serving), StringComparison.Ordinal);
        Assert.Equal(1L, await Count(serving, "source-heard-again/1"));
        Assert.DoesNotContain("close/source-silent", await Checks(serving), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_lists_silent_sources_and_says_how_often_one_is_expected()
    {
        using var small = await SmallExchange.Start();
        await small.Ran("p", "pod", "2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z");
        var name = (await small.Json("sources list"))[0].GetProperty("name").GetString();
        Assert.Equal("acme/files/urn:small", name);
        await small.Done($"sources expect {name} --every 1h");
        Assert.Empty((await small.Json("sources list --silent")).EnumerateArray());
        small.Clock.Now += Duration.FromHours(1);
        var silent = await small.Line("sources list --silent");
        Assert.Equal(1, silent.Exit);
        Assert.Contains("acme/files/urn:small", silent.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await small.Line($"sources expect {name} --every often")).Exit);
        Assert.Equal(1, (await small.Line("sources expect nobody --every 1h")).Exit);
    }

    private static async Task Send(HttpClient key, string id)
    {
        using var answer = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            UsedMonth.Event(id, "p-ada", 1).Replace("urn:test", "urn:quiet", StringComparison.Ordinal),
            "application/x-ndjson"), Serving.Ct);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    private static Task<string> Run(Serving serving) =>
        Watch.Work(serving.Exchange, new("test", "local", _ => { }), Serving.Ct);

    private static Task<string> Get(HttpClient client, string path) =>
        client.GetStringAsync(new Uri(path, UriKind.Relative), Serving.Ct);

    private static async Task<string> Checks(Serving serving) => string.Join(' ', (await CloseAndWrite.Plan(
        serving.Exchange, new(UsedMonth.Month, Rating.Policies.Corrected, new HashSet<string>(), Actors.Local("test")),
        Serving.Ct)).Plan!.Checks.Select(check => check.Code));

    private static async Task<long> Count(Serving serving, string type)
    {
        await using var command = serving.Exchange.Database.CreateCommand(
            "select count(*) from journal.mt_events where type = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = type });
        return (long)(await command.ExecuteScalarAsync(Serving.Ct))!;
    }
}
