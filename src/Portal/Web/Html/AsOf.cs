using System.Globalization;
using NodaTime;

namespace Exchange.Portal.Web;

/// <summary>The day at whose end a page shows how things stood: what was asked for, otherwise today.</summary>
internal static class AsOf
{
    public static LocalDate Day(DateOnly? asked, Instant now) =>
        asked is { } date ? LocalDate.FromDateOnly(date) : now.InUtc().Date;

    public static Instant End(LocalDate day) => day.PlusDays(1).AtMidnight().InUtc().ToInstant();

    public static string Text(LocalDate day) => day.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);
}
