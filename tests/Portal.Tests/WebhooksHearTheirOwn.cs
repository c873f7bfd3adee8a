using Exchange.Journal;
using Exchange.Market.Orders;
using Exchange.Metering;
using Exchange.Portal.Awards;
using Exchange.Portal.Budgets;
using Exchange.Portal.Webhooks;
using Exchange.Rating;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What a webhook is told of, and how long an address that does not answer is asked. Seen to fail with prices and
/// invoices told to any landlord, with a delivery that is never given up, and with others that do not wait for it.
/// </summary>
public class WebhooksHearTheirOwn
{
    private static readonly BudgetEvent.Passed Passed = new(
        UsedMonth.Month, 80, new(8_000), new(10_000), UsedMonth.Now);

    [Fact]
    public async Task A_landlord_hears_of_its_prices_and_of_closes_without_sums_and_the_exchange_of_everything()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        var next = new Recorded(1, "prices-nerc/openstack", 0, EventText.Of<PriceBookEvent>(
            new PriceBookEvent.Withdrawn(UsedMonth.Month.Start, 1, "nerc", UsedMonth.Now)), UsedMonth.Now, default);
        List<Recorded> happened =
        [
            .. await serving.Exchange.Journal.ReadAll(0, 10_000, Serving.Ct), next,
            next with { Stream = "budget-ada@bu.edu", Event = EventText.Of<BudgetEvent>(Passed) },
            next with { Stream = "awards-all", Event = EventText.Of<AwardEvent>(new AwardEvent.Passed(
                new("ada@bu.edu"), "NSF-1", 100, new(520), new(500), UsedMonth.Now, IsForecast: true)) },
            next with { Stream = "order-O-1", Event = EventText.Of<OrderEvent>(new OrderEvent.Placed(
                new("O-1", "Q-1", 0, Serving.Nerc, new("stack"), new("p-ada"), new("ada@bu.edu"), null,
                    UsedMonth.Month.Period, new(520), [], []), "ada", UsedMonth.Now)) },
            next with { Stream = "sources-all", Event = EventText.Of<SourceEvent>(new SourceEvent.Silent(
                Serving.Nerc, "key:k", "urn:s", UsedMonth.Now, 3_600, UsedMonth.Now)) },
            next with { Stream = "sources-all", Event = EventText.Of<SourceEvent>(new SourceEvent.Heard(
                Serving.Nerc, "key:k", "urn:s", UsedMonth.Now, UsedMonth.Now)) },
        ];

        Assert.Equal(WebhookPayload.Events(null).Order(), Heard(null).Select(told => told.Event).Distinct().Order());
        Assert.Equal(WebhookPayload.Events(Serving.Nerc).Order(), Heard(Serving.Nerc).Select(told => told.Event)
            .Distinct().Order());
        Assert.All(Heard(Serving.Nerc).Where(told => told.Event != WebhookPayload.MonthClosed), told =>
            Assert.Contains("\"landlord\":\"nerc\"", told.Body, StringComparison.Ordinal));
        var heard = Assert.Single(Heard(Serving.Other));
        Assert.Equal(WebhookPayload.MonthClosed, heard.Event);
        Assert.DoesNotContain("total", heard.Body, StringComparison.Ordinal);

        List<WebhookPayload> Heard(LandlordId? owner) =>
            [.. happened.Select(one => WebhookPayload.For(one, owner)).OfType<WebhookPayload>()];
    }

    [Fact]
    public async Task An_address_that_never_answers_is_asked_once_at_a_time_and_each_delivery_given_up_in_the_end()
    {
        var clock = new MovingClock();
        var place = new DataLocation(
            Component.NewFolder().FullName, await TestDatabase.NewConnectionString(Composition.Modules));
        await using var exchange = await Composition.Open(place, clock, Serving.Ct);
        Assert.NotNull((await exchange.Do(new RegisterWebhook(
                exchange.Database, "http://127.0.0.1:9/", null, [], true, "test"))).Id);
        await exchange.Journal.Append(
            [
                StreamAppend.Of<BudgetEvent>("budget-ada@bu.edu", 0, [Passed]),
                StreamAppend.Of<BudgetEvent>("budget-ben@mit.edu", 0, [Passed]),
            ], Serving.Ct);
        await exchange.Projections.CatchUp(Serving.Ct);
        using var http = PublicOnly.Client(mayReachPrivate: true);

        var sent = 0;
        for (var i = 0; i < 2 * SendWebhooks.MaxAttempts; i++)
        {
            Assert.Equal((i, 1), (i, await SendWebhooks.Run(exchange.Database, http, clock, Serving.Ct)));
            clock.Now += Duration.FromHours(7);
            sent++;
        }

        Assert.Equal(36, sent);
        clock.Now += Duration.FromDays(30);
        Assert.Equal(0, await SendWebhooks.Run(exchange.Database, http, clock, Serving.Ct));
    }

    /// <summary>A clock that is set by hand.</summary>
    private sealed class MovingClock : IClock
    {
        public Instant Now { get; set; } = UsedMonth.Now;

        public Instant GetCurrentInstant() => Now;
    }
}
