using System.Collections.Immutable;
using System.CommandLine;
using Exchange.Invoicing;
using Exchange.Portal.Commands;
using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Cli;

/// <summary>
/// exchange prices check | publish | list | show | simulate | compare | withdraw — the landlords' price sheets.
/// </summary>
internal static class Prices
{
    public static Command Command()
    {
        var prices = new Command("prices", "Validates, publishes, shows and previews price sheets.")
        {
            Check(), Publish(), List(), Show(), Simulate(), ComparePrices.Command(), WithdrawPrices.Command(),
        };
        foreach (var command in PriceCorrections.Commands())
        {
            prices.Add(command);
        }

        return prices;
    }

    private static Command Check()
    {
        var files = PricingFiles.Argument();
        return new Command("check", "Says everything that is wrong with price sheets; publishes nothing.") { files }
            .Does(async (verb, ct) =>
            {
                var publication = Publication.Check(
                    await PricingFiles.Read(verb.Get(files), ct), await PricingFiles.Landlords(verb.Get(files), ct));
                return Answer(new { read = publication.Read, errors = publication.Refusals }, publication.Refusals,
                    publication.Read == 1 ? "1 file is right" : $"{publication.Read} files are right");
            });
    }

    private static Command Publish()
    {
        var files = PricingFiles.Argument();
        return new Command("publish", "Publishes price sheets, outages and public prices: all of them, or none.")
        {
            files,
        }.Does(async (verb, ct) =>
        {
            var texts = await PricingFiles.Read(verb.Get(files), ct);
            await using var exchange = await verb.Open(ct);
            var publishing = new PublishPricing(
                exchange.Sources, texts, FactVerbs.Beside(texts), string.Join(' ', verb.Get(files)), Verb.By,
                Permissions.PublishSheets);
            try
            {
                var done = await exchange.Commands.Execute(publishing, Actors.Local(Verb.By), ct);
                return Published(done.Prices, done.Facts);
            }
            catch (RefusedException e)
            {
                return Published(new(0, 0, [.. e.All]), 0);
            }
        });
    }

    private static Answer Published(PublishPrices.PricesPublished prices, int facts) => Answer(
        new { published = prices.Published, known = prices.Known, errors = prices.Refusals, facts },
        prices.Refusals, $"{prices.Published} published, {prices.Known} known before" +
            (facts > 0 ? $"; of programs, institutions and landlords {facts}" : ""));

    private static Command List() =>
        new Command("list", "Lists every price sheet that is in force at some time.").Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var books = await LoadPriceBooks.Run(exchange.Journal, ct);
            var rows = books.List().Select(PublishedRow.Of).ToList();
            return new(rows, terminal => terminal.Table(
                ["sheet", "from", "until", "clusters", "SKUs", "published", "by"],
                rows.Select(r => (IReadOnlyList<string>)[
                    r.Sheet, SheetDates.Format(r.From), r.Until is { } until ? SheetDates.Format(until) : "",
                    string.Join(' ', r.Clusters), $"{r.Skus}", SheetDates.Format(r.PublishedAt)[..10],
                    r.PublishedBy])));
        });

    private static Command Show()
    {
        var landlord = new Argument<string>("landlord") { Description = "Whose prices." };
        var at = Settings.Instant("--at", "As they are at this instant; now, when it is not given.");
        return new Command("show", "Shows a landlord's prices as they are at an instant.") { landlord, at }
            .Does(async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                var books = await LoadPriceBooks.Run(exchange.Journal, ct);
                var whose = Files.Parsed<LandlordId>(verb.Get(landlord));
                var rows = PriceRow.Of(books.Show(whose, verb.Get(at) ?? verb.Clock.GetCurrentInstant()));
                return rows.Count == 0
                    ? throw new RefusedException(new("prices/none",
                        $"No price sheet of '{whose}' holds at that instant. See 'exchange prices list'."))
                    : new(rows, terminal => terminal.Table(
                        ["sheet", "SKU", "rate", "model", "unit", "counts", "minimum", "clusters"],
                        rows.Select(r => (IReadOnlyList<string>)[
                            r.Sheet, r.Sku, Exchange.Text.Of(r.Rate), r.Model, r.Unit, r.Counts,
                            r.Minimum == 0 ? "" : Exchange.Text.Of(r.Minimum), string.Join(' ', r.Clusters)])));
            });
    }

    private static Command Simulate()
    {
        var file = new Argument<string>("file") { Description = "A price sheet; it is not published." };
        var month = Settings.Month();
        return new Command("simulate", "Shows what a month would have come to under a sheet, by project and SKU.")
        {
            file, month,
        }.Does(async (verb, ct) =>
        {
            var sheet = SheetReader.Read(await Files.Read(verb.Get(file), ct), verb.Get(file));
            await using var exchange = await verb.Open(ct);
            var now = verb.Clock.GetCurrentInstant();
            var books = await LoadPriceBooks.Run(exchange.Journal, ct);
            var (before, after) = await RateMonth.Compare(
                exchange.Meter, books, SimulatePrices.Books(books, sheet, verb.Get(month), now),
                await exchange.Owners(ct), new(verb.Get(month)) { Landlord = sheet.Landlord, AsOf = now }, ct);
            var changes = RatedDifference.Between(before, after);
            return new(
                new { month = verb.Get(month), before = before.Total, after = after.Total, changes, after.Unpriced },
                terminal =>
                {
                    Differences.Tell(terminal, changes, "now", "then");
                    terminal.Say($"total {before.Total} now, {after.Total} with {verb.Get(file)}");
                    UnpricedTable.Tell(terminal, after.Unpriced);
                });
        });
    }

    private static Answer Answer(object document, ImmutableArray<Refusal> refusals, string done) =>
        refusals.IsEmpty
            ? new(document, terminal => terminal.Say(done))
            : new(document, terminal => terminal.Failed(refusals, json: false), ExitCode.Refused);
}
