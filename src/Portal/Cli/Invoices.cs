using System.CommandLine;
using Exchange.Invoicing;
using Exchange.Invoicing.Reading;

namespace Exchange.Portal.Cli;

/// <summary>
/// exchange invoices list | parties | show | pdf | pay | refund | credit | void | write-off — what was issued.
/// </summary>
internal static class Invoices
{
    public static Command Command() =>
        new("invoices", "Lists, shows and draws invoices; records payments, credit notes and voids.")
        {
            List(), Parties(), ShowOne(), Pdf(),
            InvoiceActs.Pay(), InvoiceActs.Refund(), InvoiceActs.Credit(), InvoiceActs.Void(), InvoiceActs.WriteOff(),
        };

    private static Command List()
    {
        var month = Settings.Value<BillingMonth>("--month", "MONTH", "Only those of a month.");
        var pi = Settings.Known<PiId>("--pi", "PI", "Only those of a PI.");
        var asOf = AsOfDay.Option();
        return new Command("list", "Lists the invoices.") { month, pi, asOf }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await exchange.Projections.CatchUp(ct);
            var rows = await InvoiceList.Run(
                exchange.Database, new(verb.Get(month), verb.Get(pi), Limit: 1_000_000), ct);
            if (verb.Get(asOf) is { } before)
            {
                rows = await InvoicesThen.Of(exchange.Journal, rows, before, ct);
            }

            return new(rows, terminal => terminal.Table(
                ["number", "month", "account", "institution", "status", "lines", "amount", "PI owes", "paid", "due"],
                rows.Select(r => (IReadOnlyList<string>)[
                    r.Number ?? "-", r.Month.ToString(), r.Account.Name, r.Institution ?? "", r.Status,
                    r.Lines.ToString(provider: null), r.Total.ToString(), r.Owed.ToString(), r.Paid.ToString(),
                    r.Due?.ToString("uuuu-MM-dd", null) ?? ""])));
        });
    }

    private static Command Parties()
    {
        var month = Settings.Value<BillingMonth>("--month", "MONTH", "Only those of a month.");
        return new Command("parties", "Lists the invoices to institutions, payers and prepaid groups.") { month }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                await exchange.Projections.CatchUp(ct);
                await using var connection = await exchange.Database.OpenConnectionAsync(ct);
                var rows = await PartyList.Run(connection, verb.Get(month), ct);
                return new(rows, terminal => terminal.Table(
                    ["number", "month", "to", "status", "lines", "amount", "owed", "paid", "credited", "due"],
                    rows.Select(r => (IReadOnlyList<string>)[
                        r.Number, r.Month.ToString(), r.Party.ToString(), r.Status, r.Lines.ToString(provider: null),
                        r.Total.ToString(), r.Owed.ToString(), r.Paid.ToString(), r.Credited.ToString(),
                        r.Due.ToString("uuuu-MM-dd", null)])));
            });
    }

    private static Command ShowOne()
    {
        var number = Number();
        return new Command("show", "Shows an invoice as its reader sees it.") { number }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await exchange.Projections.CatchUp(ct);
            var document = await FindInvoice.DocumentOf(exchange.Journal, exchange.Database, verb.Get(number), ct);
            if (await FindInvoice.Run(exchange.Journal, exchange.Database, verb.Get(number), ct) is not var (row, of))
            {
                return new(document, terminal => terminal.Say(document.AsText()));
            }

            return new(new { row, invoice = Content(of) }, terminal => terminal.Say(document.AsText()));
        });
    }

    private static Command Pdf()
    {
        var number = Number();
        var output = new Option<string?>("--out")
        {
            Description = "The file; NUMBER.pdf otherwise.",
            HelpName = "FILE"
        };
        return new Command("pdf", "Draws an invoice as PDF.") { number, output }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await exchange.Projections.CatchUp(ct);
            var file = verb.Get(output) ?? $"{verb.Get(number)}.pdf";
            var pdf = await PdfOfNumber.Run(
                exchange.Sources, verb.Get(number), verb.Clock.GetCurrentInstant(), ct);
            await File.WriteAllBytesAsync(file, pdf, ct);
            return new(new { file }, terminal => terminal.Say(file));
        });
    }

    private static object Content(Invoice invoice) => invoice switch
    {
        Invoice.Issued issued => issued.Content,
        Invoice.Voided gone => gone.Content,
        Invoice.Draft draft => draft.Content,
        _ => new { },
    };

    public static Argument<string> Number() =>
        new("number") { Description = "The invoice's number, as PI-2026-0001." };
}
