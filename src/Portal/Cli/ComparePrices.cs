using System.CommandLine;
using Exchange.Portal.Spend;
using Exchange.Rating;

namespace Exchange.Portal.Cli;

/// <summary>exchange prices compare — prices, or a month's charges, beside the list prices of public clouds.</summary>
internal static class ComparePrices
{
    public static Command Command()
    {
        var month = Settings.Value<BillingMonth>(
            "--month", "MONTH", "What this month's usage would have cost; without it, every price as it is now.");
        var landlord = Settings.Value<LandlordId>("--landlord", "L", "Only this landlord's.");
        return new Command("compare", "Sets prices beside those of public clouds, with what is assumed.")
        {
            month, landlord,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var books = await LoadPriceBooks.Run(exchange.Journal, ct);
            var now = verb.Clock.GetCurrentInstant();
            var whose = verb.Get(landlord);
            IReadOnlyList<ComparedSku> rows;
            if (verb.Get(month) is { } asked)
            {
                var request = await new RateRequest(asked) { Landlord = whose, AsOf = now }.WithPis(exchange, ct);
                var rated = await verb.Terminal.Progress("Rating …", _ => RateMonth.Run(
                    exchange.Meter, books, request, ct));
                rows = PublicComparison.Of(rated.Charges, books.Public);
            }
            else
            {
                rows = PublicComparison.Of(
                    books.List().Where(sheet => sheet.Period.Contains(now) &&
                        (whose is null || sheet.Sheet.Landlord == whose)),
                    books.Public);
            }

            return new(rows, terminal =>
            {
                terminal.Table(
                    ["provider", "as of", "SKU", "quantity", "here", "there", "share", "promise",
                        "offer and what is assumed"],
                    rows.Select(r => (IReadOnlyList<string>)[
                        r.Provider, r.AsOf, r.Sku,
                        $"{Exchange.Text.Of(decimal.Round(r.Quantity.Amount, 3, MidpointRounding.ToEven))} " +
                        r.Quantity.Unit.Name, r.Amount.ToString(), r.Public?.ToString() ?? "",
                        r.Share is { } share ? Exchange.Text.Of(share) : "", r.Verdict,
                        r.Offer is null ? r.Assumes : $"{r.Offer}: {r.Assumes}"]));
                var missed = rows.Where(r => r.Verdict == "missed").Select(r => $"{r.Sku} ({r.Provider})").ToList();
                terminal.Say(missed.Count == 0
                    ? "Every price that can be compared is at most a half of the public one."
                    : $"More than a half of the public price: {string.Join(", ", missed)}.");
            });
        });
    }
}
