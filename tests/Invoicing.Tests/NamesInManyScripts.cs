using System.Text;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>A name is drawn in its letters or the document is refused with what to install; never as boxes.</summary>
public class NamesInManyScripts
{
    private static byte[] Draw(string text)
    {
        using var canvas = new Canvas(595, 842, "t", "2026-11-01T00:00:00Z");
        canvas.Say(text, 10, 10, 500, "DejaVu Sans 10");
        return canvas.Finish();
    }

    [Theory]
    [InlineData("Ada Lovelace")]
    [InlineData("Łukasz Müller-Çelik")]
    [InlineData("Ελένη Παπαδοπούλου")]
    [InlineData("Анна Иванова")]
    public void Letters_that_a_font_has_are_drawn(string name) => Assert.NotEmpty(Draw(name));

    /// <summary>Nobody has been given U+40000, so no machine has it.</summary>
    [Fact]
    public void A_letter_that_no_font_has_is_refused_with_the_name()
    {
        var refusal = Assert.Throws<RefusedException>(() => Draw("Dr. \U00040000 Smith")).Refusal;
        Assert.Equal("pdf/no-font", refusal.Code);
        Assert.Contains("'Dr. \U00040000 Smith'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("fonts-noto-core", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("李明", "fonts-noto-cjk")]
    [InlineData("김철수", "fonts-noto-cjk")]
    [InlineData("Lab 🧬", "fonts-noto-color-emoji")]
    [InlineData("ꦲꦏ꧀ꦱꦫ", "fonts-noto-core")]
    public void What_to_install_is_named_by_the_script(string name, string package) =>
        Assert.Contains(package, MissingFont.For(name).Refusal.Message, StringComparison.Ordinal);

    /// <summary>What was shaped once is drawn again by other documents, and comes to the same bytes; boxes never do.</summary>
    [Fact]
    public void Documents_share_what_was_set_and_never_what_was_refused()
    {
        var first = Draw("Ada Lovelace, Λάμδα");
        for (var n = 0; n < 3; n++)
        {
            Assert.Throws<RefusedException>(() => Draw("Dr. \U00040000 Jones"));
            Assert.Equal(first, Draw("Ada Lovelace, Λάμδα"));
        }
    }

    /// <summary>Texts that are said once make room; those that every page says are shaped once.</summary>
    [Fact]
    public void As_many_texts_are_remembered_as_there_is_room_for()
    {
        using var canvas = new Canvas(595, 842, "t", "2026-11-01T00:00:00Z");
        canvas.Say("Amount", 10, 10, 500, "DejaVu Sans 7");
        var before = canvas.Shaped;
        for (var n = 0; n < 3 * Typesetter.MaxLayouts; n++)
        {
            canvas.Say($"{n}.00 USD", 10, 10, 500, "DejaVu Sans 7");
            canvas.Say("Amount", 10, 10, 500, "DejaVu Sans 7");
            Assert.InRange(canvas.Remembered, 1, Typesetter.MaxLayouts);
        }

        Assert.Equal(3 * Typesetter.MaxLayouts, canvas.Shaped - before);
    }

    /// <summary>
    /// Western letters are written with fonts that are embedded as they were made once, anything else by Cairo. Both
    /// say the same.
    /// </summary>
    [Fact]
    public void Western_documents_are_written_plainly_and_others_by_cairo()
    {
        static string Name(string name) => Encoding.Latin1.GetString(Drawn(name)[..8]);
        static byte[] Drawn(string name) => InvoicePdf.Draw(
            Sample.Document([.. Sample.Lines.Where(line => line.ProjectName.All(char.IsAscii))]) with
            {
                Notes = [name],
            });
        Assert.Equal("%PDF-1.4", Name("Ada Lovelace (Boston) \\ 100 %"));
        Assert.Equal("%PDF-1.4", Name("Zoë Müller-Lüdenscheidt, Curaçao"));
        Assert.Equal("%PDF-1.5", Name("Ada Lovelace, Λάμδα"));

        var plain = InvoiceDocuments.PdfText(Drawn("Zoë (Boston) \\ 100 %"));
        var drawn = InvoiceDocuments.PdfText(Drawn("Zoë (Boston) \\ 100 % Λ"));
        Assert.Contains("Zoë (Boston) \\ 100 %", plain, StringComparison.Ordinal);
        Assert.Contains("–$360.00", plain, StringComparison.Ordinal);
        Assert.Equal(
            Words(drawn.Replace('\u2212', '–')).Where(word => word != "Λ"), Words(plain));

        static IEnumerable<string> Words(string text) =>
            text.Split([' ', '\n', '\f'], StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
    }

    /// <summary>Drawn words in drawn columns: each letter is there once, in order, and no line is too wide.</summary>
    [Fact]
    public void Lines_fit_their_column_and_lose_nothing()
    {
        var face = new PlainFonts.Face(
            "R", 10, 9, 12, [.. Enumerable.Range(0, 256).Select(i => 200.0 + (i % 7 * 100))]);
        var random = new Random(20_261_129);
        for (var n = 0; n < 2_000; n++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => "ab-/ cd e"[random.Next(9)]));
            var width = 1 + random.Next(120);
            var lines = PlainLines.Of(text, width, face).Select(line => text[line]).ToList();
            Assert.Equal(text.Replace(" ", "", StringComparison.Ordinal),
                string.Concat(lines).Replace(" ", "", StringComparison.Ordinal));
            Assert.All(lines, line => Assert.True(line.Length <= 1 || face.WidthOf(line) <= width));
        }
    }
}
