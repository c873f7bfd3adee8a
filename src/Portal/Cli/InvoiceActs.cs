using System.CommandLine;
using Exchange.Invoicing;
using Exchange.Invoicing.Parties;
using Exchange.Invoicing.Reading;
using Exchange.Journal;

namespace Exchange.Portal.Cli;

/// <summary>exchange invoices pay | refund | credit | void — what happens to an invoice after it was issued.</summary>
internal static class InvoiceActs
{
    private const int Tries = 3;

    public static Command Pay()
    {
        var (number, reference, amount) = (Invoices.Number(), Reference(), Amount("What was paid."));
        return new Command("pay", "Notes money that was paid.") { number, reference, amount }.Does(
            (verb, ct) => Act(verb, "note payment", verb.Get(number), $"{verb.Get(reference)} {verb.Get(amount)}",
                async (exchange, id) =>
                {
                    if (id is null)
                    {
                        await ActOnParty.Pay(
                            exchange.Journal, verb.Get(number), verb.Get(reference), verb.Get(amount),
                            verb.Clock.GetCurrentInstant(), ct);
                        return $"{verb.Get(amount)} noted on {verb.Get(number)}.";
                    }

                    var refusal = await PayInvoice.Run(
                        exchange.Journal, id, verb.Get(reference), verb.Get(amount), verb.Clock.GetCurrentInstant(),
                        ct);
                    return refusal is null
                        ? $"{verb.Get(amount)} noted on {verb.Get(number)}."
                        : throw new RefusedException(refusal);
                }, ct));
    }

    public static Command Refund()
    {
        var (number, reference, amount) = (Invoices.Number(), Reference(), Amount("What went back."));
        return new Command("refund", "Notes paid money that went back.") { number, reference, amount }.Does(
            (verb, ct) => Act(verb, "note refund", verb.Get(number), $"{verb.Get(reference)} {verb.Get(amount)}",
                async (exchange, id) =>
                {
                    await (id is null
                        ? ActOnParty.Refund(
                            exchange.Journal, verb.Get(number), verb.Get(reference), verb.Get(amount),
                            verb.Clock.GetCurrentInstant(), ct)
                        : RefundInvoice.Run(
                            exchange.Journal, id, verb.Get(reference), verb.Get(amount),
                            verb.Clock.GetCurrentInstant(), ct));
                    return $"{verb.Get(amount)} noted as gone back from {verb.Get(number)}.";
                }, ct));
    }

    public static Command Credit()
    {
        var (number, because) = (Invoices.Number(), Because());
        var amount = new Option<Money?>("--amount")
        {
            Description = "What the exchange bears, as \"12.34 USD\"; all that is left otherwise.",
            HelpName = "MONEY",
            CustomParser = argument => Settings.Parsed<Money>(argument),
        };
        return new Command("credit", "Issues a credit note: the exchange bears a part.") { number, amount, because }
            .Does((verb, ct) => Act(verb, "credit invoice", verb.Get(number), verb.Get(because),
                async (exchange, id) =>
                {
                    var (note, credited) = id is null
                        ? await ActOnParty.Credit(
                            exchange.Journal, verb.Get(number), verb.Get(amount), verb.Get(because),
                            verb.Clock.GetCurrentInstant(), ct)
                        : await CreditInvoice.Run(
                            exchange.Sources, verb.Get(number), verb.Get(amount), verb.Get(because),
                            verb.Clock.GetCurrentInstant(), ct);
                    return $"Credit note {note}: {credited} of {verb.Get(number)}.";
                }, ct));
    }

    public static Command Void()
    {
        var (number, because) = (Invoices.Number(), Because());
        return new Command("void", "Takes an invoice back; the next close bills its usage again.") { number, because }
            .Does((verb, ct) => Act(verb, "void invoice", verb.Get(number), verb.Get(because),
                async (exchange, id) => id is null
                    ? await ActOnParty.Void(
                        exchange.Journal, verb.Get(number), verb.Get(because), verb.Clock.GetCurrentInstant(), ct)
                        ? $"{verb.Get(number)} is void. What an institution took from its PIs, they owe again."
                        : $"{verb.Get(number)} is void already."
                    : await VoidInvoice.Run(
                    exchange.Sources, verb.Get(number), verb.Get(because), verb.Clock.GetCurrentInstant(), ct)
                    ? $"{verb.Get(number)} is void. The next close bills its usage again."
                    : $"{verb.Get(number)} is void already.", ct));
    }

    /// <summary>Acts on an invoice, once more when someone else was faster, and notes who did it.</summary>
    private static async Task<Answer> Act(
        Verb verb, string act, string number, string detail, Func<Composition, string?, Task<string>> run,
        CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        for (var tried = 1; ; tried++)
        {
            await exchange.Projections.CatchUp(ct);
            try
            {
                var isParty = await exchange.Journal.State(PartyInvoice.Fold, number, ct) is not PartyInvoice.Absent;
                var said = await run(exchange, isParty
                    ? null
                    : (await FindInvoice.Needed(exchange.Journal, exchange.Database, number, ct)).Row.Id);
                await exchange.Projections.CatchUp(ct);
                await exchange.Audit.Note(Verb.By, act, $"{number} {detail}", "done", "local", ct);
                return new(
                    isParty
                        ? await exchange.Journal.State(PartyInvoice.Fold, number, ct)
                        : (await InvoiceList.Run(exchange.Database, new(Number: number), ct)).Single(),
                    terminal => terminal.Say(said));
            }
            catch (ConflictException) when (tried < Tries)
            {
                // Someone else was faster; what they wrote is read with the next try.
            }
            catch (RefusedException e)
            {
                await exchange.Audit.Note(Verb.By, act, $"{number} {detail}", e.Refusal.Code, "local", ct);
                throw;
            }
        }
    }

    public static Option<string> Reference() => new("--reference")
    {
        Description = "What tells this payment from others, as the bank has it; the same one counts once.",
        HelpName = "TEXT",
        Required = true,
    };

    private static Option<string> Because() => new("--because")
    {
        Description = "Why; it stands on the document.",
        HelpName = "TEXT",
        Required = true,
    };

    public static Option<Money> Amount(string what) => new("--amount")
    {
        Description = $"{what} Written like \"12.34 USD\".",
        HelpName = "MONEY",
        Required = true,
        CustomParser = argument => Settings.Parsed<Money>(argument),
    };
}
