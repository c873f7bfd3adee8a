using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Npgsql;

namespace Exchange.Journal;

/// <summary>
/// The signed heads of an exchange in its data directory: one a day and one at each close, and the key that signs.
/// They are only worth something where whoever could change the journal cannot change them: hand them out.
/// </summary>
/// <param name="database">Another database than that of the directory: its heads are kept apart; null for none.</param>
public sealed class HeadFiles(string data, string? database = null)
{
    private readonly string _directory = Path.Combine(
        Path.GetFullPath(data), "heads", database is null ? "" : NameOf(new(database)));

    private static string NameOf(NpgsqlConnectionStringBuilder asked) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{asked.Host}:{asked.Port}/{asked.Database}")))[..16];

    private string KeyFile => Path.Combine(_directory, "signing-key.pem");

    /// <summary>The head as it is now, signed.</summary>
    public async Task<SignedHead> Sign(NpgsqlDataSource database, Instant now, CancellationToken ct)
    {
        var (position, hash) = await Head(database, ct);
        using var key = await Key(ct);
        return SignedHead.Sign(position, hash, Chain.Cut(now), key);
    }

    /// <summary>Signs the head as it is now, under the day's name or that of an occasion: 'close-2026-10'.</summary>
    /// <returns>The file.</returns>
    public async Task<string> Write(
        NpgsqlDataSource database, Instant now, string? occasion, CancellationToken ct)
    {
        var file = Path.Combine(_directory, $"{occasion ?? LocalDatePattern.Iso.Format(now.InUtc().Date)}.json");
        await Write(file, (await Sign(database, now, ct)).Write(), ct);
        return file;
    }

    /// <summary>Signs the head under the day's name, once a day.</summary>
    public async Task WriteDaily(NpgsqlDataSource database, Instant now, CancellationToken ct)
    {
        if (!File.Exists(Path.Combine(_directory, $"{LocalDatePattern.Iso.Format(now.InUtc().Date)}.json")))
        {
            await Write(database, now, null, ct);
        }
    }

    /// <summary>Every head kept here, and those in files that somebody held.</summary>
    /// <exception cref="RefusedException">A file that was given is no signed head.</exception>
    public async Task<IReadOnlyList<(string File, SignedHead Head)>> Read(
        IReadOnlyList<string> held, CancellationToken ct)
    {
        string[] kept = Directory.Exists(_directory) ? Directory.GetFiles(_directory, "*.json") : [];
        var heads = new List<(string File, SignedHead Head)>();
        foreach (var file in kept.Order(StringComparer.Ordinal).Concat(held))
        {
            heads.Add((file, SignedHead.Parse(await File.ReadAllTextAsync(file, ct), file)));
        }

        return heads;
    }

    /// <summary>The text of every file kept here by its name, the key that signs among them.</summary>
    public async Task<IReadOnlyDictionary<string, string>> Files(CancellationToken ct)
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.Exists(_directory) ? Directory.GetFiles(_directory) : [])
        {
            if (Path.GetExtension(file) is ".json" or ".pem")
            {
                texts[Path.GetFileName(file)] = await File.ReadAllTextAsync(file, ct);
            }
        }

        return texts;
    }

    /// <summary>Puts files here that are none of it yet, as they were elsewhere.</summary>
    public async Task Put(IReadOnlyDictionary<string, string> texts, CancellationToken ct)
    {
        foreach (var (name, text) in texts)
        {
            var file = Path.Combine(_directory, Path.GetFileName(name));
            if (!File.Exists(file))
            {
                await Write(file, text, ct);
            }
        }
    }

    /// <summary>Compares heads with the journal: signatures that do not hold, events that are not there.</summary>
    public static async Task<IReadOnlyList<string>> Compare(
        IReadOnlyList<(string File, SignedHead Head)> heads, NpgsqlDataSource database, CancellationToken ct)
    {
        const string Sql = """
            select held.place, link.hash
            from unnest($1::bigint[]) with ordinality as held (position, place)
            left join journal.link on link.position = held.position
            order by held.place
            """;

        List<string> wrong = [];
        await using var command = database.Statement(Sql, [heads.Select(of => of.Head.Position).ToArray()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var (file, head) = heads[(int)rows.GetInt64(0) - 1];
            var hash = rows.IsDBNull(1) ? null : Convert.ToHexStringLower(rows.GetFieldValue<byte[]>(1));
            if (!head.IsGenuine())
            {
                wrong.Add($"head {file}: its signature does not hold");
            }
            else if (head.Position > 0 && hash != head.Hash)
            {
                wrong.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"journal event {head.Position}: it {(hash is null ? "is missing" : "is another")}; it was there " +
                    $"at {Text.Of(head.At)}, by the signed head {file}"));
            }
        }

        return wrong;
    }

    private static async Task<(long Position, byte[] Hash)> Head(NpgsqlDataSource database, CancellationToken ct)
    {
        await using var command = database.Statement("select position, hash from journal.head", []);
        await using var row = await command.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct)
            ? (row.GetInt64(0), row.GetFieldValue<byte[]>(1))
            : throw new InvalidOperationException("The journal has no head. Its schema is damaged; restore a backup.");
    }

    private async Task<ECDsa> Key(CancellationToken ct)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(KeyFile))
        {
            Import(key, await File.ReadAllTextAsync(KeyFile, ct));
        }
        else
        {
            await Write(KeyFile, key.ExportECPrivateKeyPem() + "\n", ct);
        }

        return key;
    }

    private void Import(ECDsa key, string pem)
    {
        try
        {
            key.ImportFromPem(pem);
        }
        catch (Exception e) when (
            e is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            throw new RefusedException(new(
                "verify/damaged-key",
                $"The key that signs heads is damaged ({e.Message}). Restore it from a backup, or move it away: " +
                "another is made, and each head says by which key it was signed.", KeyFile));
        }
    }

    /// <summary>Written aside and moved, the owner's alone: no half file, whenever the machine stops.</summary>
    private async Task Write(string file, string text, CancellationToken ct)
    {
        Directory.CreateDirectory(
            _directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var aside = $"{file}.{Environment.ProcessId}.new";
        await using (var stream = new FileStream(aside, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        await using (var writer = new StreamWriter(stream))
        {
            await writer.WriteAsync(text.AsMemory(), ct);
            await writer.FlushAsync(ct);
            stream.Flush(flushToDisk: true); // A name that is moved before its bytes are there may hold none of them.
        }

        File.Move(aside, file, overwrite: true);
    }
}
