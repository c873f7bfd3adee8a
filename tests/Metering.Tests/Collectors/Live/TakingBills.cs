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
}
