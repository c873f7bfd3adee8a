using Exchange.Metering.Collectors;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests.Collectors.Live;

/// <summary>Rows that others have rated, as issues of a bill.</summary>
public class TakingBills
{
    private const string Header = "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,ProviderName\n";
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 1, 0, 0);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Row(string cost, int month = 9, string account = "123") =>
        $"{cost},{account},USD,2026-{month:00}-01T00:00:00Z,2026-{month + 1:00}-01T00:00:00Z,Usage,2026-{month:00}-18T22:00:00Z,2026-{month:00}-18T23:00:00Z,SQS,AWS\n";

    private static Task<IngestOutcome> Take(LiveMeter live, params string[] files) => new Bills(live.Database).Take(
        "focus", files.Select((rows, i) => (Input.Text(Header + rows), Input.Context($"{i}.csv", null))), Ct);

    private static async Task<List<decimal>> Costs(LiveMeter live, int month)
    {
        var costs = new List<decimal>();
        await foreach (var row in new Bills(live.Database).Focus(new(Instant.FromUtc(2026, month, 1, 0, 0), Instant.FromUtc(2026, month + 1, 1, 0, 0)), new LandlordId("nerc"), Ct))
        {
            costs.Add(row.BilledCost);
        }

        return [.. costs.Order()];
    }

    [Fact]
    public async Task A_bill_read_twice_counts_once_and_one_issued_again_replaces_its_period_and_account_alone()
    {
        await using var live = await LiveMeter.New(Now);
        Assert.Equal(4, (await Take(live, Row("0.00000001") + Row("-2") + Row("5", month: 8) + Row("7", account: "456"))).Accepted);
        Assert.Equal((0, 4), await Take(live, Row("0.00000001") + Row("-2") + Row("5", month: 8) + Row("7", account: "456")) is { } o ? (o.Accepted, o.Duplicate) : default);
        Assert.Equal([-2m, 0.00000001m, 7m], await Costs(live, 9));

        Assert.Equal((1, 0), await Take(live, Row("3")) is { } p ? (p.Accepted, p.Duplicate) : default);
        Assert.Equal([3m, 7m], await Costs(live, 9));
        Assert.Equal([5m], await Costs(live, 8));
    }

    [Fact]
    public async Task Parts_that_are_taken_together_are_one_issue()
    {
        await using var live = await LiveMeter.New(Now);
        Assert.Equal(2, (await Take(live, Row("1"), Row("2"))).Accepted);
        Assert.Equal([1m, 2m], await Costs(live, 9));
    }

    /// <summary>Seen to take the other rows for the bill.</summary>
    [Theory]
    [InlineData("much,123,USD,2026-09-01,2026-10-01,Usage,2026-09-18,2026-09-19,SQS,AWS", "bill/unreadable-row")]
    [InlineData("2,123,USD,2026-09-01,2026-10-01,Usage,2026-09-18,2026-09-19,S,QS,AWS", "file/not-csv")]
    [InlineData("2,123,USD,2026-09-01,2026-10-01,Usage,2026-09-18,2026-0", "file/not-csv")]
    [InlineData("2,123,USD,2026-09-01,2026-10-01,Usage,2026-09-18,2026-09-19,\"SQS,AWS\n", "file/not-csv")]
    public async Task A_row_that_cannot_be_read_refuses_the_whole_bill(string row, string code)
    {
        await using var live = await LiveMeter.New(Now);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Take(live, Row("1"), Row("2", 8) + row));
        Assert.Equal(code, refused.Refusal.Code);
        Assert.Contains("1.csv", refused.Refusal.Where, StringComparison.Ordinal);
        Assert.Empty(await Costs(live, 9));
        Assert.Empty(await Costs(live, 8));
    }

    [Fact]
    public async Task Less_than_what_stands_is_shown_before_it_replaces()
    {
        await using var live = await LiveMeter.New(Now);
        await Take(live, Row("100") + Row("40"));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Take(live, Row("90") + Row("5", 8)));
        Assert.Equal("bill/less", refused.Refusal.Code);
        Assert.Contains("stands at 140 in 2 rows. What came says 90 in 1 rows: -50", refused.Refusal.Message, StringComparison.Ordinal);
        Assert.Equal([40m, 100m], await Costs(live, 9));
        Assert.Empty(await Costs(live, 8));

        await new Bills(live.Database).Take("focus", [(Input.Text(Header + Row("90")), Input.Context("x.csv", null))], new() { AcceptsLess = true }, Ct);
        Assert.Equal([90m], await Costs(live, 9));
    }

    /// <summary>A second part that costs more than the first looked like the bill issued again.</summary>
    [Fact]
    public async Task What_leaves_out_most_of_what_stands_is_no_issue_again_however_much_it_costs()
    {
        await using var live = await LiveMeter.New(Now);
        await Take(live, Row("40"));
        var refused = await Assert.ThrowsAsync<RefusedException>(
            () => Take(live, Row("100").Replace("SQS", "EC2", StringComparison.Ordinal)));
        Assert.Equal("bill/less", refused.Refusal.Code);
    }

    [Fact]
    public async Task A_file_that_is_named_twice_is_not_billed_twice() => Assert.Equal(
        "bill/file-twice", (await Assert.ThrowsAsync<RefusedException>(async () =>
        {
            await using var live = await LiveMeter.New(Now);
            await Take(live, Row("1"), Row("1"));
        })).Refusal.Code);

    [Theory]
    [InlineData("", "Some Vendor", "Other", "Some Vendor")]
    [InlineData("NULL", "", "Compute", "Compute")]
    [InlineData("", "NULL", "", "unnamed")]
    [InlineData("EC2", "Some Vendor", "Compute", "EC2")]
    public void A_row_without_a_service_keeps_its_money(string service, string publisher, string category, string name)
    {
        var row = Assert.Single(FocusRows.Read(Input.Text(Header.Replace("ProviderName", "ProviderName,PublisherName,ServiceCategory", StringComparison.Ordinal) +
            $"1200,123,USD,2026-09-01,2026-10-01,Purchase,2026-09-18,2026-09-19,{service},AWS,{publisher},{category}\n"), Input.Context())).Row!;
        Assert.Equal((1200m, name), (row.BilledCost, row.Service));
    }

    /// <summary>
    /// Every way in which a file is given again in one call: sorted otherwise, cut, with a row more, issued again.
    /// </summary>
    [Theory]
    [InlineData("40 30 20 10", "10 20 30 40")]
    [InlineData("40 30 20 10", "40 30")]
    [InlineData("40 30", "40 30 5")]
    [InlineData("40 30 20 10", "40 30 20 11")]
    [InlineData("-40 3", "-40 7")]
    public async Task Two_files_that_share_most_of_their_money_are_not_billed_twice(string first, string second)
    {
        await using var live = await LiveMeter.New(Now);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Take(live, Rows(first), Rows(second)));
        Assert.Equal("bill/file-twice", refused.Refusal.Code);
        Assert.Equal(4, (await Take(live, Rows("40 0"), Rows("3 0"))).Accepted);
    }

    /// <summary>Parts come in another order; an issue that was replaced comes again. Seen to replace what stood.</summary>
    [Fact]
    public async Task The_same_rows_in_another_order_are_the_same_bill_and_an_older_issue_does_not_come_back_by_itself()
    {
        await using var live = await LiveMeter.New(Now);
        await Take(live, Rows("100 40"), Rows("7"));
        Assert.Equal((0, 3), await Take(live, Rows("7"), Rows("40 100")) is { } o ? (o.Accepted, o.Duplicate) : default);
        await Take(live, Rows("100 50 7"));
        var accepting = new BillRules { AcceptsLess = true };
        await new Bills(live.Database).Take("focus", [(Input.Text(Header + Rows("100 41 7")), Input.Context("x.csv", null))], accepting, Ct);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Take(live, Rows("50 7 100")));
        Assert.Equal("bill/replaced-before", refused.Refusal.Code);
        Assert.Equal([7m, 41m, 100m], await Costs(live, 9));
        await new Bills(live.Database).Take("focus", [(Input.Text(Header + Rows("50 7 100")), Input.Context("x.csv", null))], accepting, Ct);
        Assert.Equal([7m, 50m, 100m], await Costs(live, 9));
    }

    /// <summary>Seen to stand beside the first, which doubled the month.</summary>
    [Theory]
    [InlineData("2026-09-01T00:00:00Z", "2026-09-30T23:59:59Z")]
    [InlineData("2026-09-01 00:00:00 UTC", "2026-09-30")]
    [InlineData("20260901", "20261001")]
    [InlineData("2026-09-01T00:00:00-05:00", "2026-10-01T00:00:00-05:00")]
    [InlineData("1788220800", "1790812800")]
    public async Task A_bill_whose_times_are_written_in_another_way_is_the_same_bill(string start, string end)
    {
        await using var live = await LiveMeter.New(Now);
        await Take(live, Row("100") + Row("5", 8));
        var other = Row("101").Replace("2026-09-01T00:00:00Z", start, StringComparison.Ordinal)
            .Replace("2026-10-01T00:00:00Z", end, StringComparison.Ordinal);
        Assert.Equal(1, (await Take(live, other)).Accepted);
        Assert.Equal([101m], await Costs(live, 9));
        Assert.Equal([5m], await Costs(live, 8));
        Assert.Equal(2, (await Take(live, other + Row("2"))).Accepted);
        Assert.Equal([2m, 101m], await Costs(live, 9));
    }

    /// <summary>Money of a bill that is of no month would be nobody's. Seen to vanish.</summary>
    [Theory]
    [InlineData("0001-01-01T00:00:00Z", "2026-10-01")]
    [InlineData("2026-09-01", "9999-12-31")]
    [InlineData("2026-09-01", "2026-09-01")]
    [InlineData("46266", "46296")]
    [InlineData("1788220800000", "1790812800000")]
    public async Task A_bill_of_no_month_is_refused(string start, string end)
    {
        await using var live = await LiveMeter.New(Now);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Take(live, Row("1")
            .Replace("2026-09-01T00:00:00Z", start, StringComparison.Ordinal).Replace("2026-10-01T00:00:00Z", end, StringComparison.Ordinal)));
        Assert.Equal("bill/unreadable-row", refused.Refusal.Code);
    }

    private static string Rows(string costs) => string.Concat(costs.Split(' ').Select(cost => Row(cost)));
}
