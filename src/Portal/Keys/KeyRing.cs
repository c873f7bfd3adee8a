using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Keys;

/// <summary>The API keys of the exchange: listed, and recognised when one knocks.</summary>
internal sealed class KeyRing(IJournal journal, NpgsqlDataSource database)
{
    /// <summary>How long a revoked key may still be taken for valid by a server that has just seen it.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);

    /// <summary>A key of nobody, so that to learn that there is none takes what it takes to read one.</summary>
    private static readonly string[] OfNobody =
    [
        JsonSerializer.Serialize<ApiKeyEvent>(new ApiKeyEvent.Created(
            "nobody's", new("nobody"), KeyScope.Read, new('0', 64), "nobody", Instant.MinValue), Text.Json),
        JsonSerializer.Serialize<ApiKeyEvent>(new ApiKeyEvent.Revoked("nobody", Instant.MinValue), Text.Json),
    ];

    // By a clock that nobody sets: one that was set back would keep a revoked key valid until it has caught up.
    private readonly ConcurrentDictionary<string, (ApiKey.Valid Key, long ReadAt)> _seen = new(StringComparer.Ordinal);

    /// <summary>A new key as its owner gets it, the only time it is shown.</summary>
    public sealed record New(string Id, string Key);

    /// <summary>A key as it is listed.</summary>
    public sealed record StoredKey(
        string Id, string Name, LandlordId? Landlord, KeyScope Scope, Instant CreatedAt, Instant? RevokedAt,
        string? Institution);

    /// <summary>Takes a key for valid no more, which another server may do for as long as it remembers.</summary>
    public void Forget(string id) => _seen.TryRemove(id, out _);

    /// <summary>The key that this text is, or null: unknown, revoked, or its secret is another.</summary>
    public async Task<(string Id, ApiKey.Valid Key)?> Recognise(string text, CancellationToken ct)
    {
        if (text.Length > 200 || text.Split('_', 3) is not ["exchange", var id, var secret] || id.Length != 13)
        {
            return null;
        }

        var hash = Hash(secret);
        if (_seen.TryGetValue(id, out var seen) && Stopwatch.GetElapsedTime(seen.ReadAt) <= Remembered &&
            Same(seen.Key.Sha256, hash))
        {
            return (id, seen.Key);
        }

        // For whatever is wrong the journal is asked: by the time of an answer nobody learns which keys there are.
        var now = Stopwatch.GetTimestamp();
        var happened = await journal.Read<ApiKeyEvent>(ApiKey.Fold.StreamOf(id), ct);
        ReadAsMany(happened.Count);
        if (ApiKey.Fold.Of(happened) is not ApiKey.Valid valid)
        {
            _seen.TryRemove(id, out _);
            return null;
        }

        _seen[id] = (valid, now); // Only keys that exist, so that guesses cannot fill the memory.
        return Same(valid.Sha256, hash) ? (id, valid) : null;
    }

    /// <summary>A key by its id alone, for what was given out on its behalf; null when it is valid no more.</summary>
    public async Task<ApiKey.Valid?> Valid(string id, CancellationToken ct) =>
        await journal.State(ApiKey.Fold, id, ct) as ApiKey.Valid;

    public async Task<IReadOnlyList<StoredKey>> List(CancellationToken ct)
    {
        const string Sql = """
            select id, name, landlord, scope, created_at, revoked_at, institution
            from exchange.api_key
            order by created_at, id
            limit 10000
            """;

        await using var command = database.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var keys = new List<StoredKey>();
        while (await rows.ReadAsync(ct))
        {
            keys.Add(new(
                rows.GetString(0), rows.GetString(1),
                rows.IsDBNull(2) ? null : new LandlordId(rows.GetString(2)),
                ListedWord.Read<KeyScope>(rows.GetString(3)),
                rows.GetFieldValue<Instant>(4),
                rows.IsDBNull(5) ? null : rows.GetFieldValue<Instant>(5),
                rows.IsDBNull(6) ? null : rows.GetString(6)));
        }

        return keys;
    }

    /// <summary>Reads as many events as a key has that was made and revoked, where there are fewer.</summary>
    private static void ReadAsMany(int happened)
    {
        foreach (var nobody in OfNobody.AsSpan(Math.Min(happened, OfNobody.Length)))
        {
            JsonSerializer.Deserialize<ApiKeyEvent>(nobody, Text.Json);
        }
    }

    internal static string Hash(string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static bool Same(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(left), Encoding.ASCII.GetBytes(right));
}
