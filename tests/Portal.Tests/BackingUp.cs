using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Exchange.Journal;
using Exchange.Portal.Backups;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// The whole exchange in one sealed file: what the guide says works line by line, what is restored is the whole, and
/// nothing that was changed, cut or meant for somebody else is restored even in part.
/// </summary>
public sealed class BackingUp
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_guide_says_makes_a_whole_exchange_again()
    {
        using var scratch = new Scratch();
        File.SetUnixFileMode(scratch.Path, (UnixFileMode)0b111_101_101);
        var usage = UsedMonth.Event("vm-1", "p-ada", 4);
        await File.WriteAllTextAsync(Path.Combine(scratch.Path, "usage"), usage, Ct);
        await File.WriteAllTextAsync(
            Path.Combine(scratch.Path, "more"), usage.Replace("vm-1", "vm-2", StringComparison.Ordinal), Ct);
        try
        {
            await Run(scratch.Path, "./exchange ingest usage --bare");
            foreach (var line in (await File.ReadAllTextAsync(Product.File("docs/operating/backups.md"), Ct))
                .Split("```sh\n")[1..].SelectMany(after => after.Split("```")[0].Trim().Split('\n')))
            {
                await Run(scratch.Path, line);
            }

            Assert.Contains(
                "Everything is as it was", await Run(scratch.Path, "./exchange verify"), StringComparison.Ordinal);
            Assert.Contains(
                "1 accepted", await Run(scratch.Path, "./exchange ingest more --data again"), StringComparison.Ordinal);
            Assert.Contains(
                "0 accepted, 1 duplicate", await Run(scratch.Path, "./exchange ingest usage --data friday"),
                StringComparison.Ordinal);
            Assert.Equal(
                (UnixFileMode)0b110_000_000, File.GetUnixFileMode(Path.Combine(scratch.Path, "friday.backup")));
        }
        finally
        {
            foreach (var data in (string[])[".exchange", "again", "friday"])
            {
                await EmbeddedPostgres.Stop(Path.Combine(scratch.Path, data), CancellationToken.None);
            }
        }
    }

    /// <summary>A line as it is typed in a directory: what follows the verb and is no option is a file in it.</summary>
    private static async Task<string> Run(string directory, string line)
    {
        var words = line.Split(' ');
        if (words[0] != "./exchange")
        {
            return await Shell(directory, line);
        }

        var typed = words.Skip(2).SelectMany(word => word.StartsWith("--", StringComparison.Ordinal) ? [word]
            : word.Contains('*', StringComparison.Ordinal)
                ? Directory.GetFiles(directory, word) : (string[])[Path.Combine(directory, word)]);
        var data = words.Contains("--data") ? "" : $" --data {directory}/.exchange";
        var said = await Typed.Line($"{words[1]} {string.Join(' ', typed)}{data}");
        Assert.True(said.Exit == 0, $"'{line}' ended with {said.Exit}: {said.Errors}{said.Output}");
        return said.Output;
    }

    [Fact]
    public async Task Whatever_is_changed_in_a_backup_it_is_refused_by_name_and_nothing_is_made()
    {
        using var scratch = new Scratch();
        var (file, key, again) = await Sealed(scratch);
        var whole = await File.ReadAllBytesAsync(file, Ct);
        var random = new Random(20_261_129);
        var changed = new Dictionary<string, byte[]>
        {
            ["nothing"] = [],
            ["a byte more"] = [.. whole, 0],
            ["a byte less"] = whole[..^1],
            ["only the header"] = whole[..300],
            ["the first half"] = whole[..(whole.Length / 2)],
            ["another's"] = Encoding.UTF8.GetBytes("exchange backup of nobody\n"),
        };
        for (var i = 0; i < 60; i++)
        {
            var flipped = whole.ToArray();
            var at = i < 30 ? i * 13 : random.Next(whole.Length);
            flipped[at] ^= (byte)(1 << random.Next(8));
            changed[$"a bit of byte {at}"] = flipped;
        }

        foreach (var (what, bytes) in changed)
        {
            await File.WriteAllBytesAsync(file, bytes, Ct);
            var told = await Typed.Line($"restore {file} --key-file {key} --data {again}");
            Assert.True(told.Exit == 1, $"{what}: {told.Exit} {told.Output}{told.Errors}");
            Assert.StartsWith($"error: {file}: backup/", told.Errors, StringComparison.Ordinal);
            Assert.False(Directory.Exists(again), what);
        }
    }

    [Fact]
    public async Task Nothing_is_opened_with_another_secret_or_written_over_what_is_there()
    {
        using var scratch = new Scratch();
        var (file, key, again) = await Sealed(scratch);
        var other = Key(scratch, "other");
        var words = await Words(scratch, "words", "correct horse battery staple");
        using var small = await SmallExchange.Start();
        var otherWords = await Words(scratch, "other-words", "correct horse battery stapler");
        var sealedWithWords = Path.Combine(scratch.Path, "words.backup");
        await small.Done($"backup {sealedWithWords} --passphrase-file {words}");

        await Refused($"restore {file} --key-file {other} --data {again}", "backup/damaged");
        await Refused($"restore {file} --data {again}", "backup/needs-key");
        await Refused($"restore {file} --passphrase-file {words} --data {again}", "backup/needs-key");
        await Refused($"restore {file} --key-file {scratch.Path}/key.pub --data {again}", "backup/bad-key");
        await Refused($"restore {sealedWithWords} --passphrase-file {otherWords} --data {again}", "backup/damaged");
        await Refused($"restore {sealedWithWords} --data {again}", "backup/needs-passphrase");
        Assert.False(Directory.Exists(again));
        Assert.Contains("backup/exists", (await small.Line($"backup {file}")).Errors, StringComparison.Ordinal);
        Assert.Contains("backup/not-empty", (await small.Line(
            $"restore {file} --key-file {key}")).Errors, StringComparison.Ordinal);
        File.SetUnixFileMode(words, (UnixFileMode)0b110_100_100);
        Assert.Contains("backup/open-to-others", (await small.Line(
            $"backup {scratch.Path}/x --passphrase-file {words}")).Errors, StringComparison.Ordinal);
        Assert.Equal(["key", "key.pub", "one.backup", "other", "other-words", "other.pub", "words", "words.backup"],
            Directory.GetFiles(scratch.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(SealedChunks.Size)]
    [InlineData((3 * SealedChunks.Size) + 17)]
    public void Chunks_come_back_in_their_order_or_not_at_all(int length)
    {
        var (plain, key) = (RandomNumberGenerator.GetBytes(length), RandomNumberGenerator.GetBytes(32));
        using var file = new MemoryStream();
        using (var writer = new SealedChunks.Writer(file, key))
        {
            writer.Write(plain);
            writer.Finish();
        }

        var bytes = file.ToArray();
        Assert.Equal(plain, Read(bytes, key));
        const int Chunk = SealedChunks.Size + 20;
        if (length > 2 * SealedChunks.Size)
        {
            Assert.Throws<RefusedException>(() => Read(
                [.. bytes[Chunk..(2 * Chunk)], .. bytes[..Chunk], .. bytes[(2 * Chunk)..]], key));
            Assert.Throws<RefusedException>(() => Read([.. bytes[..Chunk], .. bytes[(2 * Chunk)..]], key));
            Assert.Throws<RefusedException>(() => Read([.. bytes[..Chunk], .. bytes[..Chunk], .. bytes[Chunk..]], key));
            Assert.Throws<RefusedException>(() => Read(bytes[..(2 * Chunk)], key));
        }

        Assert.Throws<RefusedException>(() => Read(bytes, RandomNumberGenerator.GetBytes(32)));
    }

    private static byte[] Read(byte[] bytes, byte[] key)
    {
        using var read = new MemoryStream();
        using var reader = new SealedChunks.Reader(new MemoryStream(bytes), key, "x");
        reader.CopyTo(read);
        return read.ToArray();
    }

    /// <summary>A backup of a small exchange, the private key it is sealed for, and where nothing is yet.</summary>
    private static async Task<(string File, string Key, string Again)> Sealed(Scratch scratch)
    {
        using var small = await SmallExchange.Start();
        await small.Ran("p1", "pod-1", "2026-10-02T00:00:00Z", "2026-10-12T10:00:00Z");
        var key = Key(scratch, "key");
        var file = Path.Combine(scratch.Path, "one.backup");
        await small.Done($"backup {file} --recipient-file {key}.pub");
        Assert.DoesNotContain("acme", await File.ReadAllTextAsync(file, Ct), StringComparison.Ordinal);
        return (file, key, Path.Combine(scratch.Path, "again"));
    }

    private static string Key(Scratch scratch, string name)
    {
        using var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var file = Path.Combine(scratch.Path, name);
        File.WriteAllText(file, key.ExportECPrivateKeyPem());
        File.WriteAllText($"{file}.pub", key.ExportSubjectPublicKeyInfoPem());
        return file;
    }

    private static async Task<string> Words(Scratch scratch, string name, string words)
    {
        var file = Path.Combine(scratch.Path, name);
        await File.WriteAllTextAsync(file, $"{words}\n", Ct);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }

    private static async Task Refused(string line, string code)
    {
        var told = await Typed.Line(line);
        Assert.True(told.Exit == 1 && told.Errors.Contains($": {code}:", StringComparison.Ordinal),
            $"'{line}' ended with {told.Exit}: {told.Errors}");
    }

    private static async Task<string> Shell(string directory, string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-ec", script])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (said, errors) = (shell.StandardOutput.ReadToEndAsync(Ct), shell.StandardError.ReadToEndAsync(Ct));
        await shell.WaitForExitAsync(Ct);
        Assert.True(shell.ExitCode == 0, $"{script}\nended with {shell.ExitCode}: {await errors}{await said}");
        return await said;
    }
}
