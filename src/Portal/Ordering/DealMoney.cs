using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>Reads what is owed of a reservation or commitment, used or not: those charges name it.</summary>
internal static class DealMoney
{
    private const string Sql = """
        select month, project, round(sum(quantity), 6), unit, sum(cents)::bigint
        from exchange.charge
        where month between $1 and $2 and landlord = $3 and cluster = $4 and project = any($5) and
              id like '%, agreed in ' || $6 || '%'
        group by month, project, unit
        order by month, project, unit
        limit 100000
        """;

    /// <param name="isTheirs">Whether a project is the reader's; null for whoever reads about all of them.</param>
    public static async Task<IReadOnlyList<DealMonth>> Of(
        Composition exchange, StandingAgreement terms, Func<ProjectId, bool>? isTheirs, CancellationToken ct)
    {
        await using var view = new View(exchange.Views, new("exchange", "", Role.Finance));
        await using var command = await view.Command(Sql, ct);
        foreach (var value in (object[])[
            $"{BillingMonth.Of(terms.Period.Start)}",
            $"{BillingMonth.Of(Instant.Max(terms.Period.Start, terms.Period.End - Duration.Epsilon))}",
            terms.Landlord.Value, terms.Cluster.Value,
            terms.Holders.Select(one => one.Project.Value).Distinct().ToArray(), terms.Id])
        {
            command.Parameters.Add(new() { Value = value });
        }

        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<(BillingMonth Month, Quantity Quantity, Money Amount)>();
        while (await rows.ReadAsync(ct))
        {
            if (isTheirs is null || isTheirs(new(rows.GetString(1))))
            {
                found.Add((
                    BillingMonth.Parse(rows.GetString(0)), new(rows.GetDecimal(2), new(rows.GetString(3))),
                    new(rows.GetInt64(4))));
            }
        }

        return
        [
            .. from one in found
               group one by one.Month into month
               orderby month.Key
               select new DealMonth(
                   month.Key,
                   month.Select(one => one.Quantity.Unit).Distinct().ToList() is [var unit]
                       ? new Quantity(month.Sum(one => one.Quantity.Amount), unit)
                       : null,
                   Money.Sum(month.Select(one => one.Amount))),
        ];
    }
}
