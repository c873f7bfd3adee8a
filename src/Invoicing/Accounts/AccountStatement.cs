using System.Collections.Immutable;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Accounts;

/// <summary>One thing that changed what an account owes.</summary>
/// <param name="Document">The invoice or payment that it is about.</param>
/// <param name="Amount">Above zero when more is owed.</param>
/// <param name="Balance">What is owed after it; below zero where the account has credit.</param>
public sealed record StatementLine(LocalDate Day, string Document, string What, Money Amount, Money Balance);

/// <summary>
/// A statement of account: what was owed before a period, everything that changed it, and what is owed after. It is the
/// general ledger of the account, so it adds up with the trial balance of the same day. A person whose addresses were
/// merged has one, of all of them.
/// </summary>
public sealed record AccountStatement(
    AccountName Account, LocalDate From, LocalDate Until, Money Opening, IReadOnlyList<StatementLine> Lines)
{
    /// <summary>The last day that is in it.</summary>
    public LocalDate Last => Until.PlusDays(-1);

    public Money Closing => Lines.Count > 0 ? Lines[^1].Balance : Opening;

    /// <param name="until">The first day that is not in it.</param>
    public static async Task<AccountStatement> Read(
        NpgsqlDataSource database, AccountName account, LocalDate from, LocalDate until, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return await Read(connection, account, from, until, ct);
    }

    /// <inheritdoc cref="Read(NpgsqlDataSource, AccountName, LocalDate, LocalDate, CancellationToken)"/>
    public static async Task<AccountStatement> Read(
        NpgsqlConnection connection, AccountName account, LocalDate from, LocalDate until, CancellationToken ct)
    {
        const string Sql = """
            select p.at < $3, (p.at at time zone 'UTC')::date, coalesce(i.number, p.reference), p.what,
                   sum(p.cents)::bigint
            from invoicing.posting p
            left join invoicing.invoice i on p.reference = 'invoice-' || i.id
            where p.account = any($1) and p.at < $2
            group by p.position, p.at, coalesce(i.number, p.reference), p.what
            having sum(p.cents) <> 0
            order by p.position
            limit 1000000
            """;

        var (person, names) = await OneAccount.Of(connection, account, ct);
        await using var command = connection.Statement(Sql,
        [
            names.SelectMany(name => (string[])[name.Receivable, name.Unapplied]).ToArray(), StartOf(until),
            StartOf(from),
        ]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var (opening, balance) = (Money.Zero, Money.Zero);
        var lines = new List<StatementLine>();
        while (await rows.ReadAsync(ct))
        {
            var amount = new Money(rows.GetInt64(4));
            balance += amount;
            if (rows.GetBoolean(0))
            {
                opening = balance;
                continue;
            }

            lines.Add(new(
                rows.GetFieldValue<LocalDate>(1), DocumentOf(rows.GetString(2), names),
                rows.GetString(3), amount, balance));
        }

        return new(person, from, until, opening, lines);
    }

    private static Instant StartOf(LocalDate day) => day.AtMidnight().InUtc().ToInstant();

    /// <summary>A stream's name as its reader knows it: 'party-IN-2026-0001' is the invoice IN-2026-0001.</summary>
    private static string DocumentOf(string reference, ImmutableArray<AccountName> names) =>
        reference.StartsWith("party-", StringComparison.Ordinal) ? reference["party-".Length..]
        : names.Any(name => reference == CashAccount.Fold.StreamOf(name)) ? ""
        : reference;
}
