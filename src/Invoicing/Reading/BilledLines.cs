using System.Collections.Immutable;
using System.Text.Json;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>Reads lines of invoices that are not void.</summary>
public static class BilledLines
{
    private const string Columns = """
        charge_id, from_at, to_at, landlord, service, cluster, project, project_name, sku, quantity, unit, rate, cents,
        funds::text, sheet, adjusts, avoided, account
        """;

    /// <summary>What was billed of a month so far, adjustments among it, by account.</summary>
    public static async Task<ILookup<Account, InvoiceLine>> Of(
        NpgsqlDataSource database, BillingMonth month, CancellationToken ct)
    {
        const string Sql = $"""
            select {Columns}
            from invoicing.line
            where service_month = $1
            order by account, invoice, place
            """;

        return (await Read(database, Sql, month.ToString(), ct)).ToLookup(row => row.Account, row => row.Line);
    }

    /// <summary>What was billed of some months so far to some accounts, adjustments among it.</summary>
    public static async Task<IReadOnlyList<(BillingMonth Month, Account Account, InvoiceLine Line)>> Of(
        NpgsqlDataSource database, IReadOnlyList<BillingMonth> months, IEnumerable<Account> accounts,
        CancellationToken ct)
    {
        const string Sql = $"""
            select {Columns}, service_month
            from invoicing.line
            where service_month = any($1) and account = any($2)
            order by account, invoice, place
            """;

        await using var command = database.Statement(
            Sql,
            [
                months.Select(month => month.ToString()).ToArray(),
                accounts.Select(account => account.Name).ToArray(),
            ]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var lines = new List<(BillingMonth, Account, InvoiceLine)>();
        while (await rows.ReadAsync(ct))
        {
            lines.Add((BillingMonth.Parse(rows.GetString(18)), Account.Named(rows.GetString(17)), Line(rows)));
        }

        return lines;
    }

    /// <summary>What the invoices of a month bill, adjustments of earlier months among it, by account.</summary>
    public static async Task<ILookup<Account, InvoiceLine>> InvoicedIn(
        NpgsqlDataSource database, BillingMonth month, CancellationToken ct)
    {
        const string Sql = $"""
            select {Columns}
            from invoicing.line
            where invoice in (select id from invoicing.invoice where month = $1)
            order by account, invoice, place
            """;

        return (await Read(database, Sql, month.ToString(), ct)).ToLookup(row => row.Account, row => row.Line);
    }

    /// <summary>What the invoices of a month bill to one PI, adjustments of earlier months among it.</summary>
    public static async Task<IReadOnlyList<InvoiceLine>> InvoicedTo(
        NpgsqlDataSource database, PiId pi, BillingMonth month, CancellationToken ct)
    {
        const string Sql = $"""
            select {Columns}
            from invoicing.line
            where invoice in (select id from invoicing.invoice where account = $1 and month = $2)
            order by invoice, place
            """;

        await using var command = database.Statement(Sql, [pi.Value, month.ToString()]);
        return [.. (await Read(command, ct)).Select(row => row.Line)];
    }

    /// <summary>Every line that billed or adjusted a charge, oldest first.</summary>
    public static async Task<IReadOnlyList<InvoiceLine>> OfCharge(
        NpgsqlDataSource database, string chargeId, CancellationToken ct)
    {
        const string Sql = $"""
            select {Columns}
            from invoicing.line
            where charge_id = $1
            order by invoice, place
            limit 1000
            """;

        return [.. (await Read(database, Sql, chargeId, ct)).Select(row => row.Line)];
    }

    private static async Task<List<(Account Account, InvoiceLine Line)>> Read(
        NpgsqlDataSource database, string sql, string value, CancellationToken ct)
    {
        await using var command = database.Statement(sql, [value]);
        return await Read(command, ct);
    }

    private static async Task<List<(Account Account, InvoiceLine Line)>> Read(
        NpgsqlCommand command, CancellationToken ct)
    {
        await using var rows = await command.ExecuteReaderAsync(ct);
        var lines = new List<(Account, InvoiceLine)>();
        while (await rows.ReadAsync(ct))
        {
            lines.Add((Account.Named(rows.GetString(17)), Line(rows)));
        }

        return lines;
    }

    internal static InvoiceLine Line(NpgsqlDataReader rows)
    {
        var unit = new Unit(rows.GetString(10));
        return new()
        {
            ChargeId = rows.GetString(0),
            ServicePeriod = new(rows.GetFieldValue<Instant>(1),
                rows.GetFieldValue<Instant>(2)),
            Landlord = new(rows.GetString(3)),
            Service = rows.GetString(4),
            Cluster = new(rows.GetString(5)),
            Project = new(rows.GetString(6)),
            ProjectName = rows.GetString(7),
            Sku = new(rows.GetString(8)),
            Quantity = new(rows.GetDecimal(9), unit),
            Rate = new(rows.GetDecimal(11), unit),
            Amount = new(rows.GetInt64(12)),
            Funds = rows.GetString(13) is not "[]" and var funds
                ? JsonSerializer.Deserialize<ImmutableArray<FundShare>>(funds, Text.Json)
                : [],
            Sheet = rows.GetString(14),
            Adjusts = rows.IsDBNull(15) ? null : BillingMonth.Parse(rows.GetString(15)),
            Avoided = rows.IsDBNull(16) ? null : new Money(rows.GetInt64(16)),
        };
    }
}
