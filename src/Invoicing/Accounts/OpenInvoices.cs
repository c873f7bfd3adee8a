using System.Collections.Immutable;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Accounts;

/// <summary>An invoice of an account on which something is open, or that is in its favor.</summary>
/// <param name="Open">What is owed; below zero where it is credit.</param>
public sealed record OpenInvoice(string Number, BillingMonth Month, Money Owed, Money Open, LocalDate Due);

/// <summary>Lists what is open on an account, and what is in its favor, the oldest first.</summary>
public static class OpenInvoices
{
    public static async Task<IReadOnlyList<OpenInvoice>> Run(
        NpgsqlDataSource database, AccountName account, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return await Run(connection, account, ct);
    }

    public static async Task<IReadOnlyList<OpenInvoice>> Run(
        NpgsqlConnection connection, AccountName account, CancellationToken ct) =>
        await Under(connection, (await OneAccount.Of(connection, account, ct)).Names, ct);

    /// <param name="names">Every name of the account, as the journal says.</param>
    internal static async Task<IReadOnlyList<OpenInvoice>> Under(
        NpgsqlDataSource database, ImmutableArray<AccountName> names, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return await Under(connection, names, ct);
    }

    private static async Task<IReadOnlyList<OpenInvoice>> Under(
        NpgsqlConnection connection, ImmutableArray<AccountName> names, CancellationToken ct)
    {
        const string Sql = """
            select number, month, owed, open, due
            from invoicing.invoice
            where $1 = 'pi' and account = any($2) and number is not null and status not in ('void', 'taken', 'draft')
              and open <> 0
            union all
            select number, month, owed, open, due
            from invoicing.party_invoice
            where kind = $1 and party = any($2) and status <> 'void'
              and open <> 0
            order by due, number
            """;

        await using var command = connection.Statement(
            Sql, [names[0].Kind, names.Select(name => name.Name).ToArray()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<OpenInvoice>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetString(0), BillingMonth.Parse(rows.GetString(1)), new(rows.GetInt64(2)),
                new(rows.GetInt64(3)), rows.GetFieldValue<LocalDate>(4)));
        }

        return found;
    }
}
