using NodaTime;
using NodaTime.Text;

namespace Exchange.Rating;

/// <summary>The instants of price sheets: how their names write them, and the end that never comes.</summary>
public static class SheetDates
{
    /// <summary>The end of a sheet that nothing ends.</summary>
    internal static readonly Instant Never = YamlValues.Never;

    /// <summary>'2025-06-01' at midnight, otherwise the whole instant.</summary>
    public static string Format(Instant from) => from.InUtc().TimeOfDay == LocalTime.Midnight
        ? LocalDatePattern.Iso.Format(from.InUtc().Date)
        : Text.Of(from);
}
