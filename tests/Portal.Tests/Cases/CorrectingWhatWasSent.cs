using Exchange.Portal.Keys;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests.Cases;

/// <summary>
/// What was sent wrong and is corrected comes to what is right, in whichever direction it was wrong, by every door and
/// before a close and after it. By hand, at 0.013 an SU-hour: 4 SU for 240 h are 12.48, 8 are 24.96, a server that was
/// shelved is nothing, 120 h are 6.24, and 4 loads at 0.25 are 1.00.
/// </summary>
public sealed class CorrectingWhatWasSent
{
    private static readonly string[] AsSent =
        ["p-count 2.50", "p-down 24.96", "p-narrow 12.48", "p-state 12.48", "p-up 12.48", "p-wrong 12.48"];

    private static readonly string[] AsItWas = ["p-count 1.00", "p-down 12.48", "p-narrow 6.24", "p-right 12.48", "p-up 24.96"];

    /// <summary>A reading that was sent, and what is right instead.</summary>
    private sealed record Mistake(string Landlord, string Id, string Subject, string Type, string Sent, string Right)
    {
        public string Event(string id, string data) => Envelope(id, $"exchange.usage.{Type}.v1", Subject, data);

        public string Correction(string id, string time) => Envelope(
            id, "exchange.usage.correction.v1", null, $$"""
            {"landlord":"{{Landlord}}","corrects":"{{Id}}","reason":"told wrong","replacement":{"type":"exchange.usage.{{Type}}.v1","data":{{Right}} } }
            """, time);

        private static string Envelope(
            string id, string type, string? subject, string data, string time = "2026-10-11T00:00:00Z") =>
            $$"""{"specversion":"1.0","id":"{{id}}","source":"urn:t","type":"{{type}}",""" +
            (subject is null ? "" : $"\"subject\":\"{subject}\",") + $"\"time\":\"{time}\",\"data\":{data.Trim()}}}";
    }

    private static readonly Mistake[] All =
    [
        Server("d1", "p-down", Vm("p-down", 8), Vm("p-down", 4)), Server("u1", "p-up", Vm("p-up", 4), Vm("p-up", 8)),
        Server("s1", "p-state", Vm("p-state", 4), Vm("p-state", 4, state: "shelved")),
        Server("x1", "x", Vm("p-wrong", 4), Vm("p-right", 4)),
        Server("n1", "p-narrow", Vm("p-narrow", 4), Vm("p-narrow", 4, until: 6)),
        new("gatefarm", "c1", "api", "count", Loads(10), Loads(4)),
    ];

    [Fact]
    public async Task At_the_command_line_in_a_file_before_a_close()
    {
        using var exchange = await PricedExchange.Start();
        await Send(exchange);
        Assert.Equal(AsSent, await exchange.Charges());
        var corrections = All.Select((one, i) => one.Correction($"k{i}", "2026-10-12T00:00:00Z"));
        Assert.Contains("6 accepted", (await exchange.Ingest("", Lines(corrections))).Output, StringComparison.Ordinal);
        Assert.Equal(AsItWas, await exchange.Charges());
        Assert.Contains("6 duplicate", (await exchange.Ingest("", Lines(corrections))).Output, StringComparison.Ordinal);
        Assert.Equal(AsItWas, await exchange.Charges());
        await exchange.Done("verify");
    }

    [Fact]
    public async Task Before_what_they_correct_and_corrected_themselves()
    {
        using var exchange = await PricedExchange.Start();
        var first = All.Select((one, i) => (one with { Right = one.Sent }).Correction($"a{i}", "2026-10-12T00:00:00Z"));
        var then = All.Select((one, i) => (one with { Id = $"a{i}" }).Correction($"b{i}", "2026-10-12T00:00:00Z"));
        await exchange.Ingest("", Lines(then), Lines(first));
        Assert.Empty(await exchange.Charges());
        await Send(exchange);
        Assert.Equal(AsItWas, await exchange.Charges());
    }

    [Fact]
    public async Task By_exchange_correct_each_with_what_is_right_or_taken_back()
    {
        using var exchange = await PricedExchange.Start();
        await Send(exchange);
        foreach (var one in All)
        {
            var right = exchange.File($"{one.Id}.json", one.Event(one.Id, one.Right));
            await exchange.Done(
                $"correct {one.Id} --landlord {one.Landlord} --source urn:t --reason told-wrong --with {right}");
        }

        Assert.Equal(AsItWas, await exchange.Charges());
        exchange.Clock.Now += Duration.FromMinutes(1); // Of several corrections the latest holds.
        foreach (var same in All.GroupBy(one => one.Landlord))
        {
            await exchange.Done($"correct {string.Join(' ', same.Select(one => one.Id))} --landlord {same.Key} " +
                "--source urn:t --reason all-a-test");
        }

        Assert.Empty(await exchange.Charges());
        await exchange.Done("verify");
    }

    [Fact]
    public async Task From_quarantine_where_the_same_id_came_with_other_content()
    {
        using var exchange = await PricedExchange.Start();
        await Send(exchange);
        await exchange.Ingest("", Lines(All.Select(one => one.Event(one.Id, one.Right))));
        Assert.Equal(AsSent, await exchange.Charges());
        Assert.Equal(6, (await exchange.Waiting()).Length);
        using var list = System.Text.Json.JsonDocument.Parse((await exchange.Done("quarantine list --json")).Output);
        foreach (var one in list.RootElement.EnumerateArray())
        {
            await exchange.Done($"quarantine correct {one.GetProperty("name").GetString()} --reason told-wrong");
        }

        Assert.Equal(AsItWas, await exchange.Charges());
        Assert.Empty(await exchange.Waiting());
    }

    [Fact]
    public async Task After_a_close_each_is_an_adjustment_of_what_it_changed_and_of_nothing_else()
    {
        using var exchange = await PricedExchange.Start();
        await exchange.Done($"projects import {exchange.File("projects.csv", "cluster,project,name,pi,from\n" +
            string.Concat(All.Select(one => $"{(one.Landlord == "nerc" ? "stack" : "gatefarm-1")},{Project(one.Sent)}," +
                $"P,{Project(one.Sent)}@mit.edu,2026-01\n")) + "stack,p-right,P,p-right@mit.edu,2026-01\n" +
            "stack,p-still,P,p-still@mit.edu,2026-01\n")}");
        await Send(exchange);
        await exchange.Ingest("", Server("still", "p-still", Vm("p-still", 2), "").Event("still", Vm("p-still", 2)));
        var closed = await exchange.Line("close --month 2026-10 --commit --accept close/unpriced");
        Assert.True(closed.Exit == 0, closed.Output + closed.Errors);
        exchange.Clock.Now = Instant.FromUtc(2026, 12, 2, 9, 0);
        await exchange.Ingest("", Lines(All.Select((one, i) => one.Correction($"k{i}", "2026-11-05T00:00:00Z"))));
        Assert.Equal(
            ["p-count@mit.edu -1.50", "p-down@mit.edu -12.48", "p-narrow@mit.edu -6.24", "p-right@mit.edu 12.48",
                "p-state@mit.edu -12.48", "p-up@mit.edu 12.48", "p-wrong@mit.edu -12.48"],
            await exchange.WouldBill("2026-11"));
    }

    [Fact]
    public async Task Over_http_by_the_landlords_own_keys_in_both_modes()
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var gatefarm = await serving.WithKey(KeyScope.Usage, new LandlordId("gatefarm"));
        foreach (var same in All.GroupBy(one => one.Landlord))
        {
            var key = same.Key == "nerc" ? nerc : gatefarm;
            Assert.Equal(202, await Post(key, $"[{string.Join(',', same.Select(one => one.Event(one.Id, one.Sent)))}]",
                "application/cloudevents-batch+json"));
            Assert.Equal(202, await PostBinary(key, same.First()));
            Assert.Equal(202, await Post(key, Lines(same.Select(one => one.Correction($"k{one.Id}",
                "2026-10-12T00:00:00Z"))), "application/x-ndjson"));
        }

        Assert.Equal(403, await Post(gatefarm, All[0].Correction("foreign", "2026-10-13T00:00:00Z"),
            "application/cloudevents+json"));
        var rated = await Typed.Done(
            "rate --month 2026-10 --json", serving.Exchange.Database.ConnectionString, clock: new StoppedClock(UsedMonth.Now));
        using var json = System.Text.Json.JsonDocument.Parse(rated.Output);
        Assert.Equal(AsItWas, json.RootElement.GetProperty("charges").EnumerateArray()
            .Select(one => $"{one.GetProperty("project").GetString()} {one.GetProperty("amount").GetString()!.Split(' ')[0]}")
            .Where(line => line[2..5] is not ("ada" or "ben")).Order(StringComparer.Ordinal));
    }

    private static Mistake Server(string id, string subject, string sent, string right) =>
        new("nerc", id, $"vm-{subject}", "interval", sent, right);

    private static string Vm(string project, int vcpu, int until = 11, string state = "running") =>
        $"{{\"landlord\":\"nerc\",\"cluster\":\"stack\",\"project\":\"{project}\",\"kind\":\"vm\"," +
        $"\"from\":\"2026-10-01T00:00:00Z\",\"to\":\"2026-10-{until:00}T00:00:00Z\",\"state\":\"{state}\"," +
        $"\"shape\":{{\"vcpu\":{vcpu},\"ram_mib\":{vcpu * 4096}}}}}";

    private static string Loads(int quantity) =>
        "{\"landlord\":\"gatefarm\",\"cluster\":\"gatefarm-1\",\"project\":\"p-count\",\"kind\":\"fpga\"," +
        $"\"meter\":\"bitstream_load\",\"quantity\":{quantity}}}";

    private static string Project(string data) => data.Split("\"project\":\"")[1].Split('"')[0];

    private static string Lines(IEnumerable<string> events) => string.Join('\n', events) + "\n";

    private static async Task Send(PricedExchange exchange) => Assert.Contains(
        "6 accepted", (await exchange.Ingest("", Lines(All.Select(one => one.Event(one.Id, one.Sent))))).Output,
        StringComparison.Ordinal);

    private static async Task<int> Post(HttpClient client, string body, string type)
    {
        using var answer = await client.PostAsync(
            new Uri("/v1/usage", UriKind.Relative), Serving.Json(body, type), Serving.Ct);
        return (int)answer.StatusCode;
    }

    private static async Task<int> PostBinary(HttpClient client, Mistake one)
    {
        using var json = System.Text.Json.JsonDocument.Parse(one.Correction("binary", "2026-10-12T00:00:00Z"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/usage")
        {
            Content = Serving.Json(json.RootElement.GetProperty("data").GetRawText(), "application/json"),
        };
        foreach (var attribute in json.RootElement.EnumerateObject().Where(member => member.Name != "data"))
        {
            request.Headers.Add($"CE-{attribute.Name}", $"{(attribute.Name == "id" ? $"k{one.Id}" : attribute.Value.GetString())}");
        }

        using var answer = await client.SendAsync(request, Serving.Ct);
        return (int)answer.StatusCode;
    }
}
