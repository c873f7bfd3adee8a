using System.Globalization;
using NodaTime;

namespace Exchange.Portal.Web;

/// <summary>The day at whose end a page shows how things stood: what was asked for, otherwise today.</summary>
internal static class AsOf
{
    private static readonly LocalDate First = new(2000, 1, 1);
    private static readonly LocalDate Last = new(2199, 12, 31);

    /// <summary>A day beyond all that there is is as good as the first or last of it.</summary>
    public static LocalDate Day(DateOnly? asked, Instant now)
    {
        var day = asked is { } date ? LocalDate.FromDateOnly(date) : now.InUtc().Date;
        return day < First ? First : day > Last ? Last : day;
    }

    public static Instant End(LocalDate day) => day.PlusDays(1).AtMidnight().InUtc().ToInstant();

    public static string Text(LocalDate day) => day.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);
}
