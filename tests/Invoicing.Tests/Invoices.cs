using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>An invoice to try things on.</summary>
internal static class Sample
{
    public static readonly Instant Noon = Instant.FromUtc(2026, 11, 3, 12, 0);
    public static readonly LocalDate Due = new(2026, 12, 3);
    public static readonly BillingMonth October = new(2026, 10);

    public static InvoiceLine Line(string sku, string quantity, string rate, long cents, params FundShare[] funds) =>
        new()
        {
            ChargeId = $"2026-10:nerc:stack:p-17:{sku}",
            ServicePeriod = October.Period,
            Landlord = new("nerc"),
            Service = "openstack",
            Sheet = "nerc/openstack/2025-06-01#1",
            Cluster = new("stack"),
            Project = new("p-17"),
            ProjectName = "Ocean models",
            Sku = new(sku),
            Quantity = Quantity.Parse(quantity),
            Rate = Rate.Parse(rate),
            Amount = new(cents),
            Funds = [.. funds],
        };

    public static ImmutableArray<InvoiceLine> Lines { get; } =
    [
        Line("OpenStack CPU", "20000 SU-hour", "0.013 USD/SU-hour", 26_000,
            new FundShare("New-PI credit", "the exchange", new(26_000), false)),
        Line("OpenStack GPUA100", "200 SU-hour", "1.803 USD/SU-hour", 36_060,
            new FundShare("New-PI credit", "the exchange", new(10_000), false),
                new FundShare("BU subsidy", "BU Research IT", new(10_000), true)),
        Line("OpenStack CPU", "-10 SU-hour", "0.013 USD/SU-hour", -13) with { Adjusts = new(2026, 9),
            ServicePeriod = new BillingMonth(2026, 9).Period },
        Line("Egress", "1024 GB", "0 USD/GB", 0) with { Landlord = new("bayblock"), Cluster = new("block-1"),
            Avoided = new(9_216), ProjectName = "Ёж Océan" },
    ];

    public static InvoiceEvent Drafted(ImmutableArray<InvoiceLine> lines) =>
        new InvoiceEvent.Drafted(October, new("ada@bu.edu"), "Boston University", lines, Noon);

    public static InvoiceEvent Issued { get; } = new InvoiceEvent.Issued("PI-2026-0007", new(62_047), new(16_047), Due,
        Noon);

    public static InvoiceDocument Document(ImmutableArray<InvoiceLine> lines) => InvoiceDocument.Of(
        (Invoice.Issued)Invoice.Fold.Of(
            [Drafted(lines), .. Invoice.Issue(Invoice.Fold.Of([Drafted(lines)]), "PI-2026-0007", Due, Noon)]),
        ["The Exchange", "100 Bigelow Street", "Holyoke, MA"]);
}

public class Invoices
{
    [Fact]
    public void Issuing_freezes_the_total_and_what_the_PI_owes() =>
        Given.Events(Invoice.Fold, Sample.Drafted(Sample.Lines))
        .When(invoice => Invoice.Issue(invoice, "PI-2026-0007", Sample.Due, Sample.Noon))
        .Then(Sample.Issued);

    [Fact]
    public void Issuing_is_refused_without_lines() => Given.Events(Invoice.Fold, Sample.Drafted([]))
        .When(invoice => Invoice.Issue(invoice, "PI-2026-0007", Sample.Due, Sample.Noon))
        .ThenRefused("invoice/empty");

    [Fact]
    public void Issuing_again_under_another_number_is_refused() => Given
        .Events(Invoice.Fold, Sample.Drafted(Sample.Lines), Sample.Issued)
        .When(invoice => Invoice.Issue(invoice, "PI-2026-0008", Sample.Due, Sample.Noon))
        .ThenRefused("invoice/not-a-draft");

    [Fact]
    public void A_payment_counts_once() => Given.Events(Invoice.Fold, Sample.Drafted(Sample.Lines), Sample.Issued)
        .When(invoice => Invoice.Pay(invoice, "wire-1", new(16_047), Sample.Noon))
        .Then(new InvoiceEvent.Paid("wire-1", new(16_047), Sample.Noon));

    [Theory]
    [InlineData(16_048, "invoice/overpaid")]
    [InlineData(0, "invoice/payment-not-positive")]
    public void A_payment_that_cannot_be_is_refused(long cents, string code) => Given
        .Events(Invoice.Fold, Sample.Drafted(Sample.Lines), Sample.Issued)
        .When(invoice => Invoice.Pay(invoice, "wire-1", new(cents), Sample.Noon))
        .ThenRefused(code);

    [Fact]
    public void The_same_reference_with_another_amount_is_refused() => Given
        .Events(Invoice.Fold, Sample.Drafted(Sample.Lines), Sample.Issued,
            new InvoiceEvent.Paid("wire-1", new(5), Sample.Noon))
        .When(invoice => Invoice.Pay(invoice, "wire-1", new(6), Sample.Noon))
        .ThenRefused("invoice/payment-differs");

    [Fact]
    public void What_was_paid_on_is_not_voided() => Given
        .Events(Invoice.Fold, Sample.Drafted(Sample.Lines), Sample.Issued,
            new InvoiceEvent.Paid("wire-1", new(5), Sample.Noon))
        .When(invoice => Invoice.Void(invoice, "wrong PI", Sample.Noon))
        .ThenRefused("invoice/paid");

    [Fact]
    public void A_voided_invoice_keeps_its_number() =>
        Given.Events(Invoice.Fold, Sample.Drafted(Sample.Lines), Sample.Issued)
        .When(invoice => Invoice.Void(invoice, "wrong PI", Sample.Noon))
        .Then(new InvoiceEvent.Voided("wrong PI", Sample.Noon));

    [Fact]
    public void An_event_that_cannot_follow_stops_the_program() => Assert.Throws<CorruptStreamException>(
        () => Invoice.Fold.Of([Sample.Issued]));

    [Fact]
    public void Every_case_has_a_stored_name_and_keeps_its_text()
    {
        var named = typeof(InvoiceEvent).GetCustomAttributes(false).OfType<JsonDerivedTypeAttribute>()
            .Select(a => a.DerivedType);
        Assert.Equal(typeof(InvoiceEvent).GetNestedTypes().OrderBy(t => t.Name), named.OrderBy(t => t.Name));

        InvoiceEvent[] each =
        [
            Sample.Drafted(Sample.Lines), Sample.Issued, new InvoiceEvent.Paid("wire-1", new(5), Sample.Noon),
            new InvoiceEvent.Voided("wrong PI", Sample.Noon), new InvoiceEvent.Refunded("wire-2", new(5), Sample.Noon),
            new InvoiceEvent.Credited("CN-2026-0001", new(100), "goodwill", Sample.Noon),
            new InvoiceEvent.Drawn(new string('a', 64), Sample.Noon),
        ];
        var text = string.Join('\n', each.Select(e => JsonSerializer.Serialize(e, Text.Json))) + "\n";
        Golden.Match("invoice-events.1.json", text);
        Assert.Equal(text, string.Join('\n', text.Trim().Split('\n').Select(line =>
            JsonSerializer.Serialize(JsonSerializer.Deserialize<InvoiceEvent>(line, Text.Json), Text.Json))) + "\n");
    }
}

public class InvoiceDocuments
{
    [Fact]
    public void Say_every_line_every_fund_and_both_balances() =>
        Golden.Match("invoice.txt", Sample.Document(Sample.Lines).AsText());

    [Fact]
    public void Are_the_same_in_CSV() => Golden.Match("invoice.csv", InvoiceCsv.Of(Sample.Document(Sample.Lines)));

    [Fact]
    public void Never_let_a_spreadsheet_run_a_project_name() => Assert.Contains(
        "\n'=cmd()", InvoiceCsv.Of(Sample.Document(Sample.Lines) with
        {
            Sections = [new("=cmd()", [new("a", "b", "c", "d", "e", "f")], new("Sum", "", "", "", "", ""))],
        }), StringComparison.Ordinal);

    [Fact]
    public void Are_drawn_again_to_the_same_bytes() => Assert.Equal(
        InvoicePdf.Draw(Sample.Document(Sample.Lines)), InvoicePdf.Draw(Sample.Document(Sample.Lines)));

    /// <summary>The runner starts itself again for one test, which draws to where it is told.</summary>
    [Fact]
    public async Task Are_drawn_by_another_process_to_the_same_bytes()
    {
        var told = Environment.GetEnvironmentVariable("EXCHANGE_DRAW_TO");
        byte[] here =
        [
            .. InvoicePdf.Draw(Sample.Document(Sample.Lines)), // By Pango: it has letters that are not Western.
            .. InvoicePdf.Draw(Sample.Document(Sample.Lines[..3])),
        ];
        if (told is not null)
        {
            await File.WriteAllBytesAsync(told, here, TestContext.Current.CancellationToken);
            return;
        }

        using var scratch = new Scratch();
        var file = Path.Combine(scratch.Path, "there.pdf");
        var start = new ProcessStartInfo(
            Environment.ProcessPath!, ["-method", "*Are_drawn_by_another_process_to_the_same_bytes"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["EXCHANGE_DRAW_TO"] = file;
        using var process = Process.Start(start)!;
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(here, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Say_on_paper_what_the_text_says()
    {
        var words = PdfText(InvoicePdf.Draw(Sample.Document(Sample.Lines)));

        Assert.All(["PI-2026-0007", "ada@bu.edu", "$1.803 / SU-hour", "$160.47", "adjustment of 2026-09", "Océan",
            "Page 1 of 1"],
            word => Assert.Contains(word, words, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(41)]
    [InlineData(42)]
    [InlineData(43)]
    [InlineData(44)]
    [InlineData(120)]
    public void Never_leave_a_sum_alone_on_a_page(int rows)
    {
        var lines = Enumerable.Range(0, rows).Select(i => Sample.Lines[0] with { ChargeId = $"c-{i:000}" })
            .ToImmutableArray();

        var pages = PdfText(InvoicePdf.Draw(Sample.Document(lines))).Split('\f', StringSplitOptions.RemoveEmptyEntries);

        Assert.All(pages, page => Assert.False(page.TrimStart().StartsWith("Sum", StringComparison.Ordinal)));
        Assert.Equal(rows, pages.Sum(page => page.Split("OpenStack CPU").Length - 1));
        Assert.Contains($"Page {pages.Length} of {pages.Length}", pages[^1], StringComparison.Ordinal);
    }

    internal static string PdfText(byte[] pdf)
    {
        if (!File.Exists("/usr/bin/pdftotext"))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "pdftotext (package " +
                "poppler-utils) is not installed.");
        }

        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, pdf);
            using var process = Process.Start(
                new ProcessStartInfo("/usr/bin/pdftotext", ["-layout", file, "-"]) { RedirectStandardOutput = true })!;
            return process.StandardOutput.ReadToEnd();
        }
        finally
        {
            File.Delete(file);
        }
    }
}
