using System.CommandLine;
using Exchange.Invoicing;
using Exchange.Invoicing.Explaining;
using Exchange.Invoicing.Reading;
using Exchange.Metering;

namespace Exchange.Portal.Cli;

/// <summary>exchange explain — from an invoice down to its lines, from a line down to readings.</summary>
internal static class Explaining
{
    public static Command Command()
    {
        var id = new Argument<string>("id")
        {
            Description = "A number (PI-, IN-, PY-, PG-, CN-), one of its lines (NUMBER#3), or the id of a charge.",
        };
        var readings = new Option<int>("--readings")
        {
            Description = "How many readings to print of each part.",
            HelpName = "N",
            DefaultValueFactory = _ => 3,
        };
        var asOf = AsOfDay.Option();
        return new Command("explain", "Explains a line of an invoice down to its readings.")
        {
            id, readings, asOf,
        }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                await exchange.Projections.CatchUp(ct);
                return await ExplainNumber.Run(exchange.Sources, verb.Get(id), ct, verb.Get(asOf)) switch
                {
                    ExplainedNumber.OfInvoice e => new Answer(e, terminal => Tell(terminal, e.Row, e.Lines)),
                    ExplainedNumber.OfParty e => new Answer(e, terminal => Tell(terminal, e)),
                    ExplainedNumber.OfCredit e => new Answer(e, terminal => Tell(terminal, e)),
                    ExplainedNumber.OfCharges e => Charges(e.Charges, verb.Get(readings)),
                    _ => throw new InvalidOperationException("There is no other explanation."),
                };
            });
    }

    private static void Tell(Terminal terminal, ExplainedNumber.OfCredit credit) => terminal.Say(
        $"{credit.Number}: the exchange bears {credit.Amount} of {credit.Invoice}, noted " +
        $"{Exchange.Text.Of(credit.At)}: {credit.Reason}");

    private static void Tell(Terminal terminal, ExplainedNumber.OfParty party)
    {
        terminal.Say($"{party.Number}: {party.Party}, {party.Month}, owes {party.Owed} by {party.Due:uuuu-MM-dd}");
        terminal.Table(
            ["line", "PI", "what", "code", "used in", "amount", "from"],
            party.Lines.Select(line => (IReadOnlyList<string>)[
                $"{party.Number}#{line.Place}", line.Pi.Value, line.What, line.Code ?? "", line.Month.ToString(),
                line.Amount.ToString(), string.Join(", ", line.From.Select(part => $"{part.Line} {part.Amount}"))]));
    }

    private static void Tell(Terminal terminal, InvoiceRow invoice, IReadOnlyList<InvoiceLine> lines)
    {
        terminal.Say($"{invoice.Number}: {invoice.Account}, {invoice.Month}, {invoice.Status}");
        terminal.Table(
            ["line", "project", "SKU", "tier", "quantity", "rate", "amount", "funds", "PI owes", "adjusts"],
            lines.Select((line, i) => (IReadOnlyList<string>)[
                $"{invoice.Number}#{i + 1}", line.ProjectName, line.Sku.Value, line.ShownStep ?? "",
                line.Quantity.ToString(), line.Rate.ToString(), line.Amount.ToString(),
                (line.Amount - line.PiBalance).ToString(), line.PiBalance.ToString(), line.Adjusts?.ToString() ?? ""]));
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
        TellBasis(terminal, one);
        TellBilled(terminal, one);
        terminal.Say($"  {one.Parts.Count} parts, together {Exchange.Text.Of(one.Sum)}:");
        foreach (var part in one.Parts)
        {
            Tell(terminal, part, readings);
        }
    }

    /// <summary>What the charge is of, and by which sheet, policies and agreement it is rated.</summary>
    private static void TellBasis(Terminal terminal, Explanation one)
    {
        terminal.Say($"Charge {one.ChargeId}");
        terminal.Say($"  project {one.Project}, PI {one.Pi ?? "(suspense: nobody answers for it)"}");
        terminal.Say($"  {one.Sku}: {one.Arithmetic}");
        terminal.Say($"  price sheet {one.Sheet} (SHA-256 {one.SheetSha256}), policies {one.Policies}");
        if (one.Agreement is { } agreement)
        {
            terminal.Say($"  by agreement {agreement}: 'exchange " +
                (agreement.StartsWith('L') ? "leases list'"
                    : Rating.Charge.IsStanding(agreement) ? "agreements calendar'"
                    : $"quotes show {agreement}'"));
        }

        if (!one.Kept)
        {
            terminal.Say("  as it rates now" + (one.Billed.Count == 0
                ? "" : ": it was billed by an older version, which kept nothing of what it rests on"));
        }
    }

    /// <summary>What of it was billed and paid by funds, and why it came to change.</summary>
    private static void TellBilled(Terminal terminal, Explanation one)
    {
        foreach (var cause in one.Causes)
        {
            terminal.Say($"  because ({cause.Kind}): {cause.What}");
        }

        foreach (var line in one.Billed)
        {
            var what = line.Adjusts is { } month ? $"adjustment of {month}" : "billed";
            terminal.Say($"  {what}: {line.Quantity} = {line.Amount}, funds {line.Amount - line.PiBalance}, " +
                $"PI {line.PiBalance}");
        }

        foreach (var fund in one.Funds)
        {
            terminal.Say($"  {fund.Fund} of {fund.Payer}: {fund.Why}; had {fund.Before}, pays {fund.Paid}, " +
                $"has {fund.After} left");
        }

        if (!one.Unbilled.IsZero)
        {
            terminal.Say($"  not on an invoice yet: {one.Unbilled}");
        }
    }

    private static void Tell(Terminal terminal, ExplainedPart part, int readings)
    {
        terminal.Say($"    {part.Resource} {part.Period} {part.State} {part.Shape}: {part.Arithmetic}" +
            (part.Outage == "none" ? "" : $", outage {part.Outage}"));
        foreach (var reading in part.Readings.Take(readings))
        {
            var place = reading.Block > 0 ? $"block {BlockNumber.Shown(reading.Block)}" : "bill";
            terminal.Say($"      {place}: {reading.Source} {reading.Id}");
            if (reading.Corrected is { } by)
            {
                terminal.Say($"        {(by.Now is null ? "retracted" : "replaced")} by {by.Id} of block " +
                    $"{BlockNumber.Shown(by.Block)}: {by.Reason}");
            }
        }

        if (part.Readings.Count > readings)
        {
            terminal.Say($"      and {part.Readings.Count - readings} more readings (--readings, or --json for " +
                "all)");
        }
    }
}
