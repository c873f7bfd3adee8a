using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Metering.Collectors;

/// <summary>
/// Rows that others have rated already: bills of other clouds, and service invoices. A bill is taken whole or not at
/// all; what is issued again for a period replaces what was issued of it before; nothing is lost.
/// </summary>
public sealed class Bills(NpgsqlDataSource database)
{
    /// <summary>The formats of rated rows.</summary>
    public static IReadOnlyList<string> Formats { get; } = [FocusRows.Format, RatedLines.Format];

    /// <summary>Takes files together as one issue of each period that they speak of.</summary>
    /// <exception cref="RefusedException">
    /// A file or a row cannot be read, or there is less than what stands; nothing is taken.
    /// </exception>
    public Task<IngestOutcome> Take(
        string format, IEnumerable<(Stream Stream, CollectorContext Context)> files, CancellationToken ct) =>
        Take(format, files, new(), ct);

    public async Task<IngestOutcome> Take(
        string format, IEnumerable<(Stream Stream, CollectorContext Context)> files, BillRules rules,
        CancellationToken ct)
    {
        var taking = new BillFiles(format, rules);
        foreach (var (stream, context) in files)
        {
            taking.Read(stream, context);
        }

        taking.RefuseUnreadable();
        taking.RefuseRepeated();
        var outcome = new IngestOutcome(0, 0, 0);
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await connection.Execute("lock table metering.bill in share row exclusive mode", [], ct);
        foreach (var (issue, rows) in taking.Issues())
        {
            outcome += await Take(connection, taking, await Standing(connection, taking, issue, ct), rows, ct);
        }

        await transaction.CommitAsync(ct);
        return outcome;
    }

    /// <summary>The rows of other clouds' bills that count, of billing periods that touch a period.</summary>
    public IAsyncEnumerable<FocusRow> Focus(Period period, LandlordId? landlord, CancellationToken ct) =>
        InForce<FocusRow>(FocusRows.Format, period, landlord, ct);

    /// <summary>The lines of service invoices that count, of months that touch a period.</summary>
    public IAsyncEnumerable<RatedLine> Rated(Period period, LandlordId? landlord, CancellationToken ct) =>
        InForce<RatedLine>(RatedLines.Format, period, landlord, ct);

    /// <summary>How far usage reaches together with the bills of other clouds; null while there is neither.</summary>
    public async Task<UsageExtent?> Widen(UsageExtent? used, CancellationToken ct)
    {
        const string Sql = "select max(number), min(from_at), max(to_at) from metering.bill where format = $1";
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var command = connection.Statement(Sql, [FocusRows.Format]);
        await using var row = await command.ExecuteReaderAsync(ct);
        if (!await row.ReadAsync(ct) || await row.IsDBNullAsync(0, ct))
        {
            return used;
        }

        var (from, to) = (row.GetFieldValue<Instant>(1), row.GetFieldValue<Instant>(2));
        return used is null
            ? new(0, row.GetInt64(0), from, to)
            : new(used.Block, row.GetInt64(0), Instant.Min(used.From, from),
                used.To is { } end ? Instant.Max(end, to) : null);
    }

    /// <summary>The bill as it stands, perhaps with its times written in another way; itself where none stands.
    /// </summary>
    private static async Task<BillIssue> Standing(
        NpgsqlConnection connection, BillFiles taking, BillIssue issue, CancellationToken ct)
    {
        const string Sql = """
            select distinct from_at, to_at
            from metering.bill
            where landlord = $1 and format = $2 and issuer = $3 and account = $4
              and from_at between $5 and $6
            """;
        var start = issue.Period.Start;
        await using var command = connection.Statement(Sql,
        [
            taking.Landlord.Value, taking.Format, issue.Issuer, issue.Account,
            (start - Duration.FromDays(1)), (start + Duration.FromDays(1)),
        ]);
        await using var bills = await command.ExecuteReaderAsync(ct);
        var found = new List<BillIssue>();
        while (await bills.ReadAsync(ct))
        {
            found.Add(issue with
            {
                Period = new(
                    bills.GetFieldValue<Instant>(0), bills.GetFieldValue<Instant>(1)),
            });
        }

        return found.Contains(issue) ? issue : found.Find(issue.IsLike) ?? issue;
    }

    private static async Task<IngestOutcome> Take(
        NpgsqlConnection connection, BillFiles taking, BillIssue issue, IReadOnlyList<BillRow> rows,
        CancellationToken ct)
    {
        const string Sql = """
            insert into metering.bill
              (landlord, format, issuer, account, from_at, to_at, sha256, rows, body, taken_at, files)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """;
        var contents = taking.Contents(rows);
        var sha256 = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', contents)));
        object[] key =
        [
            taking.Landlord.Value, taking.Format, issue.Issuer, issue.Account, issue.Period.Start,
            issue.Period.End,
        ];
        if (await Newest(connection, key, ct) is { } newest)
        {
            var before = PackedLines.Unpack(newest.Body).ConvertAll(line => BillRow.Of(taking.Format, line));
            if (newest.Sha256.AsSpan().SequenceEqual(sha256) ||
                taking.Contents(before).SequenceEqual(contents, StringComparer.Ordinal))
            {
                return new(0, rows.Count, 0);
            }

            taking.Compare(before, rows, newest.Files);
        }

        await taking.RefuseReplaced(connection, issue, [.. key, sha256], ct);
        await connection.Execute(
            Sql,
            [
                .. key, sha256, rows.Count, PackedLines.Pack(rows.Select(row => row.Line)), taking.Now,
                taking.Files.ToArray(),
            ], ct);
        return new(rows.Count, 0, 0);
    }

    /// <summary>A bill as it was issued last.</summary>
    /// <param name="Body">Its rows, packed.</param>
    private sealed record StoredBill(byte[] Sha256, byte[] Body, string[] Files);

    private static async Task<StoredBill?> Newest(NpgsqlConnection connection, object[] key, CancellationToken ct)
    {
        const string Sql = """
            select sha256, body, files
            from metering.bill
            where landlord = $1 and format = $2 and issuer = $3 and account = $4 and from_at = $5 and to_at = $6
            order by number desc
            limit 1
            """;
        await using var newest = connection.Statement(Sql, key);
        await using var row = await newest.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct)
            ? new(row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1), row.GetFieldValue<string[]>(2))
            : null;
    }

    private async IAsyncEnumerable<T> InForce<T>(
        string format, Period period, LandlordId? landlord, [EnumeratorCancellation] CancellationToken ct)
    {
        const string Sql = """
            select distinct on (landlord, issuer, account, from_at, to_at) body
            from metering.bill
            where format = $1 and from_at < $3 and to_at > $2 and ($4 = '' or landlord = $4)
            order by landlord, issuer, account, from_at, to_at, number desc
            """;
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var command = connection.Statement(
            Sql, [format, period.Start, period.End, landlord?.Value ?? ""]);
        await using var bills = await command.ExecuteReaderAsync(ct);
        while (await bills.ReadAsync(ct))
        {
            foreach (var line in PackedLines.Unpack(bills.GetFieldValue<byte[]>(0)))
            {
                yield return JsonSerializer.Deserialize<T>(line, Text.Json)!;
            }
        }
    }
}
