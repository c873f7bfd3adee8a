using System.CommandLine;
using Exchange.Portal.Spend;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>exchange prices compare — prices, or a month's charges, beside the list prices of public clouds.</summary>
internal static class ComparePrices
{
    public static Command Command()
    {
        var files = PricingFiles.Argument();
        files.Description = "Price sheets to compare as if they held, in place of those that do.";
        files.Arity = ArgumentArity.ZeroOrMore;
        var month = Settings.Value<BillingMonth>(
            "--month", "MONTH", "What this month's usage would have cost; without it, every price as it is now.");
        var landlord = Settings.Known<LandlordId>("--landlord", "L", "Only this landlord's.");
        return new Command("compare", "Sets prices beside those of public clouds, with what is assumed.")
        {
            files, month, landlord,
        }.Does(async (verb, ct) =>
        {
            var whose = verb.Get(landlord);
            List<PriceSheet> tried =
            [
                .. (await PricingFiles.Read(verb.Get(files) ?? [], ct))
                    .Select(text => SheetReader.Read(text.Yaml, text.File))
                    .Where(sheet => whose is null || sheet.Landlord == whose),
            ];
            await using var exchange = await verb.Open(ct);
            var books = await LoadPriceBooks.Run(exchange.Journal, ct);
            var now = verb.Clock.GetCurrentInstant();
            if (verb.Get(month) is not { } asked)
            {
                return Answer(PublicComparison.Of(
                    tried.Count > 0 ? tried : Held(books, whose, now), books.Public, now.InUtc().Date), []);
            }

            var request = new RateRequest(asked)
            {
                Landlord = whose ?? (tried.Select(sheet => sheet.Landlord).Distinct().ToList() is [var only]
                    ? only : null),
                AsOf = now,
            };
            var owners = await exchange.Owners(ct);
            var under = tried.Aggregate(books, (known, sheet) => SimulatePrices.Books(known, sheet, asked, now));
            var rated = await verb.Terminal.Progress("Rating …",
                _ => RateMonth.Run(exchange.Meter, under, owners, request, ct));
            var lines = PublicComparison.Of(rated.Charges, books.Public, asked.Start.InUtc().Date);
            return Answer(lines, PublicComparison.Totals(lines));
        });
    }

    private static IEnumerable<PriceSheet> Held(PriceBooks books, LandlordId? landlord, Instant now) => books.List()
        .Where(sheet => sheet.Period.Contains(now) && (landlord is null || sheet.Sheet.Landlord == landlord))
        .Select(sheet => sheet.Sheet);

    private static Answer Answer(IReadOnlyList<ComparedSku> lines, IReadOnlyList<ComparedTotal> totals)
    {
        var missed = lines.Where(r => r.Verdict == "missed").Select(r => $"{r.Sku} ({r.Provider})").ToList();
        return new(new { lines, totals, missed }, terminal =>
        {
            terminal.Table(
                ["provider", "as of", "SKU", "quantity", "here", "there", "share", "promise",
                    "offer and what is assumed"],
                lines.Select(r => (IReadOnlyList<string>)[
                    r.Provider, r.AsOf, r.Sku,
                    $"{Exchange.Text.Of(decimal.Round(r.Quantity.Amount, 3, MidpointRounding.ToEven))} " +
                    r.Quantity.Unit.Name, r.Amount.ToString(), r.Public?.ToString() ?? "",
                    r.Share is { } share ? Exchange.Text.Of(share) : "", r.Verdict,
                    r.Offer is null ? r.Assumes : $"{r.Offer}: {r.Assumes}"]));
            if (totals.Count > 0)
            {
                terminal.Say();
                terminal.Table(
                    ["provider", "as of", "here", "there", "share", "not comparable"],
                    totals.Select(t => (IReadOnlyList<string>)[
                        t.Provider, t.AsOf, t.Here.ToString(), t.There.ToString(),
                        t.Share is { } share ? Exchange.Text.Of(share) : "", t.Incomparable.ToString()]));
            }

            terminal.Say(missed.Count == 0
                ? "Every price that can be compared is at most a half of the public one."
                : $"More than a half of the public price: {string.Join(", ", missed)}.");
        });
    }
}
