using System.Globalization;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Kernel.Tests;

/// <summary>
/// What people type for money is read as they mean it, or refused with what they typed. Seen to fail with commas that
/// were dropped wherever they stood: '50,00' was booked as 5,000.00.
/// </summary>
public class AmountsAsTyped
{
    [Theory]
    [InlineData("50", 50_00)]
    [InlineData("50.0", 50_00)]
    [InlineData("50.05", 50_05)]
    [InlineData("$50.05", 50_05)]
    [InlineData(" 1,250.00 ", 1_250_00)]
    [InlineData("1,234,567.89", 1_234_567_89)]
    [InlineData("1,000", 1_000_00)]
    [InlineData("0", 0)]
    [InlineData("0.07", 7)]
    [InlineData("50.00 USD", 50_00)]
    [InlineData("007", 7_00)]
    public void What_is_an_amount_is_read(string typed, long cents) =>
        Assert.Equal(new Money(cents), TypedMoney.Read(typed));

    [Theory]
    [InlineData("50,00")]
    [InlineData("5,0")]
    [InlineData("1,2345")]
    [InlineData("12,34,567.00")]
    [InlineData("1,00,000")]
    [InlineData("1234,567")]
    [InlineData("0,050")]
    [InlineData(",500")]
    [InlineData("1,250,")]
    [InlineData("1.250,00")]
    [InlineData("1.250.00")]
    [InlineData("1 250.00")]
    [InlineData("1'250.00")]
    [InlineData("12.345")]
    [InlineData("12.")]
    [InlineData(".5")]
    [InlineData("-5")]
    [InlineData("+5")]
    [InlineData("1e3")]
    [InlineData("50 EUR")]
    [InlineData("€50")]
    [InlineData("$$50")]
    [InlineData("")]
    [InlineData("١٢")]
    [InlineData("５０")]
    [InlineData("50\u00A000")]
    [InlineData("50\n00")]
    [InlineData("99999999999999")]
    public void Anything_else_is_refused_with_what_was_typed(string typed)
    {
        Assert.False(TypedMoney.TryRead(typed, out _, out var why));
        Assert.Contains($"'{typed}'", why, StringComparison.Ordinal);
    }

    [Fact]
    public void However_it_is_drawn_it_is_the_same_amount_or_none() => Prop.ForAll(
        Gen.Elements([.. "0123456789,,..$ "]).ArrayOf().Select(drawn => new string(drawn)).ToArbitrary(),
        typed =>
        {
            if (TypedMoney.TryRead(typed, out var amount, out _))
            {
                // With commas where a machine puts them, it is exactly what was typed.
                var plain = typed.Trim().TrimStart('$').Trim();
                var number = decimal.Parse(
                    plain, NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
                Assert.Equal(Money.Round(number), amount);
                Assert.True(!plain.Contains(',', StringComparison.Ordinal) ||
                    number.ToString("#,0", CultureInfo.InvariantCulture) == plain.Split('.')[0] ||
                    plain.Contains('.', StringComparison.Ordinal));
            }
        }).Check(Draws.Properties());
}
