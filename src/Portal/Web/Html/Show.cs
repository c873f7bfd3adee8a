using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Portal.Web;

/// <summary>How values are shown to people: amounts with thousands marks, dates in words, in UTC.</summary>
internal static class Show
{
    private static readonly InstantPattern Minute = InstantPattern.CreateWithInvariantCulture("MMM d, uuuu HH:mm");
    private static readonly LocalDatePattern WholeDay =
        LocalDatePattern.CreateWithInvariantCulture("MMM d, uuuu");

    private static readonly LocalDatePattern Day = LocalDatePattern.CreateWithInvariantCulture("MMM d");

    private static readonly JsonSerializerOptions Indented = new(Exchange.Text.Json) { WriteIndented = true };

    /// <summary>A reading line by line; as it came where it is no JSON.</summary>
    public static string Json(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return JsonSerializer.Serialize(document.RootElement, Indented);
        }
        catch (JsonException)
        {
            return text;
        }
    }

    /// <summary>'$1,316.19', and '−$4.00' with a true minus.</summary>
    public static string Of(Money money)
    {
        var amount = decimal.Abs(money.Amount).ToString("#,##0.00", CultureInfo.InvariantCulture);
        return money.Cents < 0 ? $"−${amount}" : $"${amount}";
    }

    /// <summary>By how much something changed: '+$4.00', '−$4.00', '$0.00'.</summary>
    public static string Signed(Money change) => change.Cents > 0 ? $"+{Of(change)}" : Of(change);

    /// <summary>A price of one unit, exact and with its cents: '$1.10', '$0.0000087890625'.</summary>
    public static string Rate(decimal rate) => rate < 0
        ? $"−{Rate(-rate)}"
        : rate.ToString("$#,##0.00##########################", CultureInfo.InvariantCulture);

    public static string Of(Quantity quantity) => $"{Of(quantity.Amount)} {quantity.Unit}";

    /// <summary>How much was used: nothing of what is counted in money, as a credit is.</summary>
    public static string Usage(Quantity quantity) => quantity.IsMoney ? "" : Of(quantity);

    public static string Of(decimal number) => number.ToString("#,##0.######", CultureInfo.InvariantCulture);

    public static string Of(long number) => number.ToString("#,##0", CultureInfo.InvariantCulture);

    public static string Of(Instant instant) => $"{Minute.Format(instant)} UTC";

    public static string Of(LocalDate day) => Day.Format(day);

    /// <summary>'Nov 11, 2026'.</summary>
    public static string Date(LocalDate day) => WholeDay.Format(day);

    /// <summary>'Oct 2026'.</summary>
    public static string Of(BillingMonth month) =>
        $"{CultureInfo.InvariantCulture.DateTimeFormat.GetAbbreviatedMonthName(month.Month)} {month.Year}";

    /// <summary>A percentage in whole points; nothing of nothing is nothing.</summary>
    public static string Share(Money part, Money whole) =>
        whole.IsZero ? "0 %" : $"{part.Cents * 100 / whole.Cents} %";
}
