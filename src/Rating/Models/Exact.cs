using System.Numerics;

namespace Exchange.Rating;

/// <summary>
/// A fraction of whole numbers, never negative: quantities and prices stay exact until the line is rounded, so that a
/// third of an hour times a price in thirds comes to whole cents.
/// </summary>
public readonly record struct Exact : IComparable<Exact>
{
    private const int Digits = 28;
    private static readonly BigInteger[] Powers = [.. Enumerable.Range(0, Digits + 1)
        .Select(n => BigInteger.Pow(10, n))];
    private readonly BigInteger _under;

    private Exact(BigInteger over, BigInteger under) => (Over, _under) = (over, under);

    public static Exact Zero => default;

    private BigInteger Over { get; }
    private BigInteger Under => _under.IsZero ? BigInteger.One : _under;

    public bool IsZero => Over.IsZero;

    public static Exact Of(decimal number)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(number, bits);
        var scale = (bits[3] >> 16) & 0xFF;
        // The bits of a number are no number of their own: a negative one among them is no overflow.
        var over = unchecked(
            ((BigInteger)(uint)bits[2] << 64) + (((ulong)(uint)bits[1] << 32) | (uint)bits[0]));
        return number >= 0
            ? new(over, Powers[scale])
            : throw new ArgumentOutOfRangeException(nameof(number), number, "Nothing rated is below 0.");
    }

    public static Exact Of(Int128 over, Int128 under) => new(over, under);

    public static Exact operator +(Exact left, Exact right) => left.Under == right.Under
        ? new(left.Over + right.Over, left.Under)
        : new((left.Over * right.Under) + (right.Over * left.Under), left.Under * right.Under);

    /// <summary>The difference, or 0 when the right is larger.</summary>
    public static Exact operator -(Exact left, Exact right)
    {
        var over = (left.Over * right.Under) - (right.Over * left.Under);
        return over.Sign <= 0 ? Zero : new(over, left.Under * right.Under);
    }

    public static Exact operator *(Exact left, Exact right) => new(left.Over * right.Over, left.Under * right.Under);
    public static Exact operator /(Exact left, Exact right) => new(left.Over * right.Under, left.Under * right.Over);
    public static bool operator <(Exact left, Exact right) => left.CompareTo(right) < 0;
    public static bool operator >(Exact left, Exact right) => left.CompareTo(right) > 0;
    public static bool operator <=(Exact left, Exact right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Exact left, Exact right) => left.CompareTo(right) >= 0;

    public static Exact Min(Exact left, Exact right) => left <= right ? left : right;

    public static Exact Sum(IEnumerable<Exact> numbers) => numbers.Aggregate(Zero, (sum, number) => sum + number);

    /// <summary>The next whole number; itself when it is one.</summary>
    public Exact Ceiling() => new((Over + Under - 1) / Under, BigInteger.One);

    public int CompareTo(Exact other) => (Over * other.Under).CompareTo(other.Over * Under);

    public bool Equals(Exact other) => CompareTo(other) == 0;
    public override int GetHashCode() => ToDecimal().GetHashCode();
    public override string ToString() => Text.Of(ToDecimal());

    /// <summary>The same with 28 digits; what comes after them is cut off, so half a cent stays half a cent.</summary>
    public decimal ToDecimal()
    {
        var places = Places;
        return Number(Over * Powers[places] / Under, places);
    }

    /// <summary>
    /// As a quantity that is written beside its price: 28 digits, the last of which is one more where the price of
    /// what was cut off would make a cent.
    /// </summary>
    public decimal ToQuantity(decimal rate, Money amount)
    {
        var places = Places;
        var cut = Over * Powers[places] / Under;
        var number = Number(cut, places);
        return Money.Round(number * rate) == amount ? number : Number(cut + 1, places);
    }

    /// <summary>How many decimals leave 28 digits in all.</summary>
    private int Places
    {
        get
        {
            var (whole, digits) = (Over / Under, 0);
            while (digits < Digits && whole >= Powers[digits])
            {
                digits++;
            }

            return Digits - digits;
        }
    }

    private static decimal Number(BigInteger digits, int places)
    {
        var (low, middle, high) = ((uint)(digits & uint.MaxValue), (uint)((digits >> 32) & uint.MaxValue),
            (uint)(digits >> 64));
        return unchecked(new((int)low, (int)middle, (int)high, false, (byte)places));
    }
}
