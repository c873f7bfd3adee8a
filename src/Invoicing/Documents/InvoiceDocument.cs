using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using NodaTime.Text;

namespace Exchange.Invoicing;

/// <summary>One printed row: what was used, how much, at which rate, and who pays which part.</summary>
public sealed record DocumentRow(string What, string Quantity, string Rate, string Amount, string Funds, string Owed);

/// <summary>Rows under a heading, with their sum.</summary>
public sealed record DocumentSection(string Heading, ImmutableArray<DocumentRow> Rows, DocumentRow Sum);

/// <summary>
/// What the reader of an invoice sees, already as words and numbers. The PDF, the page, the CSV and the golden files
/// are all drawn from this, so they cannot disagree; nothing is computed after this point.
/// </summary>
public sealed record InvoiceDocument(
    string Title, ImmutableArray<string> From, ImmutableArray<string> To,
    ImmutableArray<(string Label, string Value)> Facts,
    ImmutableArray<DocumentSection> Sections, ImmutableArray<(string Label, string Amount)> Totals,
    ImmutableArray<string> Notes, NodaTime.Instant At)
{
    public static DocumentRow Header { get; } = new("Item", "Quantity", "Rate", "Amount", "Paid by funds", "You owe");

    /// <summary>Draws up an issued invoice.</summary>
    /// <param name="issuer">Who sends it: name, then address lines.</param>
    public static InvoiceDocument Of(Invoice.Issued invoice, ImmutableArray<string> issuer)
    {
        var (content, terms) = (invoice.Content, invoice.Terms);
        var sections = content.Lines
            .GroupBy(line => (line.Landlord, line.Project, line.ProjectName))
            .OrderBy(group => group.Key.Landlord.Value, StringComparer.Ordinal)
            .ThenBy(group => group.Key.ProjectName, StringComparer.Ordinal)
            .ThenBy(group => group.Key.Project.Value, StringComparer.Ordinal)
            .Select(group => Section(
                $"{group.Key.Landlord} · {NameOf(group.Key.ProjectName, group.Key.Project)}", [.. group]));
        return new(
            terms.Owed < Money.Zero ? $"Credit note {terms.Number}" : $"Invoice {terms.Number}",
            issuer,
            [content.Pi?.Value ?? "unattributed", .. content.Institution is { } at ? [at] : Array.Empty<string>()],
            [
                ("Number", terms.Number), ("Billing month", $"{content.Month} (UTC)"),
                ("Issued", LocalDatePattern.Iso.Format(terms.At.InUtc().Date)),
                ("Due", LocalDatePattern.Iso.Format(terms.Due)),
            ],
            [.. sections], Total(content.Lines, terms),
            [
                .. invoice.Taken is { } taken
                    ? new[] { $"{taken.Institution} pays this by agreement, with its invoice {taken.Number}." } : [],
                .. NotesOf(content.Lines),
            ], terms.At);
    }

    /// <summary>Draws up a credit note on an invoice: what the exchange bears of what the PI owed.</summary>
    public static InvoiceDocument Of(
        Invoice.Issued invoice, InvoiceEvent.Credited credit, ImmutableArray<string> issuer)
    {
        var original = Of(invoice, issuer);
        var row = new DocumentRow(credit.Reason, "", "", Dollars(-credit.Amount), "", Dollars(-credit.Amount));
        return original with
        {
            Title = $"Credit note {credit.Number}",
            Facts =
            [
                ("Number", credit.Number), ("On invoice", invoice.Terms.Number),
                ("Billing month", $"{invoice.Content.Month} (UTC)"),
                ("Issued", LocalDatePattern.Iso.Format(credit.At.InUtc().Date)),
            ],
            Sections = [new($"Invoice {invoice.Terms.Number}", [row], row with { What = "Sum" })],
            Totals = [("In your favour", Dollars(credit.Amount))],
            Notes = [],
            At = credit.At,
        };
    }

    public string AsText()
    {
        var text = new StringBuilder().AppendLine(Title).AppendLine();
        foreach (var party in From.Select(line => $"From  {line}").Concat(To.Select(line => $"To    {line}")))
        {
            text.AppendLine(party);
        }

        text.AppendLine();
        foreach (var (label, value) in Facts)
        {
            text.AppendLine($"{label,-14}{value}");
        }

        foreach (var section in Sections)
        {
            text.AppendLine().AppendLine(section.Heading);
            foreach (var row in (DocumentRow[])[Header, .. section.Rows, section.Sum])
            {
                var used = $"  {row.What,-46}{row.Quantity,22}{row.Rate,30}";
                text.AppendLine($"{used}{row.Amount,14}{row.Funds,16}{row.Owed,14}");
            }
        }

        text.AppendLine();
        foreach (var (label, amount) in Totals)
        {
            text.AppendLine($"{label,-60}{amount,16}");
        }

        foreach (var note in Notes)
        {
            text.AppendLine().AppendLine(note);
        }

        return text.ToString();
    }

    private static string NameOf(string name, ProjectId project) =>
        name == project.Value ? name : $"{name} ({project})";

    private static DocumentSection Section(string heading, ImmutableArray<InvoiceLine> lines) => new(
        heading,
        [
            .. lines.OrderBy(l => l.Adjusts.HasValue).ThenBy(l => l.ServicePeriod.Start)
                .ThenBy(l => l.Sku.Value, StringComparer.Ordinal).ThenBy(l => l.ChargeId, StringComparer.Ordinal)
                .Select(Row),
        ],
        new(
            "Sum", "", "", Sum(lines, l => l.Amount), Sum(lines, l => l.Amount - l.PiBalance),
            Sum(lines, l => l.PiBalance)));

    private static DocumentRow Row(InvoiceLine line) => new(
        string.Join(", ", new[]
        {
            line.Sku.Value, line.Cluster.Value,
            line.Adjusts is { } month ? $"adjustment of {month}" : "",
            line.Avoided is { } avoided ? $"elsewhere {Dollars(avoided)}" : "",
        }.Where(part => part.Length > 0)),
        Shown(line.Quantity), $"${Text.Of(line.Rate.Amount)} / {line.Rate.Per}",
        Dollars(line.Amount), Dollars(line.Amount - line.PiBalance), Dollars(line.PiBalance));

    private static ImmutableArray<(string, string)> Total(ImmutableArray<InvoiceLine> lines, InvoiceEvent.Issued terms)
    {
        var funds = lines.SelectMany(line => line.Funds).GroupBy(fund => (fund.Fund, fund.Payer, fund.IsSubsidy))
            .OrderBy(group => group.Key.IsSubsidy).ThenBy(group => group.Key.Fund, StringComparer.Ordinal)
            .Select(group => (
                $"{group.Key.Fund}, paid by {group.Key.Payer}", Dollars(-Money.Sum(group.Select(f => f.Amount)))));
        var balance = Money.Sum(lines.Select(line => line.Balance));
        return
        [
            ("Charges", Dollars(terms.Total)), .. funds,
            .. balance == terms.Owed
                ? []
                : new[] { ("Owed to the exchange in all", Dollars(balance)) },
            terms.Owed < Money.Zero ? ("In your favour", Dollars(-terms.Owed)) : ("You owe", Dollars(terms.Owed)),
        ];
    }

    private static ImmutableArray<string> NotesOf(ImmutableArray<InvoiceLine> lines)
    {
        var avoided = lines.Where(line => line.Avoided is not null).Select(line => line.Avoided!.Value).ToList();
        return
        [
            "Every amount is the exact quantity times the exact rate, rounded once, half a cent up. All times are UTC.",
            .. avoided.Count == 0 ? [] : new[]
            {
                "Data that left the cloud is not charged. " +
                $"At public list prices it would have cost {Dollars(Money.Sum(avoided))}.",
            },
        ];
    }

    private static string Sum(ImmutableArray<InvoiceLine> lines, Func<InvoiceLine, Money> of) =>
        Dollars(Money.Sum(lines.Select(of)));

    private static string Dollars(Money money) => string.Create(
        CultureInfo.InvariantCulture, $"{(money.Cents < 0 ? "−" : "")}${decimal.Abs(money.Amount):#,##0.00}");

    /// <summary>Six decimals are enough to read; the exact quantity is in the export of charges.</summary>
    private static string Shown(Quantity quantity) =>
        decimal.Round(quantity.Amount, 6, MidpointRounding.AwayFromZero) is var near && near == quantity.Amount
            ? $"{Text.Of(quantity.Amount)} {quantity.Unit}"
            : $"≈ {Text.Of(near)} {quantity.Unit}";
}
