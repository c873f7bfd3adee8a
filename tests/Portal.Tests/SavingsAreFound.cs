using System.Net;
using System.Text.Json;
using Exchange.Portal.Keys;
using Exchange.Portal.Mail;
using Exchange.Portal.ReadModels;
using Exchange.Portal.Savings;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What a PI could save is found with the dollars a month, is the PI's own alone, and stays away once it was dismissed
/// with a reason.
/// </summary>
public class SavingsAreFound
{
    /// <summary>When the first ten days of October were heard of, and everything of them is still there.</summary>
    private static readonly Instant Now = Instant.FromUtc(2026, 10, 11, 6, 0);

    [Fact]
    public async Task A_GPU_that_idles_a_server_that_is_stopped_and_nothing_of_what_is_gone()
    {
        await using var serving = await Used();
        var found = await Find(serving, "ada@bu.edu");

        var gpu = Assert.Single(found, one => one.Kind == Saving.IdleGpu);
        Assert.Equal("idle-gpu:nerc/stack/p-ada", gpu.Id);
        Assert.Equal("vm-gpu", gpu.Subject);
        Assert.Equal("busy 10 of 240 GPU hours this month, 4.2 %", gpu.Why);

        // Its 96 GiB take two units of an A100, at 1.803 each: 865.44 in 240 hours, 2,682.86 in a month of 744 hours, of
        // which 95.8 % are idle.
        Assert.Equal("2570.18 USD", gpu.AMonth.ToString());

        // 4 vCPU stopped for 240 hours are 12.48; in 744 hours 38.69. The one that ended on the second is not there.
        var stopped = Assert.Single(found, one => one.Kind == Saving.Stopped);
        Assert.Equal(("vm-stopped", "38.69 USD"), (stopped.Subject, stopped.AMonth.ToString()));
        Assert.DoesNotContain(found, one => one.Subject.Contains("vm-gone", StringComparison.Ordinal));
        Assert.Equal(found.OrderByDescending(one => one.AMonth.Cents), found);
    }

    /// <summary>An idle GPU of 40.00 that costs 15.00 less elsewhere saves 40.00, a stopped server 2.50 more.</summary>
    [Fact]
    public void What_is_deleted_is_not_moved_as_well()
    {
        static Saving Of(string kind, string amount, string project = "p-1") => new(
            $"{kind}:{project}", kind, new("nerc"), new("stack"), new(project), "", "", "", Money.Parse(amount, null));

        Assert.Equal(
            "49.50 USD", $"{Saving.Together([
                Of(Saving.IdleGpu, "40.00 USD"), Of(Saving.Elsewhere, "15.00 USD"), Of(Saving.Stopped, "2.50 USD"),
                Of(Saving.Elsewhere, "7.00 USD", "p-2"),
                Of(Saving.Stopped, "9.00 USD") with { Dismissed = new("", "It is needed.", "ada", default) },
            ])}");
    }

    [Fact]
    public async Task Dismissed_with_a_reason_it_is_proposed_no_more_and_restored_it_is_again()
    {
        await using var serving = await Used();
        using var ada = await serving.As("ada");
        var id = "idle-gpu:nerc/stack/p-ada";
        using var without = await UsedMonth.Submit(ada, "/pi/savings", "/pi/savings", ("id", id), ("reason", " "));
        Assert.Equal(400, (int)without.StatusCode);
        Assert.Null((await Find(serving, "ada@bu.edu")).Single(one => one.Id == id).Dismissed);

        using var done = await UsedMonth.Submit(
            ada, "/pi/savings", "/pi/savings", ("id", id), ("reason", "A course begins on Monday."));
        Assert.Equal("A course begins on Monday.",
            (await Find(serving, "ada@bu.edu")).Single(one => one.Id == id).Dismissed!.Reason);
        var page = await ada.GetStringAsync(new Uri("/pi/savings", UriKind.Relative), Serving.Ct);
        Assert.Contains("A course begins on Monday.", page, StringComparison.Ordinal);

        using var again = await UsedMonth.Submit(
            ada, "/pi/savings", "/pi/savings", ("id", id), ("do", "restore"));
        Assert.Null((await Find(serving, "ada@bu.edu")).Single(one => one.Id == id).Dismissed);
    }

    /// <summary>
    /// The campus asks 0.010 for a vCPU and hour where nerc asks 0.013: 4 of them for 744 hours are 29.76 and 38.69, and
    /// the quote that the proposal rests on says the same.
    /// </summary>
    [Fact]
    public async Task Cheaper_elsewhere_comes_with_its_quote_and_goes_when_it_is_dismissed()
    {
        await using var serving = await Used();
        const string Sheet = """
            landlord: campus
            service: compute
            clusters: [campus-1]
            from: 2026-10
            currency: USD
            skus:
              - name: Campus vCPU
                unit: vCPU-hour
                rate: "0.010"
                counts: dimension
                dimension: vcpu
                per: hour
                match: {kind: vm}
            examples:
              - {name: an hour, usage: [{kind: vm, seconds: "3600", shape: {vcpu: "4"}}], total: "0.04"}
            """;
        var published = await PublishPrices.Run(
            serving.Exchange.Journal, [new("campus.yaml", Sheet)], PricePublishContext.Nothing, "test",
            Instant.FromUtc(2026, 9, 1, 0, 0), Serving.Ct);
        Assert.Empty(published.Refusals);
        var found = await Find(serving, "ada@bu.edu");
        var cheaper = Assert.Single(found, one => one.Kind == Saving.Elsewhere && one.Subject == "vm-ada");
        Assert.Equal(("8.93 USD", "Move to campus, campus-1."), ($"{cheaper.AMonth}", cheaper.ToDo));
        Assert.Equal(
            "campus has it on campus-1 for 29.76 USD a month; here that is 38.69 USD", cheaper.Why);

        using var ada = await serving.As("ada");
        var quote = await ada.GetStringAsync(new Uri(cheaper.Quote!, UriKind.Relative), Serving.Ct);
        Assert.Contains("$29.76", quote, StringComparison.Ordinal);
        Assert.Contains("$38.69", quote, StringComparison.Ordinal);
        var page = await ada.GetStringAsync(new Uri("/pi/savings", UriKind.Relative), Serving.Ct);
        Assert.Contains(WebUtility.HtmlEncode(cheaper.Quote!), page, StringComparison.Ordinal);

        using var done = await UsedMonth.Submit(
            ada, "/pi/savings", "/pi/savings", ("id", cheaper.Id), ("reason", "Our data is here."));
        Assert.Equal("Our data is here.", (await Find(serving, "ada@bu.edu")).Single(
            one => one.Id == cheaper.Id).Dismissed!.Reason);
    }

    [Fact]
    public async Task Another_PI_sees_and_dismisses_nothing_of_it()
    {
        await using var serving = await Used();
        using var ben = await serving.As("ben");
        var page = await ben.GetStringAsync(new Uri("/pi/savings", UriKind.Relative), Serving.Ct);
        Assert.DoesNotContain("vm-gpu", page, StringComparison.Ordinal);
        Assert.DoesNotContain("p-ada", page, StringComparison.Ordinal);
        Assert.All(await Find(serving, "ben@mit.edu"), one => Assert.Equal("p-ben", one.Project.Value));
    }

    [Fact]
    public async Task Programs_and_the_command_line_are_told_the_same()
    {
        await using var serving = await Used();
        var found = await Find(serving, "ada@bu.edu");
        using var key = await serving.WithKey(KeyScope.Read, null);
        using var document = JsonDocument.Parse(await key.GetStringAsync(
            new Uri("/v1/savings?pi=ada@bu.edu", UriKind.Relative), Serving.Ct));
        Assert.Equal(
            found.Select(one => one.Id).Order(StringComparer.Ordinal),
            document.RootElement.GetProperty("items").EnumerateArray()
                .Select(one => one.GetProperty("id").GetString()));

        var typed = await Typed.Line(
            "savings dismiss nothing --pi ada@bu.edu --because x", serving.Exchange.Database.ConnectionString);
        Assert.Contains("savings/unknown", typed.Errors, StringComparison.Ordinal);
    }

    /// <summary>Once a week, with the dollars of the page, through a real server; and no more once it is stopped.</summary>
    [Fact]
    public async Task A_message_a_week_names_the_dollars_until_it_is_stopped()
    {
        await using var server = await TestMailServer.Start();
        await using var serving = await Used();
        var settings = MailSettings.Parse(server.Setting);
        Assert.True(await OfSavings.Run(serving.Exchange, settings, Serving.Ct) > 0);
        Assert.Equal(0, await OfSavings.Run(serving.Exchange, settings, Serving.Ct));
        await SendMail.Run(serving.Exchange, settings, Serving.Ct);
        var sum = Saving.Together(await Find(serving, "ada@bu.edu"));
        var came = Assert.Single(
            server.Came, mail => mail.Contains("To: ada@bu.edu", StringComparison.OrdinalIgnoreCase));
        Assert.Contains($"Subject: {sum} a month could be saved", came, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("2570.18 USD", came, StringComparison.Ordinal);
        Assert.DoesNotContain("vm-ben", came, StringComparison.Ordinal);

        Assert.Equal("savings:ada@bu.edu:2026-W41", Assert.Single(await ToAda(Now)).Id);
        using var ada = await serving.As("ada");
        using (var stopped = await UsedMonth.Submit(ada, "/pi/savings", "/pi/savings", ("do", "mail-off")))
        {
            Assert.Equal("/pi/savings", stopped.Headers.Location?.ToString());
        }

        Assert.Contains("Start weekly mail", await ada.GetStringAsync(
            new Uri("/pi/savings", UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
        Assert.Empty(await ToAda(Now));
        await Typed.Done("savings mail --pi ada@bu.edu", serving.Exchange.Database.ConnectionString);
        Assert.Single(await ToAda(Now));

        // What was dismissed is not told, and for what is left nobody is written to.
        foreach (var one in await Find(serving, "ada@bu.edu"))
        {
            using var done = await UsedMonth.Submit(
                ada, "/pi/savings", "/pi/savings", ("id", one.Id), ("reason", "It is needed."));
        }

        Assert.Empty(await ToAda(Now));

        async Task<List<Message>> ToAda(Instant now) =>
            [.. (await OfSavings.Messages(serving.Exchange, now, Serving.Ct)).Where(
                one => one.Recipient == "ada@bu.edu")];
    }

    private static async Task<IReadOnlyList<Saving>> Find(Serving serving, string pi)
    {
        await using var view = new View(serving.Exchange.Views, new("test", "", Role.Pi, Pi: new(pi)));
        return await new FindSavings(serving.Exchange, view, Now).Run(new(pi), Serving.Ct);
    }

    private static async Task<Serving> Used()
    {
        var serving = await UsedMonth.Start(Now);
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var events = UsedMonth.Event("vm-gpu", "p-ada", 24).Replace(
                "\"shape\":{", "\"shape\":{\"gpu\":1,\"gpu_model\":\"a100\",", StringComparison.Ordinal) +
            UsedMonth.Event("vm-stopped", "p-ada", 4).Replace("running", "stopped", StringComparison.Ordinal) +
            UsedMonth.Event("vm-gone", "p-ada", 40)
                .Replace("\"to\":\"2026-10-11T", "\"to\":\"2026-10-02T", StringComparison.Ordinal)
                .Replace("running", "stopped", StringComparison.Ordinal) +
            """
            {"specversion":"1.0","id":"gpu-0","source":"urn:test","type":"exchange.usage.count.v1","subject":"gpu-0",
            "time":"2026-10-11T00:00:00Z","data":{"landlord":"nerc","cluster":"stack","project":"p-ada","kind":"gpu",
            "meter":"gpu_busy_seconds","quantity":36000}}
            """.ReplaceLineEndings("") + "\n";
        using var sent = await key.PostAsync(
            new Uri("/v1/usage", UriKind.Relative), Serving.Json(events, "application/x-ndjson"), Serving.Ct);
        Assert.Equal(202, (int)sent.StatusCode);
        await RateMonths.Run(serving.Exchange, _ => { }, Serving.Ct);
        return serving;
    }
}
