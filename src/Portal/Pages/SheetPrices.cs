using System.Globalization;
using Exchange.Journal;
using Exchange.Portal.Web;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>The prices of a sheet in a form: what is typed is written into its text, which is tried out.</summary>
public sealed partial class SheetPrices
{
    /// <summary>The prices of a sheet as they are.</summary>
    /// <param name="RaisesFrom">From when on more may be asked: until then customers have notice.</param>
    public sealed record Offered(PublishedSheet Sheet, IReadOnlyList<WrittenPrice> Prices, Instant RaisesFrom)
    {
        /// <summary>The first whole month in which more may be asked.</summary>
        public BillingMonth From =>
            BillingMonth.Of(RaisesFrom) is var month && month.Start < RaisesFrom ? month.Next : month;
    }

    internal static async Task<Offered> Offer(
        IJournal journal, PublishedSheet sheet, Instant now, CancellationToken ct) => new(
            sheet, RepricedSheet.Prices(sheet.Yaml),
            (await journal.State(ExchangeLists.Fold, ExchangeLists.Id, ct)).RaisesFrom(now));

    /// <summary>The sheet with the prices that were typed; null where something is wrong with them.</summary>
    internal static string? Write(Form form, Offered offered)
    {
        var starts = form.Value<BillingMonth>("starts", "The first month");
        var prices = offered.Prices.Select((price, n) => Price(form, Field(n), price.What)).ToList();
        return form.IsRight
            ? RepricedSheet.Write(offered.Sheet.Yaml, starts!.Value, prices)
            : null;
    }

    private static string Field(int place) => string.Create(CultureInfo.InvariantCulture, $"price-{place + 1}");

    private static decimal Price(Form form, string name, string what)
    {
        var text = form.Line(name, $"The price of {what}", 30);
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price) &&
            form.Wrong(name) is null)
        {
            form.Wrong(name, $"'{text}' is no price. Write dollars with a point and without commas, like '0.013'.");
        }

        return price;
    }
}
