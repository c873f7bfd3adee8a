using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>What two years come to on paper, and what funds may have paid of it.</summary>
internal static class OnPaper
{
    private const string Sql = """
        select account, service_month, sum(cents) / 100.0,
               sum((select coalesce(sum(split_part(share->>'amount', ' ', 1)::numeric), 0)
                    from jsonb_array_elements(funds) share where share->>'fund' = 'nerc-new-pi-credit')),
               sum((select coalesce(sum(split_part(share->>'amount', ' ', 1)::numeric), 0)
                    from jsonb_array_elements(funds) share where share->>'fund' = 'nerc-bu-subsidy'))
        from invoicing.line
        group by account, service_month
        order by account, service_month
        """;

    public static async Task Is(Exchanges exchange, LongStory story, CancellationToken ct)
    {
        var billed = new List<(string Owner, BillingMonth Month, decimal Amount, decimal Credit, decimal Subsidy)>();
        await using (var command = exchange.Living.Database.CreateCommand(Sql))
        {
            await using var rows = await command.ExecuteReaderAsync(ct);
            while (await rows.ReadAsync(ct))
            {
                billed.Add((
                    rows.GetString(0), BillingMonth.Parse(rows.GetString(1)), rows.GetDecimal(2),
                    rows.GetDecimal(3), rows.GetDecimal(4)));
            }
        }

        Assert.Equal(
            story.OnPaper().Where(of => of.Value != 0).Select(of => $"{of.Key.Owner} {of.Key.Month} {of.Value:0.00}"),
            billed.GroupBy(of => (Owner: PersonOf(of.Owner), of.Month))
                .Select(same => (same.Key.Owner, same.Key.Month, Amount: same.Sum(of => of.Amount)))
                .Where(of => of.Amount != 0).OrderBy(of => of.Owner, StringComparer.Ordinal).ThenBy(of => of.Month)
                .Select(of => $"{of.Owner} {of.Month} {of.Amount:0.00}"));

        // Each address was new once, before anybody knew that they are one person: what was granted stays.
        foreach (var person in billed.GroupBy(of => of.Owner))
        {
            var isPartner = !person.Key.EndsWith("example.org", StringComparison.Ordinal);
            var credit = person.Where(of => of.Month <= LongStory.First.Next).Sum(of => of.Amount);
            Assert.Equal(isPartner ? Math.Min(1000m, credit) : 0m, person.Sum(of => of.Credit));
            Assert.All(person, of => Assert.Equal(
                person.Key.EndsWith("@bu.edu", StringComparison.Ordinal)
                    ? Math.Min(100m, of.Amount - of.Credit)
                    : 0m,
                of.Subsidy));
        }
    }

    /// <summary>Two addresses are one person since they were merged; what was billed before stays where it was billed.</summary>
    private static string PersonOf(string account) =>
        account == LongStory.Old.Value ? LongStory.Kept.Value : account;
}
