using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>What an account owes, by how long ago it was billed.</summary>
/// <param name="Credit">What was paid beyond all that was billed, less than nothing.</param>
public sealed record AgedAccount(
    string Account, Money UpTo30, Money UpTo60, Money UpTo90, Money Older, Money Credit)
{
    /// <summary>The same as the account's balance in the trial balance of that day.</summary>
    public Money Open => UpTo30 + UpTo60 + UpTo90 + Older + Credit;
}

/// <summary>
/// How old open receivables are as of an instant, from the ledger: what was paid or taken back ends what it was paid
/// for, what an institution took ends the invoice that it took, and the rest ends the oldest first.
/// </summary>
public static class Ageing
{
    /// <summary>What one day did to an account because of one thing.</summary>
    public sealed record Moved(string Account, string Reference, LocalDate Day, Money Amount)
    {
        /// <summary>The invoice that an institution took by it; null of everything else.</summary>
        public string? Took { get; init; }
    }

    /// <param name="asOf">The last day that counts.</param>
    public static async Task<IReadOnlyList<AgedAccount>> Run(
        NpgsqlConnection connection, LocalDate asOf, CancellationToken ct)
    {
        const string Sql = """
            select coalesce('receivable:pi:' || person, p.account) as account, p.reference,
                   (p.at at time zone 'UTC')::date as day, sum(p.cents)::bigint, took.invoice
            from invoicing.posting p
            left join invoicing.alias on p.account = 'receivable:pi:' || alias
            left join (
              select 'party-' || t.number as reference, 'receivable:pi:' || i.account as account,
                     min('invoice-' || t.invoice) as invoice
              from invoicing.taken t join invoicing.invoice i on i.id = t.invoice
              group by t.number, i.account) took
              on took.reference = p.reference and took.account = p.account
            where p.account like 'receivable:%' and p.at < $1
            group by 1, 2, 3, 5
            having sum(p.cents) <> 0
            order by 1, 3, 2
            """;

        await using var command = connection.Statement(
            Sql, [asOf.PlusDays(1).AtMidnight().InUtc().ToInstant()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var moved = new List<Moved>();
        while (await rows.ReadAsync(ct))
        {
            moved.Add(new(
                rows.GetString(0), rows.GetString(1), rows.GetFieldValue<LocalDate>(2),
                new(rows.GetInt64(3)))
            {
                Took = rows.IsDBNull(4) ? null : rows.GetString(4),
            });
        }

        return Of(moved, asOf);
    }

    /// <param name="moved">By account and day.</param>
    public static IReadOnlyList<AgedAccount> Of(IEnumerable<Moved> moved, LocalDate asOf) =>
    [
        .. moved.GroupBy(one => one.Account, StringComparer.Ordinal)
            .Select(account => One(account.Key, [.. account], asOf))
            .Where(account => !account.Open.IsZero || !account.Credit.IsZero),
    ];

    private static AgedAccount One(string account, IReadOnlyList<Moved> moved, LocalDate asOf)
    {
        var left = new List<(string Of, LocalDate Day, long Cents)>();
        var took = new Dictionary<string, long>(StringComparer.Ordinal);
        var paid = 0L;
        foreach (var thing in moved.GroupBy(one => (one.Reference, one.Took)))
        {
            var credited = -thing.Where(one => one.Amount < Money.Zero).Sum(one => one.Amount.Cents);
            foreach (var debit in thing.Where(one => one.Amount > Money.Zero).OrderBy(one => one.Day))
            {
                var ended = long.Min(credited, debit.Amount.Cents);
                credited -= ended;
                left.Add((thing.Key.Reference, debit.Day, debit.Amount.Cents - ended));
            }

            if (thing.Key.Took is { } invoice)
            {
                took[invoice] = took.GetValueOrDefault(invoice) + credited;
            }
            else
            {
                paid += credited;
            }
        }

        paid += EndInvoices(left, took);
        var ages = new long[4];
        foreach (var (_, day, cents) in left.OrderBy(debit => debit.Day))
        {
            var ended = long.Min(paid, cents);
            paid -= ended;
            var days = NodaTime.Period.DaysBetween(day, asOf);
            ages[days <= 30 ? 0 : days <= 60 ? 1 : days <= 90 ? 2 : 3] += cents - ended;
        }

        return new(account, new(ages[0]), new(ages[1]), new(ages[2]), new(ages[3]), new(-paid));
    }

    /// <summary>Ends what an institution took of each invoice.</summary>
    /// <returns>What it took beyond what was left of them.</returns>
    private static long EndInvoices(List<(string Of, LocalDate Day, long Cents)> left, Dictionary<string, long> took)
    {
        foreach (var (i, (of, day, cents)) in left.Index().OrderBy(debit => debit.Item.Day).ToList())
        {
            var ended = long.Min(took.GetValueOrDefault(of), cents);
            took[of] = took.GetValueOrDefault(of) - ended;
            left[i] = (of, day, cents - ended);
        }

        return took.Values.Sum();
    }
}
