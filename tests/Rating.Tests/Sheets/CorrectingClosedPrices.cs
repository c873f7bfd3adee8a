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

    private Task<PriceCorrection> Propose(string rate, PricePublishContext? standing = null) => _journal.Execute(
        new ProposeCorrection(
            new("pricing/acme/compute/2026-01.yaml", Rate(rate)), (_, _) => Task.FromResult(standing ?? Closed),
            "a digit too many", "acme"), Now, Ct);

    private Task<bool> Accept(string id) => _journal.Execute(
        new AcceptCorrection(id, (_, _, _) => Task.FromResult(Closed), "finance"), Now, Ct);

    private static async Task<string> Refused(Func<Task> act) =>
        Assert.Single((await Assert.ThrowsAsync<RefusedException>(act)).All).Code;

    private async Task<string> October() => Acme.Rate(
        await LoadPriceBooks.Run(_journal, Ct), Acme.Ran("a", Acme.At(1), Acme.At(2))).Total.ToString();

    [Fact]
    public async Task A_correction_holds_once_finance_accepted_it()
    {
        Assert.Empty((await Publish("1.5", PricePublishContext.Nothing)).Refusals);
        Assert.Equal("prices/closed-month", Assert.Single((await Publish("0.5", Closed)).Refusals).Code);

        var correction = await Propose("0.5");
        Assert.Equal("acme/compute!1", correction.Id);
        Assert.Equal("36.00 USD", await October());
        Assert.Equal(correction, await Propose("0.5"));

        Assert.True(await Accept(correction.Id));
        Assert.False(await Accept(correction.Id));
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
        Assert.Equal("prices/raise-without-notice", await Refused(() => Propose("2.5")));
    }

    [Fact]
    public async Task What_was_declined_or_never_proposed_does_not_hold()
    {
        await Publish("1.5", PricePublishContext.Nothing);
        var correction = await Propose("0.5");
        var decline = new DeclineCorrection(correction.Id, "the contract says 1.5", "finance");
        Assert.True(await _journal.Execute(decline, Now, Ct));
        Assert.False(await _journal.Execute(decline, Now, Ct));
        Assert.Equal("prices/unknown-correction", await Refused(() => Accept(correction.Id)));
        Assert.Equal("prices/unknown-correction", await Refused(() => Accept("acme/compute!9")));
        Assert.Equal("36.00 USD", await October());
    }

    [Fact]
    public async Task What_changes_no_closed_month_is_published_and_not_corrected()
    {
        await Publish("1.5", PricePublishContext.Nothing);
        Assert.Equal("prices/no-correction", await Refused(() => Propose("1.5")));
        Assert.Equal("prices/no-correction", await Refused(() => Propose("0.5", PricePublishContext.Nothing)));
    }
}
