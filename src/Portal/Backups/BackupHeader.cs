using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace Exchange.Portal.Backups;

/// <summary>How a backup is sealed.</summary>
internal enum Sealing
{
    /// <summary>Its chunks tell of damage, and anybody can read and write them.</summary>
    Open,

    /// <summary>Whoever knows the passphrase reads it.</summary>
    Passphrase,

    /// <summary>Whoever has the private key of the recipient reads it; who made it cannot.</summary>
    Recipient,
}

/// <summary>
/// What stands before the chunks of a backup, in the clear; the key of the chunks is bound to each byte of it.
/// </summary>
/// <param name="Salt">Random for each backup, so that no two have the same key.</param>
/// <param name="Rounds">How often the passphrase is hashed; nothing otherwise.</param>
/// <param name="Sender">The public half of the key that was made for this backup and thrown away.</param>
internal sealed record BackupHeader(int Form, Sealing Sealing, byte[] Salt, int Rounds, byte[]? Sender)
{
    public const int NewestForm = 1;
    private const int MaxHeaderLength = 4_096;

    private static ReadOnlySpan<byte> Magic => "exchange backup\n"u8;

    /// <summary>The bytes as they stand in the file.</summary>
    public byte[] Write()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, Text.Json);
        var bytes = new byte[Magic.Length + sizeof(int) + json.Length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(Magic.Length), json.Length);
        json.CopyTo(bytes, Magic.Length + sizeof(int));
        return bytes;
    }

    /// <exception cref="RefusedException">The file is no backup, or a newer product wrote it.</exception>
    public static (BackupHeader Header, byte[] Bytes) Read(Stream from, string file)
    {
        var start = new byte[Magic.Length + sizeof(int)];
        var isWhole = from.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length;
        var length = BinaryPrimitives.ReadInt32BigEndian(start.AsSpan(Magic.Length));
        if (!isWhole || !start.AsSpan(0, Magic.Length).SequenceEqual(Magic) || length is < 1 or > MaxHeaderLength)
        {
            throw NoBackup(file);
        }

        var json = new byte[length];
        if (from.ReadAtLeast(json, length, throwOnEndOfStream: false) < length)
        {
            throw NoBackup(file);
        }

        try
        {
            var header = JsonSerializer.Deserialize<BackupHeader>(json, Text.Json);
            return header is null or { Salt: null } ? throw NoBackup(file)
                : header.Form > NewestForm ? throw new RefusedException(new(
                    "backup/newer",
                    $"A newer version of the product wrote this backup (form {header.Form}, this program knows " +
                    $"{NewestForm}). Restore it with that version.", file))
                : (header, [.. start, .. json]);
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException)
        {
            throw NoBackup(file);
        }
    }

    public static BackupHeader Of(Sealing sealing, int rounds = 0, byte[]? sender = null) =>
        new(NewestForm, sealing, RandomNumberGenerator.GetBytes(32), rounds, sender);

    private static RefusedException NoBackup(string file) => new(new(
        "backup/not-one",
        "This is no backup of an exchange, or its beginning is damaged. 'exchange backup FILE' writes one.", file));
}
