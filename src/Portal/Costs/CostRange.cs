using Exchange.Portal.Web;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Portal.Costs;

/// <summary>A part of one month: days from one on, before another, counted from zero.</summary>
/// <param name="IsWhole">Whether it is all of the month.</param>
internal sealed record MonthPart(BillingMonth Month, int From, int Until, bool IsWhole);

/// <summary>Days from one on, before another, in UTC.</summary>
internal sealed record CostRange
{
    private const int MaxYears = 10;

    /// <exception cref="RefusedException">It ends before it begins, or is longer than anybody's books.</exception>
    public CostRange(LocalDate from, LocalDate to)
    {
        if (to <= from)
        {
            throw new RefusedException(new(
                "costs/empty-range",
                $"The range from {Text(from)} to {Text(to)} holds no day: 'to' is the first day that is not part of " +
                "it.", "to"));
        }

        if (from < new LocalDate(2000, 1, 1) || to > from.PlusYears(MaxYears))
        {
            throw new RefusedException(new(
                "costs/long-range",
                $"The range from {Text(from)} to {Text(to)} is not one of at most {MaxYears} years since 2000.",
                "from"));
        }

        (From, To) = (from, to);
    }

    public LocalDate From { get; }
    public LocalDate To { get; }

    /// <summary>Whether it begins and ends with a month.</summary>
    public bool IsWhole => From.Day == 1 && To.Day == 1;

    public static CostRange Of(BillingMonth month) =>
        new(new(month.Year, month.Month, 1), new LocalDate(month.Year, month.Month, 1).PlusMonths(1));

    /// <summary>The period just before that is as long: in months where it is of whole months, else in days.</summary>
    public CostRange Before() => IsWhole
        ? new(From.PlusMonths(-Months(From, To)), From)
        : new(From.PlusDays(-NodaTime.Period.DaysBetween(From, To)), From);

    /// <summary>The months that it touches, in order.</summary>
    public IReadOnlyList<MonthPart> Parts()
    {
        var parts = new List<MonthPart>();
        for (var start = new LocalDate(From.Year, From.Month, 1); start < To; start = start.PlusMonths(1))
        {
            var end = start.PlusMonths(1);
            var (first, last) = (From > start ? From.Day - 1 : 0, To < end ? To.Day - 1 : end.PlusDays(-1).Day);
            parts.Add(new(new(start.Year, start.Month), first, last, first == 0 && To >= end));
        }

        return parts;
    }

    /// <summary>How many months lie between two first days of months.</summary>
    public static int Months(LocalDate from, LocalDate to) =>
        ((to.Year - from.Year) * 12) + to.Month - from.Month;

    /// <summary>Reads 'previous', or two days with a slash between: '2026-05-01/2026-08-01'.</summary>
    /// <exception cref="RefusedException">It is neither.</exception>
    public static CostRange Compared(string text, CostRange with, Instant now) =>
        text == "previous" ? with.Before()
        : text.Split('/') is [var from, var to] && LocalDatePattern.Iso.Parse(from) is { Success: true } first &&
            LocalDatePattern.Iso.Parse(to) is { Success: true } last
            ? new(CostParameters.Known("compare", first.Value, now), CostParameters.Known("compare", last.Value, now))
        : throw new RefusedException(new(
            "costs/no-such-period",
            $"'{(text.Length > 50 ? text[..50] : text)}' is no period to compare with. Write 'previous', or two days " +
            "as '2026-05-01/2026-08-01'.", "compare"));

    /// <summary>As pages say it: 'Oct 2026', 'Oct 2026 – Dec 2026', 'Nov 2, 2026 – Nov 9, 2026'.</summary>
    public string Words
    {
        get
        {
            var last = To.PlusDays(-1);
            var (first, end) = IsWhole ? (Of(From), Of(last)) : (Show.Date(From), Show.Date(last));
            return first == end ? first : $"{first} – {end}";

            static string Of(LocalDate day) => Show.Of(new BillingMonth(day.Year, day.Month));
        }
    }

    public override string ToString() => $"{Text(From)}/{Text(To)}";

    private static string Text(LocalDate day) => LocalDatePattern.Iso.Format(day);
}
