using System.CommandLine;
using Exchange.Invoicing.Explaining;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Cli;

/// <summary>exchange verify, exchange replay — checks what was stored; builds every read model again.</summary>
internal static class Verify
{
    private static readonly Option<string[]> Head = new("--head")
    {
        Description = "A signed head of the journal that somebody kept: what was there then must be there now.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> WriteHead = new("--write-head")
    {
        Description = "Writes the head as it is now, signed, to be kept where nobody of here can change it.",
        HelpName = "FILE",
    };

    private static readonly Option<BillingMonth?> Rated = Settings.Value<BillingMonth>(
        "--rate", "MONTH", "Also rates this closed month from its usage, and compares it with what its close kept.");

    public static Command Command() => new Command(
        "verify", "Checks every hash, re-folds every stream, re-adds every invoice.")
    {
        Head, WriteHead, Rated,
    }.Does(async (verb, ct) =>
    {
        await using var exchange = await verb.Open(ct);
        var (events, invoices, wrong) = await verb.Terminal.Progress(
            "Verifying …", step => Operating.Verify(exchange, step, ct, verb.Get(Head) ?? []));
        var rated = verb.Get(Rated) is not { } month ? null : await verb.Terminal.Progress(
            $"Rating {month} …", _ => VerifyRated.Run(
                exchange.Sources, month, verb.Clock.GetCurrentInstant(), ct));
        wrong = [.. wrong, .. rated?.Wrong ?? []];
        var head = await exchange.Heads.Sign(exchange.Database, verb.Clock.GetCurrentInstant(), ct);
        if (verb.Get(WriteHead) is { } file)
        {
            await File.WriteAllTextAsync(file, head.Write(), ct);
        }

        return new(
            new { events, invoices, wrong, head, rated },
            terminal =>
            {
                terminal.Say($"{events} events linked, {invoices} invoices added up.");
                Tell(terminal, rated);
                foreach (var place in wrong)
                {
                    terminal.Error.WriteLine($"error: verify/differs: {place}. Restore what was stored from a backup.");
                }

                if (wrong.Count == 0)
                {
                    terminal.Say("Everything is as it was written.");
                    terminal.Say($"Head: event {head.Position}, {head.Hash}");
                }
            },
            wrong.Count == 0 ? ExitCode.Done : ExitCode.Refused);
    });

    private static void Tell(Terminal terminal, VerifyRated.RatedVerified? rated)
    {
        if (rated is not null)
        {
            terminal.Say($"{rated.Month} rates to {rated.Charges} charges, {rated.Total}" + (
                rated.Differences.Count == 0 ? ": what was kept."
                : rated.IsTouched ? "; something came since it was looked at, and the next close bills the difference:"
                : "."));
            rated.Differences.Except(rated.Wrong).ToList().ForEach(difference => terminal.Say($"  {difference}"));
        }
    }
}

/// <summary>exchange replay — drops every read model and builds it again from the journal and the blocks.</summary>
internal static class Replay
{
    public static Command Command() => new Command(
        "replay", "Drops every read model and builds it again from the journal and the " +
        "blocks.").Does(async (verb, ct) =>
    {
        await using var exchange = await verb.Open(ct);
        _ = await verb.Terminal.Progress("Folding the blocks …", step => exchange.Commands.Noted(
            "replay", "", async ct =>
            {
                await Operating.Replay(exchange, step, ct);
                return 0;
            }, ct));
        return new(new { replayed = true }, terminal => terminal.Say("Every read model was built again."));
    });
}
