using System.Net;
using Exchange.Portal.ReadModels;
using Exchange.Portal.Spend;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Quantities with as many digits as a decimal has add up to more than it has, and are shown all the same. Seen to fail
/// with 'numeric overflow' on the page of a landlord and of a PI.
/// </summary>
public class SumsOfManyDigits
{
    [Theory]
    [InlineData("nerc", "/landlord?month=2026-10")]
    [InlineData("ada", "/pi?month=2026-10")]
    [InlineData("finance", "/finance")]
    public async Task Are_on_every_page(string persona, string path)
    {
        await using var serving = await Filled.Start();
        var charges = Filled.Charges().SelectMany(charge => (ShownCharge[])
        [
            charge with { Id = $"{charge.Id}-a", Quantity = new(0.3333333333333333333333333333m, charge.Quantity.Unit) },
            charge with { Id = $"{charge.Id}-b", Quantity = new(12_345_678_901_234.5m, charge.Quantity.Unit) },
        ]);
        await WriteMonth.Run(
            serving.Exchange.Database, new(Filled.Month, Basis: "x", Filled.Now), charges, [], MonthUse.None,
            Serving.Ct);
        using var person = await serving.As(persona);
        using var answer = await person.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
        var html = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, html);
        Assert.DoesNotContain("overflow", html, StringComparison.OrdinalIgnoreCase);
    }
}
