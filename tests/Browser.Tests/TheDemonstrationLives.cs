using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Payouts;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Market.Reading;
using Exchange.Portal;
using Exchange.Portal.Budgets;
using Exchange.Portal.Demo;
using Exchange.Portal.Names;
using Exchange.Rating;
using Xunit;

namespace Exchange.Browser.Tests;

/// <summary>
/// The demonstration has what people look for first: somebody who has not paid, GPUs that idle, an outage, usage that
/// came late, a fund that runs dry, a budget that is passed; and its closed months are billed as they always were.
/// </summary>
[Collection(nameof(Demonstrated))]
public sealed class TheDemonstrationLives(Demonstrated demonstration)
{
    private static readonly BillingMonth November = new(2026, 11);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Portal.Composition Exchange => demonstration.Exchange;

    [Fact]
    public async Task Its_closed_months_are_billed_as_they_always_were()
    {
        var months = await Exchange.Journal.State(Months.Fold, Months.Id, Ct);
        Assert.Equal(
            ["2026-08 37 3170.06 USD", "2026-09 37 30471.81 USD", "2026-10 40 44167.14 USD"],
            months.Closed.Values.OrderBy(one => one.Month).Select(one => $"{one.Month} {one.Invoices} {one.Total}"));
    }

    [Fact]
    public async Task Some_have_paid_some_by_halves_some_not_and_one_twice()
    {
        var today = DemoPlay.Today.InUtc().Date;
        var invoices = await InvoiceList.Run(Exchange.Database, new(Limit: 10_000), Ct);
        var states = invoices.Where(one => one.Owed > Money.Zero).GroupBy(one => one.StatusOn(today))
            .ToDictionary(group => $"{group.Key}", group => group.Count());
        Assert.All((string[])["Paid", "PastDue", "Open"], state => Assert.True(
            states.GetValueOrDefault(state) > 0, $"none is {state}: {string.Join(", ", states)}"));
        Assert.Contains(invoices, one => one.Paid > Money.Zero && one.BalanceDue > Money.Zero);

        Assert.Contains(
            invoices, one => one.StatusOn(today) == PaymentStatus.PastDue && one.Paid == Money.Zero);
        var accounts = await AccountList.Run(Exchange.Database, Ct);
        Assert.Equal("250.00 USD", Money.Sum(accounts.Select(one => one.Unapplied)).ToString());
    }

    [Fact]
    public async Task One_personas_GPU_idles_and_the_others_works()
    {
        var busy = new List<decimal>();
        foreach (var pi in DemoPeople.Of(new Cast(DemoPlay.Seed)).Select(one => one.Viewer.Pi).OfType<PiId>())
        {
            var project = new Cast(DemoPlay.Seed).In(Landlords.Stack).First(one => one.Pi.Address == pi);
            var totals = await Exchange.Meter.Totals(
                new(November.Period, Landlords.Nerc, project.Cluster, project.Project), Ct);
            busy.Add(totals.Where(one => one.Meter == "gpu_busy_seconds").Sum(one => one.Quantity) / 3_600);
        }

        // 200 hours were held of each.
        Assert.Equal(2, busy.Count);
        Assert.InRange(busy[0], 1, 20);
        Assert.InRange(busy[1], 100, 200);
    }

    [Fact]
    public async Task An_outage_is_declared_and_October_gets_an_adjustment()
    {
        var books = await LoadPriceBooks.Run(Exchange.Journal, Ct);
        Assert.Contains(books.Outages, one => one.Name == "power-feed-b" && November.Period.Contains(one.From));

        var plan = (await CloseMonth.Plan(
            Exchange.Sources, November, Policies.Corrected, DemoPlay.Today, Ct)).Plan!;
        Assert.Contains(
            plan.Drafts.SelectMany(draft => draft.Lines),
            line => line.Adjusts is not null && line.Project.Value == new Cast(DemoPlay.Seed).In(Landlords.Stack).First(
                one => DemoPeople.Of(new Cast(DemoPlay.Seed)).All(p => p.Viewer.Pi != one.Pi.Address)).Project.Value);
        Assert.Equal("30.00 USD", Money.Sum(plan.Prepaid.Select(used => used.Amount)).ToString());
    }

    /// <summary>Revenue fell every day, to a half by the ninth: what runs out of October is made up for.</summary>
    [Fact]
    public async Task Days_of_the_open_month_sell_about_as_much_as_its_first()
    {
        const string Sql = """
            select sum(cents) filter (where day = '2026-11-09') * 100 / sum(cents) filter (where day = '2026-11-03')
            from exchange.landlord_day where month = '2026-11' and landlord = 'nerc'
            """;

        await using var command = Exchange.Database.CreateCommand(Sql);
        Assert.InRange((decimal)(await command.ExecuteScalarAsync(Ct))!, 85, 130);
    }

    [Fact]
    public async Task A_group_is_used_up_and_a_budget_will_be_passed()
    {
        var groups = await Exchange.Journal.State(PrepaidGroups.Fold, PrepaidGroups.Id, Ct);
        Assert.Contains(DemoNovember.Group, groups.Groups.Keys);
        var pi = DemoPeople.Of(new Cast(DemoPlay.Seed))[0].Viewer.Pi!.Value;
        var budget = await Exchange.Journal.State(Budget.Fold, new BudgetOwner(pi).Id, Ct);
        Assert.Contains(budget.Told, one => one.Month == November && one.IsForecast == true);
    }

    /// <summary>
    /// Five landlords with offers, an order that awaits its payer and its landlord, a lease with a sublease that is
    /// reclaimed with notice and one that awaits its lessee, an outage that became credits, and a line that is disputed.
    /// </summary>
    [Fact]
    public async Task There_is_a_market()
    {
        var catalog = await CatalogFor.All(Exchange, new(null, true, [], null), Ct);
        Assert.Equal(
            ["blockbank", "crimson", "gatefarm", "nerc", "openstore"],
            catalog.Select(one => one.Landlord.Value).Distinct().Order(StringComparer.Ordinal));
        await using (var connection = await Exchange.Database.OpenConnectionAsync(Ct))
        {
            var order = Assert.Single(await OrderList.Run(connection, new(), Ct));
            Assert.Equal(("waiting", "payer landlord"), (order.State, string.Join(' ', order.Awaits)));
        }

        var leases = await LeasesFor.Rows(Exchange, null, Ct);
        Assert.Equal(
            [
                "crimson-own crimson 2027-07-01T00:00:00Z  own", "spring-lab crimson 2026-12-15T00:00:00Z ",
                "vision-lab spring-lab 2026-12-15T00:00:00Z ",
                "winter-runs crimson 2027-03-01T00:00:00Z lessee: agree",
            ],
            leases.Select(one => $"{one.Holder} {one.Lessor} {(global::Exchange.Text.Of(one.Until))} {one.Asked}" +
                (one.IsOwn ? " own" : "")));

        // MIT pays three nodes at 0.65 from the 2nd, and gets what the sublessee pays for one at 0.90 from the 4th. Two
        // nodes that are reserved for BU from the 9th on at 0.95 are owed for 528 hours, used or not.
        var rated = await (await RatingNow.Read(Exchange.Sources, Ct)).Rate(new RateRequest(November), null, Ct);
        Assert.Equal(
            ["spring-lab 1357.20 USD ", "vision-lab 583.20 USD spring-lab", "winter-runs 1003.20 USD "],
            rated.Charges.Select(one => one.Charge).Where(one => one.Landlord == Landlords.Racks)
                .GroupBy(one => (one.Project, one.Lessor)).Select(of =>
                    $"{of.Key.Project} {Money.Sum(of.Select(one => one.Amount))} {of.Key.Lessor}")
                .Order(StringComparer.Ordinal));
        Assert.Contains(rated.Charges, one => one.Charge.Sku == ServiceCredits.Sku && one.Charge.Amount < Money.Zero);
        Assert.All(
            rated.Charges.Where(one => one.Charge.Landlord == Landlords.Objects),
            one => Assert.Equal("blockbank", one.Charge.Bought?.Payee));

        Assert.Equal(
            [
                "reservation crimson winter-runs agreed ", "price lock nerc river-ice-stack agreed ",
                "commitment gatefarm river-ice-gatefarm-1 proposed customer: agree",
                "commitment nerc river-ice-stack agreed ",
            ],
            (await DealsFor.Rows(Exchange, null, Ct)).OrderBy(one => one.From)
                .ThenBy(one => one.Landlord.Value, StringComparer.Ordinal)
                .Select(one => $"{one.Kind} {one.Landlord} {one.Holder} {one.State} {one.Asked}"));

        var said = await Exchange.Journal.State(Payee.Fold, new PayeeName("landlord", "blockbank"), Ct);
        Assert.Equal(1, Assert.Single(said.Disputes.Keys).Line);
    }
}
