using System.CommandLine;
using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Journal;
using Exchange.Portal.Spend;

namespace Exchange.Portal.Cli;

/// <summary>exchange verify, exchange replay — checks what was stored; builds every read model again.</summary>
internal static class Verify
{
    public static Command Command() => new Command(
        "verify", "Checks every hash, re-folds every stream, re-adds every invoice.").Does(async (verb, ct) =>
    {
        await using var exchange = await verb.Open(ct);
        var wrong = new List<string>();
        var books = new VerifyBooks();
        var chain = await verb.Terminal.Progress("Linking the journal …", _ => VerifyChain.Run(
            exchange.Journal, exchange.Database, books.Add, ct));
        if (chain.Wrong is { } broken)
        {
            wrong.Add(broken);
        }

        wrong.AddRange(books.Finish());
        wrong.AddRange((await verb.Terminal.Progress("Linking and folding the blocks …",
            _ => exchange.Meter.Verify(ct)))
            .Select(differs => differs.Message));
        await exchange.Projections.CatchUp(ct);
        wrong.AddRange(await KeepDocuments.Verify(exchange.Database, ct));
        return new(
            new { events = chain.Events, invoices = books.Invoices, wrong },
            terminal =>
            {
                terminal.Say($"{chain.Events} events linked, {books.Invoices} invoices added up.");
                foreach (var place in wrong)
                {
                    terminal.Error.WriteLine($"error: verify/differs: {place}. Restore what was stored from a backup.");
                }

                if (wrong.Count == 0)
                {
                    terminal.Say("Everything is as it was written.");
                }
            },
            wrong.Count == 0 ? ExitCode.Done : ExitCode.Refused);
    });
}

/// <summary>exchange replay — drops every read model and builds it again from the journal and the blocks.</summary>
internal static class Replay
{
    public static Command Command() => new Command(
        "replay", "Drops every read model and builds it again from the journal and the " +
        "blocks.").Does(async (verb, ct) =>
    {
        await using var exchange = await verb.Open(ct);
        await verb.Terminal.Progress("Folding the blocks …", async step =>
        {
            await exchange.Meter.Replay(ct);
            await exchange.Projections.Rebuild(step, ct);
            await RateMonths.Forget(exchange.Database, ct);
            await RateMonths.Run(exchange, step, ct);
            return 0;
        });
        await exchange.Audit.Note(Verb.By, "replay", "", "done", "local", ct);
        return new(new { replayed = true }, terminal => terminal.Say("Every read model was built again."));
    });
}
