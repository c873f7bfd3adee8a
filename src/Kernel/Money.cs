using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Exchange;

/// <summary>The national currencies that the exchange bills in.</summary>
public enum Currency { USD }

/// <summary>
/// An amount that can be paid: a whole number of cents. Fractions of a cent exist only inside rating,
/// as decimals, until <see cref="Round"/>, the one place in the product where money is rounded.
/// The default value is zero dollars.
/// </summary>
public readonly record struct Money(long Cents, Currency Currency = Currency.USD)
    : IParsable<Money>, IComparable<Money>
{
    public static Money Zero => default;

    /// <summary>Dollars, exact to the cent, for display and for exports.</summary>
    public decimal Amount => Cents / 100m;

    public bool IsZero => Cents == 0;

    /// <summary>'12.34': without the currency, as files have it that name it in another column.</summary>
    public string Plain => Amount.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>The one door from decimals into money.</summary>
    /// <param name="amount">Dollars with any number of decimals.</param>
    /// <returns>
    /// Whole cents; half a cent rounds away from zero, as every price sheet promises (NERC does the same).
    /// </returns>
    /// <exception cref="OverflowException">The amount does not fit in 64 bits of cents.</exception>
    public static Money Round(decimal amount) =>
        new(decimal.ToInt64(decimal.Round(amount * 100m, 0, MidpointRounding.AwayFromZero)));

    /// <summary>An amount as somebody said it, which is never rounded.</summary>
    /// <exception cref="FormatException">It has a part of a cent, or is larger than any amount.</exception>
    public static Money Exactly(decimal amount) =>
        decimal.IsInteger(amount * 100m) && decimal.Abs(amount) <= long.MaxValue / 100m
            ? new(decimal.ToInt64(amount * 100m))
            : throw new FormatException($"'{Text.Of(amount)}' is not a whole number of cents");

    public static Money operator +(Money left, Money right) =>
        new(left.Cents + right.Cents, Same(left.Currency, right.Currency));

    public static Money operator -(Money left, Money right) =>
        new(left.Cents - right.Cents, Same(left.Currency, right.Currency));

    public static Money operator -(Money value) => value with { Cents = -value.Cents };

    public static bool operator <(Money left, Money right) => left.CompareTo(right) < 0;
    public static bool operator >(Money left, Money right) => left.CompareTo(right) > 0;
    public static bool operator <=(Money left, Money right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Money left, Money right) => left.CompareTo(right) >= 0;

    public static Money Min(Money left, Money right) => left <= right ? left : right;
    public static Money Max(Money left, Money right) => left >= right ? left : right;

    public static Money Sum(IEnumerable<Money> amounts) => amounts.Aggregate(Zero, (sum, amount) => sum + amount);

    public int CompareTo(Money other) =>
        Same(Currency, other.Currency) == Currency ? Cents.CompareTo(other.Cents) : 0;

    /// <summary>
    /// Shares this amount in proportion to the weights, losing no cent: every share is cut to whole cents, then the
    /// cents left over go one each to the largest remainders, earliest first.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A weight is negative, or all weights are zero.</exception>
    public Money[] Share(ReadOnlySpan<long> weights)
    {
        var total = Int128.Zero;
        foreach (var weight in weights)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(weight);
            total += weight;
        }

        ArgumentOutOfRangeException.ThrowIfZero(total);

        var cents = new long[weights.Length];
        var remainders = new Int128[weights.Length];
        var left = Cents;
        for (var i = 0; i < weights.Length; i++)
        {
            var (whole, remainder) = Int128.DivRem((Int128)Cents * weights[i], total);
            cents[i] = (long)whole;
            remainders[i] = Int128.Abs(remainder);
            left -= cents[i];
        }

        var neediest = Enumerable.Range(0, cents.Length).OrderByDescending(i => remainders[i]);
        foreach (var i in neediest.Take((int)long.Abs(left)))
        {
            cents[i] += long.Sign(left);
        }

        var currency = Currency;
        return Array.ConvertAll(cents, c => new Money(c, currency));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Amount:0.00} {Currency}");

    public static Money Parse(string s, IFormatProvider? provider = null)
    {
        if (s.Split(' ') is not [var amount, var currency] ||
            !decimal.TryParse(amount, Text.PlainNumber, CultureInfo.InvariantCulture, out var dollars) ||
            !ListedWord.TryRead<Currency>(currency, out var known) || known.ToString() != currency)
        {
            throw new FormatException($"'{s}' is not money. Write it like '12.34 USD'.");
        }

        var cents = dollars * 100m;
        return decimal.IsInteger(cents) && decimal.Abs(cents) <= long.MaxValue
            ? new(decimal.ToInt64(cents), known)
            : throw new FormatException($"'{s}' is not a whole number of cents.");
    }

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Money result) =>
        Text.TryParse(s, Parse, out result);

    private static Currency Same(Currency left, Currency right) =>
        left == right ? left : throw new InvalidOperationException($"{left} and {right} do not mix.");
}
