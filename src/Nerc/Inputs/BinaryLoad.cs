using System.Numerics;

namespace Exchange.Nerc;

/// <summary>
/// What becomes of an amount that the present pipeline reads as a 64-bit binary fraction before it rounds: 41.565
/// is a little less there, and rounds down. Done in whole numbers, so that no binary fraction exists here either.
/// </summary>
internal static class BinaryLoad
{
    private const int MantissaBits = 53;

    /// <summary>The nearest binary fraction, rounded to some decimals; an exact half rounds to even.</summary>
    public static decimal Round(decimal amount, int decimals)
    {
        var bits = decimal.GetBits(amount);
        var digits = ((BigInteger)(uint)bits[2] << 64) + ((BigInteger)(uint)bits[1] << 32) + (uint)bits[0];
        if (digits.IsZero)
        {
            return 0m;
        }

        var (mantissa, exponent) = Nearest(digits, BigInteger.Pow(10, amount.Scale));
        var scaled = mantissa * BigInteger.Pow(10, decimals);
        var whole = exponent >= 0 ? scaled << exponent : HalfToEven(scaled, BigInteger.One << -exponent);
        var size = (decimal)whole / (decimal)BigInteger.Pow(10, decimals);
        return amount < 0 ? -size : size;
    }

    /// <summary>A fraction as a mantissa of 53 bits times a power of two.</summary>
    private static (BigInteger Mantissa, int Exponent) Nearest(BigInteger above, BigInteger below)
    {
        var exponent = (int)(above.GetBitLength() - below.GetBitLength()) - MantissaBits;
        while (true)
        {
            var mantissa = exponent >= 0
                ? HalfToEven(above, below << exponent)
                : HalfToEven(above << -exponent, below);
            if (mantissa.GetBitLength() <= MantissaBits)
            {
                return (mantissa, exponent);
            }

            exponent++;
        }
    }

    private static BigInteger HalfToEven(BigInteger above, BigInteger below)
    {
        var whole = BigInteger.DivRem(above, below, out var rest);
        var compared = (rest << 1).CompareTo(below);
        return compared > 0 || (compared == 0 && !whole.IsEven) ? whole + 1 : whole;
    }
}
