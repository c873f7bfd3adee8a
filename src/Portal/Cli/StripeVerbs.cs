using System.CommandLine;
using Exchange.Portal.Commands;
using Exchange.Portal.Stripe;

namespace Exchange.Portal.Cli;

/// <summary>exchange stripe push | replay | status | refund — what PIs owe, paid by way of Stripe.</summary>
internal static class StripeVerbs
{
    public static Command Command() => new("stripe", "Lets PIs pay by Stripe, and records what they paid.")
    {
        Push(), Replay(), Status(), Refund(),
    };

    /// <exception cref="RefusedException">Stripe is off here.</exception>
    public static StripeSettings Needed() => StripeSettings.Here() ?? throw new RefusedException(new(
        "stripe/off",
        $"Stripe is off here. Set {StripeSettings.Variable} to a file with the lines 'key sk_…' and " +
        "'webhook-secret whsec_…'."));

    private static Command Push() => new Command(
        "push", "Puts open invoices to Stripe, and what was credited, voided or paid elsewhere since.").Does(
        async (verb, ct) =>
        {
            var settings = Needed();
            await using var exchange = await verb.Open(ct);
            using var http = StripeClient.Connect();
            var done = await verb.Terminal.Progress(
                "Putting invoices to Stripe …",
                step => exchange.Commands.Noted(
                    "stripe push", "open invoices",
                    ct => PushInvoices.Run(exchange, new(http, settings), step, ct), ct, done => $"{done}"));
            return new(
                done, terminal => terminal.Say($"{done}"),
                done.Refused.Count > 0 ? ExitCode.Refused : ExitCode.Done);
        });

    private static Command Replay() => new Command(
        "replay", "Lists what happened at Stripe since the last time, and notes what no webhook said.").Does(
        async (verb, ct) =>
        {
            var settings = Needed();
            await using var exchange = await verb.Open(ct);
            using var http = StripeClient.Connect();
            var done = await verb.Terminal.Progress(
                "Listing events …", _ => StripeEvents.Replay(exchange, new(http, settings), settings, ct));
            return new(
                done,
                terminal =>
                {
                    terminal.Say($"{done.Listed} listed, {done.Done} noted, {done.Refused} refused.");
                    if (done.Missed is { } from)
                    {
                        terminal.Error.WriteLine(
                            $"Nothing was listed since {Exchange.Text.Of(from)}, and Stripe keeps events for 30 " +
                            "days: " +
                            "compare the payments since then by hand.");
                    }
                },
                done.Refused > 0 || done.Missed is not null ? ExitCode.Refused : ExitCode.Done);
        });

    private static Command Status() => new Command(
        "status", "Shows what was put to Stripe, and what it said that could not be noted.").Does(
        async (verb, ct) =>
        {
            var settings = StripeSettings.Here();
            await using var exchange = await verb.Open(ct);
            await exchange.Projections.CatchUp(ct);
            var invoices = await StripeBook.All(exchange.Database, ct);
            var waiting = await StripeBook.Waiting(exchange.Database, ct);
            var refused = await StripeEvents.Refused(exchange, ct);
            return new(
                new { on = settings is not null, waiting = waiting.Count, invoices, refused },
                terminal =>
                {
                    terminal.Say(settings is null ? "Stripe is off here." : $"Stripe is on: {settings}.");
                    terminal.Table(
                        ["invoice", "PI", "here", "at Stripe", "open", "pay at"],
                        invoices.Select(row => (IReadOnlyList<string>)[
                            row.Number, row.Account, row.Status, row.State ?? "", $"{row.Open}", row.PayAt ?? ""]));
                    terminal.Say($"{waiting.Count} invoices wait to be put to Stripe or changed there.");
                    foreach (var one in refused)
                    {
                        terminal.Say($"{one.Id} {one.Type} of {Exchange.Text.Of(one.Created)}: {one.Why}");
                    }
                },
                refused.Count > 0 ? ExitCode.Refused : ExitCode.Done);
        });

    private static Command Refund()
    {
        var (number, reference, amount) =
            (Invoices.Number(), InvoiceActs.Reference(), InvoiceActs.Amount("What goes back."));
        return new Command("refund", "Gives paid money back by way of Stripe.") { number, reference, amount }.Does(
            async (verb, ct) =>
            {
                var settings = Needed();
                await using var exchange = await verb.Open(ct);
                using var http = StripeClient.Connect();
                var said = await exchange.Commands.Noted(
                    "stripe refund", $"{verb.Get(number)} {verb.Get(amount)}",
                    ct => RefundAtStripe.Run(
                        exchange, new(http, settings), verb.Get(number), verb.Get(reference), verb.Get(amount), ct),
                    ct);
                return new(new { said }, terminal => terminal.Say(said));
            });
    }
}
