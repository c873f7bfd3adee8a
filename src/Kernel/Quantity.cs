using System.Diagnostics.CodeAnalysis;

namespace Exchange;

/// <summary>
/// What is counted: 'SU-hour', 'GiB-hour', 'second', 'GB', 'request'. Two units are equal when spelled alike.
/// </summary>
public readonly record struct Unit(string Name) : IParsable<Unit>
{
    public static Unit Parse(string s, IFormatProvider? provider = null) =>
        s.Length > 0 && !s.Contains(' ', StringComparison.Ordinal) && !s.Contains('/', StringComparison.Ordinal)
            ? new(s)
            : throw new FormatException($"'{s}' is not a unit. Write it like 'SU-hour'.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Unit result) =>
        Text.TryParse(s, Parse, out result);

    public override string ToString() => Name;
}

/// <summary>So many of a unit, exact.</summary>
public readonly record struct Quantity(decimal Amount, Unit Unit) : IParsable<Quantity>
{
    /// <summary>Whether it counts money, as what a credit is a part of.</summary>
    public bool IsMoney => Unit.Name == nameof(Currency.USD);

    public static Quantity operator +(Quantity left, Quantity right) => left.Unit == right.Unit
        ? left with { Amount = left.Amount + right.Amount }
        : throw new InvalidOperationException($"{left.Unit} and {right.Unit} do not add.");

    public override string ToString() => $"{Text.Of(Amount)} {Unit}";

    public static Quantity Parse(string s, IFormatProvider? provider = null) =>
        s.Split(' ') is [var amount, var unit]
            ? new(Text.Number(amount), Unit.Parse(unit))
            : throw new FormatException($"'{s}' is not a quantity. Write it like '744 SU-hour'.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Quantity result) =>
        Text.TryParse(s, Parse, out result);
}

/// <summary>
/// An exact price for one unit. It may be far below a cent: storage costs $0.0000087890625 a GiB-hour.
/// </summary>
public readonly record struct Rate(decimal Amount, Unit Per, Currency Currency = Currency.USD) : IParsable<Rate>
{
    /// <summary>The exact price of a quantity in dollars; only <see cref="Money.Round"/> may round it.</summary>
    /// <exception cref="InvalidOperationException">The quantity is in another unit.</exception>
    public decimal Of(Quantity quantity) => quantity.Unit == Per
        ? Amount * quantity.Amount
        : throw new InvalidOperationException($"A price per {Per} says nothing about {quantity.Unit}.");

    public override string ToString() => $"{Text.Of(Amount)} {Currency}/{Per}";

    public static Rate Parse(string s, IFormatProvider? provider = null) =>
        s.Split(' ') is [var amount, var rest] && rest.Split('/') is [var currency, var unit] &&
        ListedWord.TryRead<Currency>(currency, out var known) && known.ToString() == currency
            ? new(Text.Number(amount), Unit.Parse(unit), known)
            : throw new FormatException($"'{s}' is not a rate. Write it like '0.013 USD/SU-hour'.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Rate result) =>
        Text.TryParse(s, Parse, out result);
}
