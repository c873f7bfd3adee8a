using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>What a lease came to in a month: what its holder was charged, and what subleases of it earned.</summary>
/// <param name="Quantity">What its holder was charged for; null where that is of several units.</param>
/// <param name="Subleases">What those who sublet from it were charged, which is its holder's.</param>
internal sealed record LeaseMonth(BillingMonth Month, Quantity? Quantity, Money Charged, Money Subleases)
{
    /// <summary>What it costs its holder in the end; below nothing where subleases earn more.</summary>
    public Money Net => Charged - Subleases;
}

/// <summary>
/// Reads charges of leases, which name them. Sums of one lease are handed out to its parties alone; what is charged for
/// a sublease is the business of whoever sublets too.
/// </summary>
internal static class LeaseMoney
{
    /// <summary>What a lease was charged for in a month, by who held it.</summary>
    private sealed record Part(
        BillingMonth Month, string Lease, ProjectId Holder, ProjectId? Lessor, Quantity Quantity, Money Amount);

    /// <param name="below">The leases that were sublet from it.</param>
    /// <param name="isTheirs">Whether a project is the reader's; null for whoever reads about all of them.</param>
    public static async Task<IReadOnlyList<LeaseMonth>> Of(
        Composition exchange, Lease lease, IReadOnlyList<Lease> below, Func<ProjectId, bool>? isTheirs,
        CancellationToken ct)
    {
        var found = (await Charged(exchange, [lease, .. below], ct)).Where(part => isTheirs is null ||
            isTheirs(part.Holder) || (part.Lessor is { } lessor && isTheirs(lessor)));
        return
        [
            .. from part in found
               group part by part.Month into month
               orderby month.Key
               let own = month.Where(part => part.Lease == lease.Id).ToList()
               select new LeaseMonth(
                   month.Key,
                   own.Select(part => part.Quantity.Unit).Distinct().ToList() is [var unit]
                       ? new Quantity(own.Sum(part => part.Quantity.Amount), unit)
                       : null,
                   Money.Sum(own.Select(part => part.Amount)),
                   Money.Sum(month.Where(part => part.Lease != lease.Id).Select(part => part.Amount))),
        ];
    }

    private static async Task<IReadOnlyList<Part>> Charged(
        Composition exchange, IReadOnlyList<Lease> leases, CancellationToken ct)
    {
        const string Sql = """
            select month, lease, project, lessor, round(sum(quantity), 6), unit, sum(cents)::bigint
            from (
                select month, substring(id from '#[0-9]+(?:\^[^#]*)?@(L-[0-9A-Z]+)') as lease, project,
                       substring(id from '#[0-9]+\^([^#]*)@L-[0-9A-Z]+') as lessor, quantity, unit, cents
                from exchange.charge
                where month between $1 and $2 and landlord = $3 and cluster = $4 and project = any($5)) as charged
            where lease = any($6)
            group by month, lease, project, lessor, unit
            order by month, lease, project, lessor, unit
            limit 100000
            """;

        var first = leases.Min(one => one.Period.Start);
        var last = leases.Max(one => one.Period.End);
        await using var view = new View(exchange.Views, new("exchange", "", Role.Finance));
        await using var command = await view.Command(Sql, ct);
        foreach (var value in (object[])[
            $"{BillingMonth.Of(first)}", $"{BillingMonth.Of(Instant.Max(first, last - Duration.Epsilon))}",
            leases[0].Landlord.Value, leases[0].Cluster.Value,
            leases.SelectMany(one => one.Holders).Select(one => one.Project.Value).Distinct().ToArray(),
            leases.Select(one => one.Id).ToArray()])
        {
            command.Parameters.Add(new() { Value = value });
        }

        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<Part>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                BillingMonth.Parse(rows.GetString(0)), rows.GetString(1), new(rows.GetString(2)),
                rows.IsDBNull(3) ? null : new ProjectId(rows.GetString(3)),
                new(rows.GetDecimal(4), new(rows.GetString(5))), new(rows.GetInt64(6))));
        }

        return found;
    }
}
