using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// Two lines of one SKU are told apart by their steps, which pages read from their ids. Seen before: leases had none.
/// </summary>
public class StepsOfIds
{
    [Theory]
    [InlineData(null)]
    [InlineData("by torx")]
    [InlineData("above 1000")]
    [InlineData("agreed in Q-7F3K2M9Q")]
    [InlineData("agreed in L-7F3K2M9Q")]
    [InlineData("sublet by p-mit")]
    [InlineData("sublet by p-mit, price 2")]
    [InlineData("reserved 2 from 2026-10-10")]
    public void The_id_of_a_charge_says_its_step_whatever_else_it_says(string? step)
    {
        foreach (var (lessor, agreement, since) in
            from lessor in (string?[])[null, "p-mit"]
            from agreement in (string?[])[null, "Q-7F3K2M9Q", "L-7F3K2M9Q", "L-7F3K2M9Q/2"]
            from since in (string[])["", "~2026-10-12T00:00:00Z", "~2026-10-12T00:00:00.5Z"]
            select (lessor, agreement, since))
        {
            var id = "2026-10:acme:c1:class:cs102:CPU:acme/pods/2026-10-01#12" + (lessor is null ? "" : $"^{lessor}") +
                (agreement is null ? "" : $"@{agreement}") + since + (step is null ? "" : $":{step}");
            Assert.Equal(step, Charge.StepOf(id));
            Assert.Equal(agreement?.Split('/')[0], Charge.AgreementOf(id));
        }
    }
}
