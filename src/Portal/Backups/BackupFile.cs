using System.Buffers.Binary;
using System.Text.Json;
using Exchange.Journal;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Portal.Backups;

/// <summary>What a backup says of itself, before the dump of the database.</summary>
/// <param name="Head">The end of the journal, signed, before the dump was begun: all up to there is in it.</param>
/// <param name="Roles">The roles that the database grants something to; a dump does not make them.</param>
/// <param name="Heads">The files of signed heads, by name, and the key that signs.</param>
internal sealed record BackupContents(
    Instant At, SignedHead Head, IReadOnlyList<string> Roles, IReadOnlyDictionary<string, string> Heads);

/// <summary>The whole exchange in one file: its database, its signed heads, and the key that signs them.</summary>
internal static class BackupFile
{
    private const int MaxContentsLength = 64 << 20;

    private static readonly InstantPattern Stamp = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'");

    /// <summary>Writes a backup beside its name and gives it the name when it is whole.</summary>
    /// <param name="to">The file, or a directory in which it gets a name of its own.</param>
    /// <exception cref="RefusedException">There is a file of this name, or the dump failed.</exception>
    public static async Task<(string File, long Bytes, BackupContents Contents)> Write(
        Composition exchange, string to, BackupKey key, CancellationToken ct)
    {
        var now = exchange.Clock.GetCurrentInstant();
        var file = Path.GetFullPath(
            Directory.Exists(to) ? Path.Combine(to, $"exchange-{Stamp.Format(now)}.backup") : to);
        RefuseExisting(file);
        var contents = new BackupContents(
            now, await exchange.Heads.Sign(exchange.Database, now, ct), await Roles(exchange, ct),
            await exchange.Heads.Files(ct));
        var aside = $"{file}.{Environment.ProcessId}.new";
        try
        {
            await Write(exchange, aside, key, contents, ct);
            RefuseExisting(file);
            File.Move(aside, file, overwrite: false);
        }
        finally
        {
            File.Delete(aside);
        }

        return (file, new FileInfo(file).Length, contents);
    }

    /// <summary>Reads a whole backup, so that all that is wrong with it is said before anything is written.</summary>
    /// <returns>What it says of itself.</returns>
    /// <exception cref="RefusedException">It is none, is damaged, or sealed with something else.</exception>
    public static async Task<BackupContents> Check(string file, BackupKey key, CancellationToken ct)
    {
        await using var chunks = Open(file, key);
        var contents = Contents(chunks, file);
        await chunks.CopyToAsync(Stream.Null, SealedChunks.Size, ct);
        return contents;
    }

    /// <summary>The dump in a backup, to be read to its end.</summary>
    public static Stream Dump(string file, BackupKey key)
    {
        var chunks = Open(file, key);
        Contents(chunks, file);
        return chunks;
    }

    private static async Task Write(
        Composition exchange, string file, BackupKey key, BackupContents contents, CancellationToken ct)
    {
        await using var into = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        var header = key.NewHeader();
        var bytes = header.Write();
        await into.WriteAsync(bytes, ct);
        await using var chunks = new SealedChunks.Writer(into, key.Of(header, bytes, file));
        var said = JsonSerializer.SerializeToUtf8Bytes(contents, Text.Json);
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, said.Length);
        await chunks.WriteAsync(length, ct);
        await chunks.WriteAsync(said, ct);
        // A pool does not tell the password with which it was opened.
        await DatabaseDump.Write(exchange.Place.Database ?? exchange.Database.ConnectionString, chunks, ct);
        chunks.Finish();
        into.Flush(flushToDisk: true);
    }

    private static SealedChunks.Reader Open(string file, BackupKey key)
    {
        try
        {
            var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, SealedChunks.Size);
            try
            {
                var (header, bytes) = BackupHeader.Read(from, file);
                return new(from, key.Of(header, bytes, file), file);
            }
            catch (RefusedException)
            {
                from.Dispose();
                throw;
            }
        }
        catch (Exception e) when (
            e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new RefusedException(new(
                "file/unreadable", $"{e.Message} Check the path and its permissions.", file));
        }
    }

    private static BackupContents Contents(SealedChunks.Reader chunks, string file)
    {
        var prefix = new byte[sizeof(int)];
        if (chunks.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) == prefix.Length &&
            BinaryPrimitives.ReadInt32BigEndian(prefix) is var length and > 0 and <= MaxContentsLength)
        {
            var said = new byte[length];
            if (chunks.ReadAtLeast(said, length, throwOnEndOfStream: false) == length)
            {
                return JsonSerializer.Deserialize<BackupContents>(said, Text.Json)!;
            }
        }

        throw new RefusedException(new("backup/damaged", "The backup says nothing of itself. Take another.", file));
    }

    private static Task<IReadOnlyList<string>> Roles(Composition exchange, CancellationToken ct) =>
        exchange.Database.Texts(
            "select rolname from pg_roles where rolname ~ '^exchange_[a-z_]+$' order by 1", [], ct);

    private static void RefuseExisting(string file)
    {
        if (File.Exists(file))
        {
            throw new RefusedException(new(
                "backup/exists",
                "There is a file of this name, and no backup is ever written over one. Name another.", file));
        }
    }
}
