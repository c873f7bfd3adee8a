using System.Text.Json;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace Exchange.Tests;

public class TextForms
{
    [Fact]
    public void Money_reads_back_as_written() => Prop.ForAll<int>(cents => Money.Parse(new Money(cents).ToString()) == new Money(cents))
        .Check(Draws.Properties());

    [Fact]
    public void Quantity_reads_back_as_written() => Prop.ForAll<int>(n =>
        Quantity.Parse(new Quantity(n / 1000m, new("SU-hour")).ToString()) == new Quantity(n / 1000m, new("SU-hour")))
        .Check(Draws.Properties());

    [Fact]
    public void Period_reads_back_as_written() => Prop.ForAll<uint, ushort>((start, length) =>
    {
        var period = new Period(Instant.FromUnixTimeSeconds(start), Instant.FromUnixTimeSeconds(start) + Duration.FromSeconds(length));
        return Period.Parse(period.ToString()) == period;
    }).Check(Draws.Properties());

    /// <summary>Seen to fail: a null in the place of an amount was a fault of ours, where an exchange sent it.</summary>
    [Fact]
    public void Null_is_no_value_of_any_kind()
    {
        foreach (var type in (Type[])[
            typeof(Money), typeof(Quantity), typeof(Rate), typeof(Period), typeof(BillingMonth), typeof(ProjectId), typeof(Instant),
            typeof(LocalDate), typeof(decimal)])
        {
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("null", type, Text.Json));
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("null", type, Text.Sent));
        }
    }

    /// <summary>Seen to fail: a reading of the type "-1" was read, and could not be stored.</summary>
    [Theory, InlineData("1"), InlineData("\"1\""), InlineData("\"-1\""), InlineData("\"7\"")]
    public void A_number_is_no_word_of_a_list(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Currency>(json, Text.Json));

    /// <summary>Seen to fail: several words, where each is one of the list, were read as one.</summary>
    [Theory, InlineData("\"usd, usd\""), InlineData("\"usd,\""), InlineData("\" usd\""), InlineData("\"usd \""), InlineData("\"+0\""),
        InlineData("\"-0\""), InlineData("\"0x0\""), InlineData("\"\""), InlineData("\"ＵＳＤ\""), InlineData("\"usd\\n\""), InlineData("[\"usd\"]"),
        InlineData("true"), InlineData("0")]
    public void Words_of_a_list_are_one_word(string json)
    {
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Currency>(json, Text.Json));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Currency>(json, Text.Sent));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Dictionary<Currency, int>>($"{{{json}:1}}", Text.Sent));
        Assert.False(ListedWord.TryRead<Currency>(json.Trim('"'), out _));
    }

    [Theory, InlineData("\"usd\""), InlineData("\"USD\"")]
    public void One_word_of_a_list_is_read(string json)
    {
        Assert.Equal(Currency.USD, JsonSerializer.Deserialize<Currency>(json, Text.Sent));
        Assert.Equal("\"usd\"", JsonSerializer.Serialize(Currency.USD, Text.Json));
        Assert.Throws<JsonException>(() => JsonSerializer.Serialize((Currency)7, Text.Json));
    }

    [Fact]
    public void Nonsense_is_refused_not_guessed() => Assert.False(Money.TryParse("12.34", null, out _));
}
