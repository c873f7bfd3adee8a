using System.Collections.Immutable;
using Exchange.Journal;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// A sheet of closed months that was wrong: its landlord says so, finance decides, and only then it holds. Outages are
/// declared and withdrawn one by one.
/// </summary>
public class CorrectingClosedPrices
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 5, 0, 0);
    private readonly MemoryJournal _journal = new(new StoppedClock(Now));

    private static readonly PricePublishContext Closed = new(
        new HashSet<BillingMonth> { Acme.October }, [new(Acme.Landlord, Acme.Cluster, "vm", Acme.October.Period)]);

    private static string Rate(string rate) => Acme.Yaml(
        Acme.Vm.Replace("\"1\"", $"\"{rate}\"", StringComparison.Ordinal),
        Acme.OneHour.Replace("1.00", $"{rate}0", StringComparison.Ordinal));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Task<PublishPrices.PricesPublished> Publish(string rate, PricePublishContext standing) => PublishPrices.Run(
        _journal, [new("pricing/acme/compute/2026-01.yaml", Rate(rate))], standing, "acme", Now, Ct);

    private Task<(PriceCorrection? Correction, ImmutableArray<Refusal> Refusals)> Propose(string rate) =>
        CorrectPrices.Propose(
            _journal, new("pricing/acme/compute/2026-01.yaml", Rate(rate)), Closed, "a digit too many", "acme", Now,
                Ct);

    private async Task<string> October() => Acme.Rate(
        await LoadPriceBooks.Run(_journal, Ct), Acme.Ran("a", Acme.At(1), Acme.At(2))).Total.ToString();

    [Fact]
    public async Task A_correction_holds_once_finance_accepted_it()
    {
        Assert.Empty((await Publish("1.5", PricePublishContext.Nothing)).Refusals);
        Assert.Equal("prices/closed-month", Assert.Single((await Publish("0.5", Closed)).Refusals).Code);

        var (correction, refusals) = await Propose("0.5");
        Assert.Empty(refusals);
        Assert.Equal("acme/compute!1", correction!.Id);
        Assert.Equal("36.00 USD", await October());
        Assert.Equal(correction, (await Propose("0.5")).Correction);

        Assert.Empty(await CorrectPrices.Accept(_journal, correction.Id, Closed, "finance", Now, Ct));
        Assert.Empty(await CorrectPrices.Accept(_journal, correction.Id, Closed, "finance", Now, Ct));
        Assert.Equal("12.00 USD", await October());
        var sheet = Assert.Single((await LoadPriceBooks.Run(_journal, Ct)).List());
        Assert.Equal(("acme/compute/2026-01-01#2", "acme"), (sheet.Published.Id, sheet.Published.By));
        var listed = Assert.Single(await CorrectPrices.List(_journal, Ct));
        Assert.Equal((CorrectionState.Accepted, "finance"), (listed.State, listed.DecidedBy));
    }

    [Fact]
    public async Task A_correction_that_costs_customers_more_is_none_for_the_landlord_erred()
    {
        await Publish("1.5", PricePublishContext.Nothing);
        Assert.Equal("prices/raise-without-notice", Assert.Single((await Propose("2.5")).Refusals).Code);
    }

    [Fact]
    public async Task What_was_declined_or_never_proposed_does_not_hold()
    {
        await Publish("1.5", PricePublishContext.Nothing);
        var (correction, _) = await Propose("0.5");
        Assert.Null(await CorrectPrices.Decline(_journal, correction!.Id, "the contract says 1.5", "finance", Now, Ct));
        Assert.Equal("prices/unknown-correction",
            Assert.Single(await CorrectPrices.Accept(_journal, correction.Id, Closed, "finance", Now, Ct)).Code);
        Assert.Equal("prices/unknown-correction",
            Assert.Single(await CorrectPrices.Accept(_journal, "acme/compute!9", Closed, "finance", Now, Ct)).Code);
        Assert.Equal("36.00 USD", await October());
    }

    [Fact]
    public async Task What_changes_no_closed_month_is_published_and_not_corrected()
    {
        await Publish("1.5", PricePublishContext.Nothing);
        Assert.Equal("prices/no-correction", Assert.Single((await Propose("1.5")).Refusals).Code);
        var (_, refusals) = await CorrectPrices.Propose(
            _journal, new("pricing/acme/compute/2026-01.yaml", Rate("0.5")), PricePublishContext.Nothing, "why", "acme",
                Now, Ct);
        Assert.Equal("prices/no-correction", Assert.Single(refusals).Code);
    }
}
