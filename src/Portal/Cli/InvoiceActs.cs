using System.CommandLine;
using Exchange.Invoicing;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Cli;

/// <summary>exchange invoices pay | refund | credit | void — what happens to an invoice after it was issued.</summary>
internal static class InvoiceActs
{
    public static Command Pay()
    {
        var (number, reference, amount) = (Invoices.Number(), Reference(), Amount("What was paid."));
        var date = Settings.Day("--date", "The day on which the bank counted it; today otherwise.");
        return new Command("pay", "Notes money that was paid.") { number, reference, amount, date }.Does(
            (verb, ct) => Act(verb, verb.Get(number),
                exchange => new PayInvoice(
                    exchange.Database, verb.Get(number), verb.Get(reference), verb.Get(amount), verb.Get(date)),
                _ => $"{verb.Get(amount)} noted on {verb.Get(number)}.", ct));
    }

    public static Command Refund()
    {
        var (number, reference, amount) = (Invoices.Number(), Reference(), Amount("The amount refunded."));
        return new Command("refund", "Records a refund of a payment.") { number, reference, amount }.Does(
            (verb, ct) => Act(verb, verb.Get(number),
                exchange => new RefundInvoice(
                    exchange.Database, verb.Get(number), verb.Get(reference), verb.Get(amount)),
                _ => $"{verb.Get(amount)} noted as gone back from {verb.Get(number)}.", ct));
    }

    public static Command Credit()
    {
        var (number, because) = (Invoices.Number(), Because());
        var amount = new Option<Money?>("--amount")
        {
            Description = "What the exchange bears, as \"12.34 USD\"; all that is left otherwise.",
            HelpName = "MONEY",
            CustomParser = argument => Settings.Amount(argument),
        };
        return new Command("credit", "Issues a credit note: the exchange bears a part.") { number, amount, because }
            .Does((verb, ct) => Act(verb, verb.Get(number),
                exchange => new CreditInvoice(
                    exchange.Database, verb.Get(number), verb.Get(amount), verb.Get(because)),
                done => $"Credit note {done.Number}: {done.Amount} of {verb.Get(number)}.", ct));
    }

    public static Command Void()
    {
        var (number, because) = (Invoices.Number(), Because());
        var reissue = new Option<bool>("--reissue")
        {
            Description = "Also issues it again at once, by what is known now, under a new number.",
        };
        return new Command("void", "Takes an invoice back; the next close, or '--reissue', bills its usage again.")
        {
            number, because, reissue,
        }.Does(async (verb, ct) =>
        {
            var taken = await Act(verb, verb.Get(number),
                exchange => new VoidInvoice(exchange.Sources, verb.Get(number), verb.Get(because)),
                isNew => !isNew ? $"{verb.Get(number)} is void already."
                    : IsToParty(verb.Get(number))
                        ? $"{verb.Get(number)} is void. What an institution took from its PIs, they owe again."
                        : $"{verb.Get(number)} is void." + (verb.Get(reissue)
                            ? "" : " The next close bills its usage again."), ct);
            return verb.Get(reissue) ? await Again(verb, verb.Get(number), taken, ct) : taken;
        });
    }

    private static async Task<Answer> Again(Verb verb, string number, Answer taken, CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        var numbers = await exchange.Commands.Reissue(
            exchange.Sources, number, Actors.Local(Verb.By), ct);
        return new(new { invoice = taken.Document, reissued = numbers }, terminal =>
        {
            taken.Tell(terminal);
            terminal.Say(numbers.IsEmpty
                ? $"Nothing is due of {number} any more, so nothing was issued."
                : $"Issued again as {string.Join(", ", numbers)}.");
        });
    }

    public static Command WriteOff()
    {
        var (number, because) = (Invoices.Number(), Because());
        var amount = new Option<Money?>("--amount")
        {
            Description = "What will not be paid, as \"12.34 USD\"; all that is open otherwise.",
            HelpName = "MONEY",
            CustomParser = argument => Settings.Amount(argument),
        };
        return new Command("write-off", "Bears what is owed and will not be paid.") { number, amount, because }
            .Does((verb, ct) => Act(verb, verb.Get(number),
                exchange => new WriteOffInvoice(
                    exchange.Database, verb.Get(number), verb.Get(amount), verb.Get(because)),
                borne => $"{borne} of {verb.Get(number)} written off.", ct));
    }

    /// <summary>Institutions, payers and groups have series of their own.</summary>
    private static bool IsToParty(string number) => !number.StartsWith("PI-", StringComparison.Ordinal);

    /// <summary>Acts on an invoice, and shows what it has become.</summary>
    private static async Task<Answer> Act<TResult>(
        Verb verb, string number, Func<Composition, ICommand<TResult>> command, Func<TResult, string> said,
        CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        var done = await exchange.Commands.Execute(command(exchange), Actors.Local(Verb.By), ct);
        object document = await exchange.Journal.State(PartyInvoice.Fold, number, ct) is var party and not
            PartyInvoice.Absent
            ? party
            : (await InvoiceList.Run(exchange.Database, new(Number: number), ct)).Single();
        return new(document, terminal => terminal.Say(said(done)));
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
        CustomParser = argument => Settings.Amount(argument),
    };
}
