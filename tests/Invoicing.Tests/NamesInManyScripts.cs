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
}
