using System.Globalization;
using System.Numerics;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Nerc.Tests;

public class LoadingCosts
{
    [Fact]
    public void Goes_through_the_nearest_binary_fraction_as_the_machine_has_it() =>
        Prop.ForAll<int, byte>((digits, scale) =>
        {
            var amount = new decimal(digits & int.MaxValue, scale, 0, false, (byte)(scale % 15));
            return BinaryLoad.Round(amount, 2) == ByTheMachine(amount);
        }).Check(Draws.Properties());

    [Fact]
    public void Changes_no_amount_of_whole_cents() => Prop.ForAll<int>(cents =>
        BinaryLoad.Round(cents / 100m, 2) == cents / 100m).Check(Draws.Properties());

    [Theory]
    [InlineData("0.0000087890625", "0.0000087890625")]
    [InlineData("0.013", "0.013")]
    [InlineData("0.00000878906253", "0.0000087890625")]
    public void Keeps_thirteen_decimals_of_a_rate(string rate, string read) =>
        Assert.Equal(Text.Number(read), BinaryLoad.Round(Text.Number(rate), 13));

    /// <summary>The machine's own 64-bit fraction, written out exactly and then rounded half to even.</summary>
    private static decimal ByTheMachine(decimal amount)
    {
        var nearest = double.Parse(Text.Of(amount), CultureInfo.InvariantCulture);
        var exact = nearest.ToString("F80", CultureInfo.InvariantCulture).Replace(".", "", StringComparison.Ordinal);
        var cents = BigInteger.DivRem(BigInteger.Parse(exact, CultureInfo.InvariantCulture), BigInteger.Pow(10, 78), out var rest);
        var half = rest.CompareTo(BigInteger.Pow(10, 78) / 2);
        return (decimal)(half > 0 || (half == 0 && !cents.IsEven) ? cents + 1 : cents) / 100m;
    }
}
