using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>What has become of an invoice, as those who owe or wait for the money see it on a day.</summary>
public enum PaymentStatus { Open, PastDue, Paid, BilledToInstitution, Void }

/// <summary>Says what has become of an invoice.</summary>
public static class PaymentStatuses
{
    /// <param name="status">As the books have it: issued, taken, paid or void.</param>
    /// <param name="open">What of it is neither paid nor credited.</param>
    public static PaymentStatus Of(string status, Money open, LocalDate? due, LocalDate today) => status switch
    {
        "void" => PaymentStatus.Void,
        "taken" => PaymentStatus.BilledToInstitution,
        "paid" => PaymentStatus.Paid,
        _ when open <= Money.Zero => PaymentStatus.Paid,
        _ => due < today ? PaymentStatus.PastDue : PaymentStatus.Open,
    };

    public static string Words(this PaymentStatus status) => status switch
    {
        PaymentStatus.Open => "Open",
        PaymentStatus.PastDue => "Past due",
        PaymentStatus.Paid => "Paid",
        PaymentStatus.BilledToInstitution => "Billed to institution",
        PaymentStatus.Void => "Void",
    };
}

/// <summary>An invoice of any kind on which something is open.</summary>
/// <param name="Kind">pi, institution, payer or group.</param>
/// <param name="Account">Who owes it.</param>
public sealed record Receivable(
    string Number, string Kind, string Account, BillingMonth Month, LocalDate Due, Money Owed, Money Paid,
    Money Credited)
{
    /// <summary>What is still to be paid.</summary>
    public Money BalanceDue => Owed - Credited - Paid;

    /// <summary>How many days ago it should have been paid; zero while it is not due.</summary>
    public int DaysPastDue(LocalDate today) => Due < today ? NodaTime.Period.DaysBetween(Due, today) : 0;
}

/// <summary>What is to be paid in all, and what of it should have been before a day.</summary>
public sealed record ReceivableSums(Money Open, int Count, Money PastDue, int Late);

/// <summary>Lists everything that is to be paid: by PIs, institutions, payers and groups alike.</summary>
public static class Receivables
{
    public static async Task<IReadOnlyList<Receivable>> Run(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select number, 'pi' as kind, coalesce(person, account), month, due, owed, paid,
                   credited + offsets + written_off
            from invoicing.invoice left join invoicing.alias on alias = account
            where status = 'issued' and open > 0
            union all
            select number, kind, party, month, due, owed, paid, credited + offsets + written_off
            from invoicing.party_invoice
            where status = 'issued' and open > 0
            order by due, number
            limit 1000000
            """;

        var found = new List<Receivable>();
        await using var command = connection.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetString(0), rows.GetString(1), rows.GetString(2), BillingMonth.Parse(rows.GetString(3)),
                rows.GetFieldValue<LocalDate>(4), new(rows.GetInt64(5)), new(rows.GetInt64(6)),
                new(rows.GetInt64(7))));
        }

        return found;
    }

    /// <summary>What all of that comes to, without a row of each.</summary>
    public static async Task<ReceivableSums> Sums(NpgsqlConnection connection, LocalDate today, CancellationToken ct)
    {
        const string Sql = """
            select coalesce(sum(open), 0)::bigint, count(*)::int,
                   coalesce(sum(open) filter (where due < $1), 0)::bigint, (count(*) filter (where due < $1))::int
            from (select due, open from invoicing.invoice where status = 'issued' and open > 0
                  union all
                  select due, open from invoicing.party_invoice where status = 'issued' and open > 0) of
            """;

        await using var command = connection.Statement(Sql, [today]);
        await using var row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        return new(new(row.GetInt64(0)), row.GetInt32(1), new(row.GetInt64(2)), row.GetInt32(3));
    }
}
