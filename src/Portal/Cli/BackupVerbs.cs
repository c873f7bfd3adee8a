using System.CommandLine;
using Exchange.Portal.Backups;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Cli;

/// <summary>exchange backup, exchange restore — the whole exchange as one file, sealed when asked for.</summary>
internal static class BackupVerbs
{
    public static Command Backup()
    {
        var to = new Argument<string>("file") { Description = "The file, or a directory in which it gets a name." };
        var recipient = new Option<string?>("--recipient-file")
        {
            Description = "Seals it for whoever has the private key of this public key.",
            HelpName = "FILE",
        };
        var passphrase = Passphrase("Seals it with the first line of this file.");
        return new Command("backup", "Writes the whole exchange into one file; it may run beside a server.")
        {
            to, recipient, passphrase,
        }.Does(async (verb, ct) =>
        {
            var key = await Key(verb.Get(passphrase), verb.Get(recipient), ct);
            await using var exchange = await verb.Open(ct);
            var (file, bytes, contents) = await verb.Terminal.Progress(
                "Writing the backup …", _ => exchange.Commands.Noted(
                    "backup", verb.Get(to), ct => BackupFile.Write(exchange, verb.Get(to), key, ct), ct,
                    done => done.File));
            var lanes = (await exchange.Meter.Databases(ct)).Count - 1;
            var isSealed = key is not BackupKey.Nobody;
            return new(new { file, bytes, isSealed, lanes, head = contents.Head }, terminal =>
            {
                terminal.Say($"{file}: {bytes} bytes, all up to event {contents.Head.Position}.");
                if (lanes > 0)
                {
                    terminal.Error.WriteLine(
                        $"The readings of {lanes} lanes are in databases of their own and not in it: back those up, " +
                        "too. See docs/operating/lanes.md.");
                }

                if (key is BackupKey.Nobody)
                {
                    terminal.Error.WriteLine(
                        "It is not sealed: whoever reads the file reads everything. See --recipient-file and " +
                        "--passphrase-file.");
                }
            });
        });
    }

    public static Command Restore()
    {
        var from = new Argument<string>("file") { Description = "A file that 'exchange backup' wrote." };
        var privateKey = new Option<string?>("--key-file")
        {
            Description = "The private key of the recipient that it is sealed for.",
            HelpName = "FILE",
        };
        var passphrase = Passphrase("The passphrase that it is sealed with is the first line of this file.");
        return new Command("restore", "Makes an exchange of a backup, where there is none, and verifies it.")
        {
            from, privateKey, passphrase,
        }.Does(async (verb, ct) =>
        {
            var key = await Key(verb.Get(passphrase), verb.Get(privateKey), ct);
            var restored = await verb.Terminal.Progress("Reading the backup …", step => RestoreBackup.Run(
                verb.Get(from), key, verb.Place, verb.Clock, step, ct));
            var at = Exchange.Text.Of(restored.Contents.At);
            return new(
                new { restored.Events, restored.Invoices, restored.Wrong, at, restored.Contents.Head },
                terminal =>
                {
                    terminal.Say(
                        $"Restored what was there at {at}: {restored.Events} events, {restored.Invoices} invoices.");
                    foreach (var place in restored.Wrong)
                    {
                        terminal.Error.WriteLine($"error: verify/differs: {place}.");
                    }

                    if (restored.Wrong.Count == 0)
                    {
                        terminal.Say("Everything is as it was written. Have what came since sent again.");
                    }
                },
                restored.Wrong.Count == 0 ? ExitCode.Done : ExitCode.Refused);
        });
    }

    private static Option<string?> Passphrase(string description) => new("--passphrase-file")
    {
        Description = description,
        HelpName = "FILE",
    };

    private static async Task<BackupKey> Key(string? passphrase, string? key, CancellationToken ct) =>
        (passphrase, key) switch
        {
            (null, null) => new BackupKey.Nobody(),
            (not null, null) => BackupKey.Passphrase(await Files.Read(passphrase, ct), passphrase),
            (null, not null) => BackupKey.Recipient(await Files.Read(key, ct), key),
            _ => throw new RefusedException(new(
                "usage/two-keys", "A backup is sealed with a passphrase or a key, not both. Leave one of them out.")),
        };
}
