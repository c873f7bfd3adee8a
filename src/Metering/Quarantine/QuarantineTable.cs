using System.Security.Cryptography;
using System.Text;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>What was set aside, and what operators decided about it.</summary>
/// <param name="ledger">Where the journal is: another database where lanes have their own.</param>
internal sealed partial class QuarantineTable(NpgsqlDataSource database, NpgsqlDataSource ledger, IClock clock)
{
    /// <summary>So much of what it is called, and of what was wrong: what is longer is a name of nothing.</summary>
    private const int MaxNameLength = 1_000;

    /// <summary>All that is stored of what was set aside; what else a row has is worked out from these.</summary>
    public const string Columns =
        "key, reason, why, source, id, landlord, text, at, fate, decided_by, decided_at, because";

    private readonly PostgresJournal _journal = new(ledger, clock);

    /// <summary>Keeps what could not be understood; the same text sent again is the same row.</summary>
    public static async Task Add(
        NpgsqlConnection connection, IReadOnlyCollection<RejectedReading> misfits, Instant now, CancellationToken ct)
    {
        const string Sql = """
            insert into metering.quarantine (key, reason, why, source, id, landlord, text, at)
            select key, reason, why, source, id, nullif(landlord, ''), text, $8
            from unnest($1, $2, $3, $4, $5, $6, $7) as fresh (key, reason, why, source, id, landlord, text)
            on conflict do nothing
            """;
        if (misfits.Count == 0)
        {
            return;
        }

        var texts = misfits.Select(m => Storable(m.Text)).ToArray();
        var keys = misfits.Zip(texts, (m, text) =>
            SHA256.HashData(Encoding.UTF8.GetBytes($"{m.Reason}\n{m.Source}\n{m.Id}\n{text}"))).ToArray();
        await using var insert = connection.Statement(Sql, []);
        foreach (object value in (object[])[
            keys, Texts(m => m.Reason), Texts(m => m.Why), Texts(m => m.Source), Texts(m => m.Id),
            Texts(m => m.Landlord?.Value ?? ""),
            texts.Select(text => Kept(text, RejectedReading.MaxTextLength)).ToArray(), now])
        {
            insert.Parameters.Add(new() { Value = value });
        }

        await insert.ExecuteNonQueryAsync(ct);

        string[] Texts(Func<RejectedReading, string> of) => [.. misfits.Select(m => Called(of(m)))];
    }

    private static string Called(string text) => Kept(Storable(text), MaxNameLength);

    private static string Kept(string text, int most) =>
        text.Length <= most ? text : Storable(text[..most]) + "…";

    // Postgres stores no zero characters, and nothing stores half of a surrogate pair.
    private static string Storable(string text) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Replace("\0", "\\u0000", StringComparison.Ordinal)));

    /// <summary>Newest first, as much as is asked for.</summary>
    public async Task<IReadOnlyList<QuarantinedReading>> List(QuarantineQuery query, CancellationToken ct)
    {
        const string Sql = """
            select name, reason, why, source, id, landlord, left(text, $5), at, fate, decided_by, decided_at, because
            from metering.quarantine
            where ($1 = '' or name = $1) and ($2 = '' or fate = $2) and ($4 = '' or reason = $4)
            order by at desc, key
            limit $3
            """;
        await using var command = database.Statement(
            Sql, [query.Name, query.Fate, query.Limit, query.Reason, query.Letters]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var (found, letters) = (new List<QuarantinedReading>(), 0L);
        while (letters < query.AllLetters && await rows.ReadAsync(ct))
        {
            var misfit = new RejectedReading(
                rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetString(4),
                rows.IsDBNull(5) ? null : new LandlordId(rows.GetString(5)), rows.GetString(6));
            letters += misfit.Text.Length;
            found.Add(new(
                rows.GetString(0), misfit, At(7), rows.GetString(8), rows.IsDBNull(9) ? null : rows.GetString(9),
                rows.IsDBNull(10) ? null : At(10), rows.IsDBNull(11) ? null : rows.GetString(11)));
        }

        return found;

        Instant At(int column) => rows.GetFieldValue<Instant>(column);
    }

    /// <summary>The names of what waits and the reason of each, at most so many: what it holds may be large.</summary>
    public async Task<IReadOnlyList<(string Name, string Reason)>> Waiting(int most, CancellationToken ct)
    {
        await using var command = database.Statement(
            "select name, reason from metering.quarantine where fate = 'waiting' limit $1", [most]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<(string, string)>();
        while (await rows.ReadAsync(ct))
        {
            found.Add((rows.GetString(0), rows.GetString(1)));
        }

        return found;
    }

    public Task<QuarantineStatus> FateOf(string name, CancellationToken ct) =>
        _journal.State(QuarantineStatus.Fold, name, ct);

    public async Task Decide(string name, Func<QuarantineStatus, Decision<QuarantineEvent>> rule, CancellationToken ct)
    {
        var decision = await _journal.Decide(QuarantineStatus.Fold, name, rule, ct);
        if (decision.Refusal is { } refusal)
        {
            throw new RefusedException(refusal);
        }

        await Show(name, ct);
    }

    /// <summary>Makes the shown fates again from the journal.</summary>
    public async Task Rebuild(CancellationToken ct)
    {
        const string Sql = """
            select substr(id, 12) from journal.mt_streams where id like 'quarantine-%' order by 1
            """;
        var names = new List<string>();
        await using (var command = ledger.Statement(Sql, []))
        {
            names.AddRange(await command.Texts(ct));
        }

        if (!ReferenceEquals(ledger, database))
        {
            await using var own = database.Statement("select name from metering.quarantine order by 1", []);
            names = [.. names.Intersect(await own.Texts(ct))];
        }

        const string Undecided = """
            update metering.quarantine
            set fate = 'waiting', decided_by = null, decided_at = null, because = null
            where fate <> 'waiting' and name <> all($1)
            """;
        await database.Execute(Undecided, [names.ToArray()], ct);
        foreach (var name in names)
        {
            await Show(name, ct);
        }
    }

    /// <summary>
    /// What was asked for one reason of a landlord and not discarded, nor asked about again for another, under the same
    /// id with something behind it: its name, whether it waits, its text.
    /// </summary>
    public async Task<List<(string Name, bool IsWaiting, string Text)>> Unanswered(
        LandlordId landlord, string reason, string again, string behind, CancellationToken ct)
    {
        const string Sql = """
            select name, fate = 'waiting', text
            from metering.quarantine as one
            where reason = $1 and landlord = $2 and fate <> 'discarded' and not exists (
              select from metering.quarantine
              where reason = $3 and landlord = $2 and source = one.source and id = one.id || $4)
            order by name
            """;
        await using var command = database.Statement(Sql, [reason, landlord.Value, again, behind]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var asked = new List<(string, bool, string)>();
        while (await rows.ReadAsync(ct))
        {
            asked.Add((rows.GetString(0), rows.GetBoolean(1), rows.GetString(2)));
        }

        return asked;
    }

    /// <summary>Shows what was decided about a text, where it is here.</summary>
    public async Task Show(string name, CancellationToken ct)
    {
        var (fate, by, at, because) = await FateOf(name, ct) switch
        {
            QuarantineStatus.Released f => ("released", f.By, f.At, null),
            QuarantineStatus.Discarded f => ("discarded", f.By, f.At, f.Because),
            _ => ("waiting", "", Instant.MinValue, (string?)null),
        };
        const string Sql = """
            update metering.quarantine
            set fate = $2, decided_by = $3, decided_at = $4, because = $5
            where name = $1 and $2 <> 'waiting'
            """;
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = fate });
        command.Parameters.Add(new() { Value = by });
        command.Parameters.Add(new() { Value = at == Instant.MinValue ? DBNull.Value : at });
        command.Parameters.Add(new() { Value = (object?)because ?? DBNull.Value, DataTypeName = "text" });
        await command.ExecuteNonQueryAsync(ct);
    }
}
