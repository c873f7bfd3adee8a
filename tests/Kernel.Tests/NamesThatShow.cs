using System.Globalization;
using System.Text;
using System.Text.Json;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Tests;

/// <summary>
/// A name has something to see: spaces, format characters, fillers and marks without a letter are none, in any number
/// and order. Seen to fail where only white space was looked for: U+200B, U+3164 and U+2800 were names of landlords.
/// </summary>
public class NamesThatShow
{
    private static readonly string[] Unseen =
    [
        "\u200B", "\u200C", "\u200D", "\u200E", "\u202E", "\u2060", "\u2066", "\u00AD", "\uFEFF", "\u180E", "\u061C",
        "\u00A0", "\u2003", "\u3000", "\u2028", "\u115F", "\u1160", "\u3164", "\uFFA0", "\u2800", "\u034F", "\u17B4",
        "\uFE0F", "\u0301", "\u20DD", "\U0001D159", "\U000E0041", "\U000E0100", "\U0001D173", "\uFFFC", "\uFFF0", " ",
    ];

    [Fact]
    public void What_nobody_can_see_is_no_name_and_one_letter_among_it_makes_one() => Prop.ForAll(
        Gen.Elements(Unseen).NonEmptyListOf().Where(some => some.Count < 40).ToArbitrary(),
        Gen.Elements("a", "é", "漢", "क", "가", "👩", "-", "0", "ⵣ", "𝔘").ToArbitrary(), (some, letter) =>
        {
            var text = string.Concat(some);
            return !Name.IsOne(text) && !LandlordId.TryParse(text, null, out _) && Name.IsOne($"{text}{letter}") &&
                Name.IsOne($"{letter}{text}") && LandlordId.TryParse($"{text}{letter}", null, out _);
        }).Check(Draws.Properties());

    [Fact]
    public void Every_character_that_is_drawn_is_a_name_by_itself()
    {
        for (var value = 0x21; value < 0x30000; value++)
        {
            if (Rune.TryCreate(value, out var rune) && Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter
                or UnicodeCategory.LowercaseLetter or UnicodeCategory.DecimalDigitNumber or
                UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol or UnicodeCategory.DashPunctuation)
            {
                Assert.True(Name.IsOne(rune.ToString()), $"U+{value:X}");
            }
        }
    }

    [Fact]
    public void What_was_stored_under_such_a_name_is_read_and_nobody_may_send_it()
    {
        const string Json = "\"\\u200b\"";
        Assert.Equal(new LandlordId("\u200B"), JsonSerializer.Deserialize<LandlordId>(Json, Text.Json));
        Assert.Equal(
            new ResourceId(new("\u3164"), new("c"), "\u2800", "s"), ResourceId.Parse("\u3164/c/\u2800/s"));
        Assert.Throws<FormatException>(() => JsonSerializer.Deserialize<LandlordId>(Json, Text.Sent));
        Assert.Throws<FormatException>(() => Name.Of("\u200B"));
    }
}
