using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Metering.Collectors;

/// <summary>
/// Rows that others have rated already: bills of other clouds, and service invoices. What is issued again for a period
/// replaces what was issued of it before; nothing is lost.
/// </summary>
public sealed class Bills(NpgsqlDataSource database, Meter meter)
{
    /// <summary>The formats of rated rows.</summary>
    public static IReadOnlyList<string> Formats { get; } = [FocusRows.Format, RatedLines.Format];

    private sealed record Issue(string Issuer, string Account, Period Period);

    private sealed record Row(Issue Issue, string Line, string Content);

    /// <summary>Takes files together as one issue of each period that they speak of.</summary>
    /// <exception cref="RefusedException">A file is not of the format; nothing is taken.</exception>
    public async Task<IngestOutcome> Take(
        string format, IEnumerable<(Stream Stream, CollectorContext Context)> files, CancellationToken ct)
    {
        var (rows, misfits, landlord) = (new List<Row>(), new List<Collected>(), default(LandlordId));
        var now = Instant.MinValue;
        foreach (var (stream, context) in files)
        {
            (landlord, now) = (context.Landlord, context.Now);
            foreach (var (row, misfit) in Read(format, stream, context))
            {
                if (row is not null)
                {
                    rows.Add(row);
                }
                else if (misfit is not null)
                {
                    misfits.Add(misfit);
                }
            }
        }

        var outcome = await meter.Ingest(misfits, ct);
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await connection.Execute("lock table metering.bill in share row exclusive mode", [], ct);
        foreach (var issue in rows.GroupBy(row => row.Issue))
        {
            outcome += await Take(connection, landlord, format, issue.Key, [.. issue], now, ct);
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
    internal async Task<UsageExtent?> Widen(UsageExtent? used, CancellationToken ct)
    {
        const string Sql = "select max(number), min(from_at), max(to_at) from metering.bill where format = $1";
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var command = connection.Statement(Sql, [FocusRows.Format]);
        await using var row = await command.ExecuteReaderAsync(ct);
        if (!await row.ReadAsync(ct) || await row.IsDBNullAsync(0, ct))
        {
            return used;
        }

        var (from, to) = (Instant.FromDateTimeUtc(row.GetDateTime(1)), Instant.FromDateTimeUtc(row.GetDateTime(2)));
        return used is null
            ? new(0, row.GetInt64(0), from, to)
            : new(used.Block, row.GetInt64(0), Instant.Min(used.From, from),
                used.To is { } end ? Instant.Max(end, to) : null);
    }

    private static IEnumerable<(Row? Row, Misfit? Misfit)> Read(
        string format, Stream stream, CollectorContext context) => format == FocusRows.Format
            ? FocusRows.Read(stream, context).Select(read => (read.Row is { } row ? Of(row) : null, read.Misfit))
            : RatedLines.Read(stream, context).Select(read => (read.Line is { } line ? Of(line) : null, read.Misfit));

    private static Row Of(FocusRow row) => new(
        new(row.Provider, row.BillingAccount, row.BillingPeriod), JsonSerializer.Serialize(row, Text.Json),
        JsonSerializer.Serialize(row with { Where = "" }, Text.Json));

    // Storage is an invoice of its own, beside those of the clusters that it names.
    private static Row Of(RatedLine line) => new(
        new("nerc", line.SuType.EndsWith("Storage", StringComparison.Ordinal) ? "NERC Storage" : line.Cluster.Value,
            new(line.Month.Start, line.Month.End)),
        JsonSerializer.Serialize(line, Text.Json),
        JsonSerializer.Serialize(line with { Where = "", GeneratedAt = null }, Text.Json));

    private static async Task<IngestOutcome> Take(
        NpgsqlConnection connection, LandlordId landlord, string format, Issue issue, IReadOnlyList<Row> rows,
        Instant now, CancellationToken ct)
    {
        const string Newest = """
            select sha256
            from metering.bill
            where landlord = $1 and format = $2 and issuer = $3 and account = $4 and from_at = $5 and to_at = $6
            order by number desc
            limit 1
            """;
        const string Sql = """
            insert into metering.bill
              (landlord, format, issuer, account, from_at, to_at, sha256, rows, body, taken_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """;
        var sha256 = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', rows.Select(row => row.Content))));
        object[] key =
        [
            landlord.Value, format, issue.Issuer, issue.Account, issue.Period.Start.ToDateTimeUtc(),
            issue.Period.End.ToDateTimeUtc(),
        ];
        await using (var newest = connection.Statement(Newest, key))
        {
            if (await newest.ExecuteScalarAsync(ct) is byte[] known && known.AsSpan().SequenceEqual(sha256))
            {
                return new(0, rows.Count, 0);
            }
        }

        await connection.Execute(
            Sql, [.. key, sha256, rows.Count, PackedLines.Pack(rows.Select(row => row.Line)), now.ToDateTimeUtc()], ct);
        return new(rows.Count, 0, 0);
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
            Sql, [format, period.Start.ToDateTimeUtc(), period.End.ToDateTimeUtc(), landlord?.Value ?? ""]);
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
