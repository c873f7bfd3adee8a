using System.Collections.Immutable;
using System.CommandLine;
using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Reading;

namespace Exchange.Portal.Cli;

/// <summary>exchange explain — from an invoice down to its lines, from a line down to readings.</summary>
internal static class Explaining
{
    public static Command Command()
    {
        var id = new Argument<string>("id")
        {
            Description = "An invoice's number, one of its lines (NUMBER#3), or the id of a charge.",
        };
        var readings = new Option<int>("--readings")
        {
            Description = "How many readings to print of each part.",
            HelpName = "N",
            DefaultValueFactory = _ => 3,
        };
        return new Command("explain", "Explains a line of an invoice down to its readings.") { id, readings }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                await exchange.Projections.CatchUp(ct);
                var asked = verb.Get(id);
                if (asked.Split('#') is not [var number, .. var rest] ||
                    await FindInvoice.Run(exchange.Journal, exchange.Database, number, ct) is not { } found)
                {
                    return Charges(await Explain.Run(exchange.Sources, asked, ct), verb.Get(readings));
                }

                var lines = LinesOf(found.Invoice);
                if (rest is [])
                {
                    return new(new { found.Row, lines }, terminal => Tell(terminal, found.Row, lines));
                }

                return int.TryParse(rest[0], out var place) && place >= 1 && place <= lines.Length
                    ? Charges(await Explain.Run(exchange.Sources, lines[place - 1].ChargeId, ct), verb.Get(readings))
                    : throw new RefusedException(new(
                        "explain/unknown", $"{number} has lines 1 to {lines.Length}, no line '{rest[0]}'."));
            });
    }

    private static ImmutableArray<InvoiceLine> LinesOf(Invoice invoice) => invoice switch
    {
        Invoice.Issued issued => issued.Content.Lines,
        Invoice.Voided gone => gone.Content.Lines,
        Invoice.Draft draft => draft.Content.Lines,
        _ => [],
    };

    private static void Tell(Terminal terminal, InvoiceRow invoice, IReadOnlyList<InvoiceLine> lines)
    {
        terminal.Say($"{invoice.Number}: {invoice.Account}, {invoice.Month}, {invoice.Status}");
        terminal.Table(
            ["line", "project", "SKU", "quantity", "rate", "amount", "funds", "PI owes", "adjusts"],
            lines.Select((line, i) => (IReadOnlyList<string>)[
                $"{invoice.Number}#{i + 1}", line.ProjectName, line.Sku.Value, line.Quantity.ToString(),
                line.Rate.ToString(), line.Amount.ToString(), (line.Amount - line.PiBalance).ToString(),
                line.PiBalance.ToString(), line.Adjusts?.ToString() ?? ""]));
    }

    private static Answer Charges(IReadOnlyList<Explanation> explained, int readings) =>
        new(explained, terminal =>
        {
            foreach (var one in explained)
            {
                Tell(terminal, one, readings);
            }
        });

    private static void Tell(Terminal terminal, Explanation one, int readings)
    {
        terminal.Say($"Charge {one.ChargeId}");
        terminal.Say($"  project {one.Project}, PI {one.Pi ?? "(suspense: nobody answers for it)"}");
        terminal.Say($"  {one.Sku}: {one.Arithmetic}");
        terminal.Say($"  price sheet {one.Sheet} (SHA-256 {one.SheetSha256}), policies {one.Policies}");
        foreach (var line in one.Billed)
        {
            var what = line.Adjusts is { } month ? $"adjustment of {month}" : "billed";
            terminal.Say($"  {what}: {line.Quantity} = {line.Amount}, funds {line.Amount - line.PiBalance}, " +
                $"PI {line.PiBalance}");
        }

        if (!one.Unbilled.IsZero)
        {
            terminal.Say($"  not on an invoice yet: {one.Unbilled}");
        }

        terminal.Say($"  {one.Parts.Count} parts:");
        foreach (var part in one.Parts)
        {
            terminal.Say($"    {part.Resource} {part.Period} {part.State} {part.Shape}: {part.Arithmetic}" +
                (part.Outage == "none" ? "" : $", outage {part.Outage}"));
            foreach (var reading in part.Readings.Take(readings))
            {
                terminal.Say(
                    $"      {(reading.Block > 0 ? $"block {reading.Block}" : "bill")}: {reading.Source} {reading.Id}");
                if (reading.Corrected is { } by)
                {
                    terminal.Say($"        {(by.Now is null ? "retracted" : "replaced")} by {by.Id} of block " +
                        $"{by.Block}: {by.Reason}");
                }
            }

            if (part.Readings.Count > readings)
            {
                terminal.Say($"      and {part.Readings.Count - readings} more readings (--readings, or --json for " +
                    "all)");
            }
        }
    }
}
