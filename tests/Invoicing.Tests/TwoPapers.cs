using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Exchange.Testing;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// Invoices in Western letters are written plainly, others drawn by Pango and Cairo: both say the same, in the same
/// order, at the same places, to whoever sees them and to whoever hears them read.
/// </summary>
public partial class TwoPapers
{
    private const string Letters = "AVToWayPe.f,fi-r/LT10é%() ";

    /// <summary>A PNG of two by one points, red and half transparent.</summary>
    private static readonly byte[] Logo = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAD0lEQVR4nGP4z8DQAMT/AQ98A37vsG8KAAAAAElFTkSuQmCC");

    /// <summary>A word of a page, and where it is.</summary>
    private sealed record Word(int Page, string Text, double Left, double Right, double Top, double Bottom);

    /// <summary>
    /// Drawn invoices, of a line and of several pages; names that are kerned, that break, and that alone are too wide.
    /// No word stands a third of a point elsewhere, a tenth of a millimeter.
    /// </summary>
    [Theory]
    [InlineData(1, 20_261_129)]
    [InlineData(9, 20_261_130)]
    [InlineData(70, 20_261_131)]
    public async Task Say_the_same_in_the_same_order_at_the_same_places(int lines, int seed)
    {
        var document = Drawn(lines, new(seed));
        var plain = InvoicePdf.Plainly(document, Logo);
        Assert.NotNull(plain);

        var here = await Words(plain);
        var there = await Words(InvoicePdf.Shaped(document, Logo));

        Assert.Equal(there.Select(word => (word.Page, word.Text)), here.Select(word => (word.Page, word.Text)));
        Assert.All(here.Zip(there), pair =>
        {
            Assert.InRange(pair.First.Left - pair.Second.Left, -0.3, 0.3);
            Assert.InRange(pair.First.Right - pair.Second.Right, -0.3, 0.3);
            Assert.InRange(pair.First.Top - pair.Second.Top, -0.1, 0.1);
        });
        Assert.Contains(here, word => word.Text.Contains('−', StringComparison.Ordinal));
        Assert.Equal(lines > 50, here[^1].Page > 2);
        var parts = await Read(plain, "pdfinfo", "-struct-text");
        Assert.Equal( // A picture has no text, and what Cairo draws of it is no part of it.
            await Read(InvoicePdf.Shaped(document, Logo), "pdfinfo", "-struct-text"),
            parts.Replace("Figure\n    \"\"\n", "Figure\n", StringComparison.Ordinal));
        Assert.Equal(lines, Regex.Count(parts, "\"SKU ?[0-9]"));
    }

    /// <summary>
    /// What a screen reader needs: a language, a title to show, and what is a heading, a row, a head of a column, a
    /// cell. Heads that stand again on the next page, page numbers and rules are not read.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Are_tagged(bool isPlain)
    {
        var document = Drawn(70, new(7));
        var pdf = isPlain ? InvoicePdf.Plainly(document, null)! : InvoicePdf.Shaped(document, null);

        var said = await Read(pdf, "pdfinfo");
        Assert.Matches(@"Tagged:\s+yes", said);
        Assert.Matches($@"Title:\s+{document.Title}", said);
        var file = Encoding.Latin1.GetString(pdf);
        if (!isPlain) // The plain one is compressed there.
        {
            Assert.Contains("/Lang (en-US)", file, StringComparison.Ordinal);
        }

        var parts = await Read(pdf, "pdfinfo", "-struct-text");
        Assert.StartsWith("Document", parts, StringComparison.Ordinal);
        Assert.All(["H1", "H2", "Table", "TR", "TH", "TD", "P"], tag => Assert.Matches($@"(?m)^ +{tag}\b", parts));
        Assert.DoesNotContain("(continued)", parts, StringComparison.Ordinal);
        Assert.DoesNotContain("Page 1", parts, StringComparison.Ordinal);
        Assert.Equal(document.Sections.Length, Regex.Count(parts, "\"Quantity\""));
    }

    /// <summary>Whose logo it is is said to whoever does not see it. It was no part of the document.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Logos_are_said(bool isPlain)
    {
        var document = Drawn(2, new(7)) with { From = ["Łódź & Boston Clouds"] };
        if (isPlain)
        {
            document = document with { From = ["Zoë's (Open) Clouds"] };
        }

        var pdf = isPlain ? InvoicePdf.Plainly(document, Logo)! : InvoicePdf.Shaped(document, Logo);

        Assert.Matches(@"(?m)^ +Figure\b", await Read(pdf, "pdfinfo", "-struct"));
        var said = Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes($"Logo of {document.From[0]}"));
        Assert.Contains($"/Alt <FEFF{said}>", Unpacked(pdf), StringComparison.Ordinal);
        Assert.DoesNotContain("Syntax Error", await Read(pdf, "pdfinfo", "-struct-text"), StringComparison.Ordinal);
    }

    /// <summary>A file with what is compressed in it after it.</summary>
    private static string Unpacked(byte[] pdf)
    {
        var text = Encoding.Latin1.GetString(pdf);
        var all = new StringBuilder(text);
        foreach (Match found in Regex.Matches(text, @"\nstream\n"))
        {
            using var packed = new MemoryStream(pdf[(found.Index + found.Length)..]);
            using var stream = new ZLibStream(packed, CompressionMode.Decompress);
            using var unpacked = new MemoryStream();
            try
            {
                stream.CopyTo(unpacked);
            }
            catch (InvalidDataException)
            {
                continue; // A picture, or a font that is not compressed.
            }

            all.Append(Encoding.Latin1.GetString(unpacked.ToArray()));
        }

        return all.ToString();
    }

    /// <summary>A table of a page more than fits is read as one table with one head.</summary>
    [Fact]
    public async Task Tables_are_tagged_too()
    {
        var pdf = TablePdf.Draw("Standing", "2026-11-29T00:00:00Z", ["Who", "Amount"],
            [.. Enumerable.Range(0, 80).Select(i => new[] { $"Lab {i}", $"{i}.00" })]);

        var parts = await Read(pdf, "pdfinfo", "-struct-text");

        Assert.Single(Regex.Matches(parts, @"(?m)^ +Table\b"));
        Assert.Equal(81, Regex.Count(parts, @"(?m)^ +TR\b"));
        Assert.Equal(2, Regex.Count(parts, @"(?m)^ +TH\b"));
    }

    /// <summary>Greek is no Western letter: the whole document is drawn by Pango then.</summary>
    [Fact]
    public void Other_letters_are_drawn_by_pango()
    {
        var document = Drawn(1, new(1));
        Assert.Null(InvoicePdf.Plainly(document with { Notes = ["Λάμδα"] }, null));
        Assert.Contains("Λάμδα", InvoiceDocuments.PdfText(InvoicePdf.Draw(document with { Notes = ["Λάμδα"] })),
            StringComparison.Ordinal);
    }

    private static InvoiceDocument Drawn(int lines, Random random)
    {
        string Name(int length) => string.Concat(
            Enumerable.Range(0, length).Select(_ => Letters[random.Next(Letters.Length)])).Trim();
        var line = Sample.Lines[1];
        ImmutableArray<InvoiceLine> all =
        [
            .. Enumerable.Range(0, lines).Select(i => line with
            {
                ChargeId = $"c-{i:000}",
                Sku = new($"SKU {i} {Name(random.Next(2) * 30)}"),
                Quantity = Quantity.Parse($"{random.Next(10_000)}.{random.Next(100_000_000)} SU-hour"),
                ProjectName = i % 20 < 10 ? "Zoë's AVATAR, Type-1" : "To be",
                Amount = new(random.Next(10_000_000) - 1_000_000),
                Funds = [],
            }),
        ];
        return Sample.Document(all) with
        {
            Notes = ["Zoë (Boston) \\ 100 % – “Type” — …", Name(300), new('W', 120)],
            Remittance = ["Bank of Boston", Name(40)],
            To = ["Dr. Avery Tow", Name(80)],
            Totals = [("Charges", "−$1,234.50"), (Name(90), "$0.01"), ("Amount due", "$1,111,111.11")],
        };
    }

    private static async Task<List<Word>> Words(byte[] pdf)
    {
        var words = new List<Word>();
        var page = 0;
        foreach (var line in (await Read(pdf, "pdftotext", "-bbox")).Split('\n'))
        {
            page += line.Contains("<page ", StringComparison.Ordinal) ? 1 : 0;
            if (Box().Match(line) is { Success: true } box)
            {
                double Of(int group) => double.Parse(box.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
                words.Add(new(page, box.Groups[5].Value, Of(1), Of(3), Of(2), Of(4)));
            }
        }

        return words;
    }

    private static async Task<string> Read(byte[] pdf, string program, params IReadOnlyList<string> options)
    {
        if (!File.Exists($"/usr/bin/{program}"))
        {
            Assert.SkipUnless(
                Environment.GetEnvironmentVariable("CI") == "true",
                $"{program} (package poppler-utils) is not installed.");
        }

        using var scratch = new Scratch();
        var file = Path.Combine(scratch.Path, "drawn.pdf");
        await File.WriteAllBytesAsync(file, pdf, TestContext.Current.CancellationToken);
        List<string> arguments = [.. options, file];
        using var process = Process.Start(new ProcessStartInfo(
            $"/usr/bin/{program}", program == "pdftotext" ? [.. arguments, "-"] : arguments)
        {
            RedirectStandardOutput = true,
        })!;
        return await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    [GeneratedRegex("""<word xMin="([-0-9.]+)" yMin="([-0-9.]+)" xMax="([-0-9.]+)" yMax="([-0-9.]+)">(.*)</word>""")]
    private static partial Regex Box();
}
