using Exchange.Metering;
using Exchange.Portal.Keys;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A PI sees which resources cost most, and GPUs that do little.</summary>
public class MostExpensive
{
    [Fact]
    public async Task A_line_is_shared_over_its_resources_by_use_to_the_cent_and_only_the_PI_s_own_are_shown()
    {
        await using var serving = await UsedMonth.Start();
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var sent = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            UsedMonth.Event("vm-much", "p-ada", 340), "application/x-ndjson"), Serving.Ct);
        await RateMonths.Run(serving.Exchange, _ => { }, Serving.Ct);
        using var ada = await serving.As("ada");
        var csv = await ada.GetStringAsync(
            new Uri("/pi/resources?month=2026-10&csv=resources", UriKind.Relative), Serving.Ct);
        var rows = csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["vm-much", "vm-ada"], rows.Skip(1).Select(row => row.Split(',')[0]));
        Assert.EndsWith(",1060.8", rows[1], StringComparison.Ordinal);
        Assert.EndsWith(",12.48", rows[2], StringComparison.Ordinal);
        Assert.Contains("\"340 vCPU, 1,360 GiB\"",
            csv, StringComparison.Ordinal);
        Assert.DoesNotContain("vm-ben", csv, StringComparison.Ordinal);
        var page = await ada.GetStringAsync(new Uri("/pi/resources?month=2026-10", UriKind.Relative), Serving.Ct);
        Assert.Contains("no GPU was used", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"vcpu":"8","ram_mib":"32768"}""", "8 vCPU, 32 GiB")]
    [InlineData("""{"gpu":"1","gpu_model":"a100","vcpu":"24","ram_mib":"512"}""", "24 vCPU, 512 MiB, 1 GPU a100")]
    [InlineData("""{"storage_gib":"1500","node":"n1"}""", "1,500 GiB of storage, node n1")]
    [InlineData("{}", "")]
    public void A_shape_is_said_in_words(string shape, string words) =>
        Assert.Equal(words, ShapeWords.Of(Shape.Parse(shape, null)));

    [Theory]
    [InlineData(10, 1, 10.0)]
    [InlineData(10, 30, 100.0)]
    [InlineData(0, 1, null)]
    [InlineData(10, null, null)]
    public void How_busy_GPUs_were_is_a_share_of_the_time_they_were_held(int held, int? busy, double? share) =>
        Assert.Equal((decimal?)share, new GpuSpend(Filled.Charges().First(), held, busy, Money.Zero).Share);
}
