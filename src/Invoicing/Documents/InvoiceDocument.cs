using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using NodaTime.Text;

namespace Exchange.Invoicing;

/// <summary>One printed row: what was used, how much, at which rate, and who pays which part.</summary>
public sealed record DocumentRow(string What, string Quantity, string Rate, string Amount, string Funds, string Owed)
{
    [JsonIgnore]
    public ImmutableArray<string> Cells => [What, Quantity, Rate, Amount, Funds, Owed];
}

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
    /// <summary>What stands above its rows; a column without a name is not shown.</summary>
    public DocumentRow Header { get; init; } = new("Item", "Quantity", "Rate", "Amount", "Credits", "Amount due");

    /// <summary>Where to pay to, line by line; none where nothing is to be paid.</summary>
    public ImmutableArray<string> Remittance { get; init; } = [];

    /// <summary>The hash of the issuer's logo; null for none.</summary>
    public string? Logo { get; init; }

    /// <summary>The places of the columns that are shown.</summary>
    [JsonIgnore]
    public ImmutableArray<int> Columns =>
        [.. Enumerable.Range(0, Header.Cells.Length).Where(place => Header.Cells[place].Length > 0)];

    /// <summary>Draws up an issued invoice.</summary>
    /// <param name="issuer">Who sends it where it does not say so itself: name, then address lines.</param>
    public static InvoiceDocument Of(Invoice.Issued invoice, ImmutableArray<string> issuer)
    {
        var (content, terms) = (invoice.Content, invoice.Terms);
        var head = terms.Letterhead;
        var sections = content.Lines
            .GroupBy(line => (line.Landlord, line.Project, line.ProjectName, Title: content.TitleOf(line)))
            .OrderBy(group => group.Key.Landlord.Value, StringComparer.Ordinal)
            .ThenBy(group => group.Key.ProjectName, StringComparer.Ordinal)
            .ThenBy(group => group.Key.Project.Value, StringComparer.Ordinal)
            .Select(group => Section(
                $"{group.Key.Landlord} · {NameOf(group.Key.Title, group.Key.ProjectName, group.Key.Project)}",
                [.. group]));
        return new(
            terms.Owed < Money.Zero ? $"Credit note {terms.Number}" : $"Invoice {terms.Number}",
            head?.From ?? issuer,
            [
                .. new[] { head?.Customer, content.PiName, content.Pi?.Value ?? "unattributed", content.Institution }
                    .OfType<string>(),
                .. head?.CustomerLines ?? [],
            ],
            [
                ("Number", terms.Number), ("Billing month", $"{content.Month} (UTC)"),
                ("Issued", LocalDatePattern.Iso.Format(terms.At.InUtc().Date)),
                .. DueBy(terms.Owed, terms.Due, head),
                .. content.Replaces is { } gone ? new[] { ("Replaces", gone) } : [],
            ],
            [.. sections], Total(content.Lines, terms),
            [
                .. invoice.BilledToInstitution is { } taken
                    ? new[] { $"{taken.Institution} pays this by agreement, with its invoice {taken.Number}." } : [],
                .. terms.IsTakenOver ? new[] { TakenOver } : [], .. head?.Texts ?? [], .. NotesOf(content.Lines),
            ], terms.At)
        {
            Remittance = terms.Owed > Money.Zero && invoice.BilledToInstitution is null ? head?.Remittance ?? [] : [],
            Logo = head?.Logo,
        };
    }

    internal const string TakenOver =
        "Issued by the billing system before this one; what was open of it is due here.";

    /// <summary>When to pay what is owed; what is in somebody's favor is due on no day.</summary>
    internal static IEnumerable<(string Label, string Value)> DueBy(
        Money owed, NodaTime.LocalDate due, Letterhead? head) =>
    [
        .. owed < Money.Zero ? [] : new[] { ("Due", LocalDatePattern.Iso.Format(due)) },
        .. head is not null && owed > Money.Zero ? new[] { ("Terms", $"{head.TermsDays} days") } : [],
        .. head?.PurchaseOrder is { } order ? new[] { ("PO number", order) } : [],
    ];

    /// <summary>The same with what another document says of issuer and customer; itself where that says nothing.
    /// </summary>
    /// <param name="names">How the customer is called where no legal name was published.</param>
    internal InvoiceDocument Under(Letterhead? head, IEnumerable<string?> names) => head is null ? this : this with
    {
        From = head.From,
        To = [.. names.Prepend(head.Customer).OfType<string>(), .. head.CustomerLines],
        Logo = head.Logo,
        Facts = [.. Facts.Where(fact => fact.Label != "PO number"),
            .. head.PurchaseOrder is { } order ? new[] { ("PO number", order) } : []],
    };

    /// <summary>Draws up a credit note on an invoice: what the exchange bears of what the PI owed.</summary>
    public static InvoiceDocument Of(
        Invoice.Issued invoice, InvoiceEvent.Credited credit, ImmutableArray<string> issuer) =>
        Of(invoice, issuer).CreditedBy(
            invoice.Terms.Number, credit.Number, credit.Amount, credit.Reason, credit.At)
        .Under(credit.Letterhead, [invoice.Content.PiName, invoice.Content.Pi?.Value, invoice.Content.Institution]);

    /// <summary>The credit note on a document, whoever that is to.</summary>
    internal InvoiceDocument CreditedBy(
        string invoice, string number, Money amount, string reason, NodaTime.Instant at)
    {
        var row = new DocumentRow(reason, "", "", Dollars(-amount), "", "");
        return this with
        {
            Title = $"Credit note {number}",
            Facts =
            [
                ("Number", number), ("On invoice", invoice), Facts.Single(fact => fact.Label == "Billing month"),
                ("Issued", LocalDatePattern.Iso.Format(at.InUtc().Date)),
                .. Facts.Where(fact => fact.Label == "PO number"),
            ],
            Remittance = [],
            Sections = [new($"Invoice {invoice}", [row], row with { What = "Sum" })],
            Totals = [("In your favor", Dollars(amount))],
            Notes = [],
            At = at,
            Header = new("Reason", "", "", "Amount", "", ""),
        };
    }

    /// <summary>What the project is about where that is known, and always what identifies it.</summary>
    private static string NameOf(string? title, string name, ProjectId project)
    {
        var known = name == project.Value ? name : $"{name} ({project})";
        return title is null || title == name ? known : $"{title}, {known}";
    }

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
            line.Title, line.Cluster.Value,
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
                : new[] { ("Total owed to the exchange", Dollars(balance)) },
            terms.Owed < Money.Zero ? ("In your favor", Dollars(-terms.Owed)) : ("Amount due", Dollars(terms.Owed)),
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
