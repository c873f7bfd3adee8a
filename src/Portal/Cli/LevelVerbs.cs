using System.CommandLine;
using Exchange.Portal.Commands;
using Exchange.Rating;

namespace Exchange.Portal.Cli;

/// <summary>exchange levels list | publish — what landlords promise of services, and what they credit.</summary>
internal static class LevelVerbs
{
    public static Command Command() =>
        new("levels", "Shows and publishes service levels, by which landlords credit outages.") { List(), Publish() };

    private static Command List()
    {
        var landlord = Settings.Known<LandlordId>("--landlord", "L", "Only this landlord's.");
        var month = Settings.Value<BillingMonth>("--month", "MONTH", "Which month; this one otherwise.");
        return new Command("list", "Lists what is promised, how a month was, and what of it is credited.")
        {
            landlord, month,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var now = verb.Clock.GetCurrentInstant();
            var rows = LevelRow.Of(
                await LoadPriceBooks.Run(exchange.Journal, ct), verb.Get(landlord),
                verb.Get(month) ?? BillingMonth.Of(now), now);
            return new(rows, terminal => terminal.Table(
                [
                    "landlord", "service", "cluster", "month", "availability", "hours out", "excluded", "credit",
                    "promised",
                ],
                rows.Select(r => (IReadOnlyList<string>)[
                    r.Landlord.Value, r.Service, r.Cluster.Value, $"{r.Month}", $"{Text.Of(r.Availability)} %",
                    Text.Of(r.OutHours), Text.Of(r.ExcludedHours), $"{Text.Of(r.Credit)} %", r.Promised])));
        });
    }

    private static Command Publish()
    {
        var landlord = Settings.Needed<LandlordId>("--landlord", "L", "Whose service it is.");
        var service = new Option<string>("--service")
        {
            Description = "The service, as its price sheet names it.",
            HelpName = "S",
            Required = true,
        };
        var from = Settings.Needed<BillingMonth>("--from", "MONTH", "The month from which it holds.");
        var steps = Words("--step", "Below this percent of a month, credit that percent: 99.9=10; may be given again.");
        var excludes = Words("--exclude", "A kind of outage that never counts: customer, force-majeure, maintenance.");
        var cap = Number("--cap", "The most percent of a month's charges that is credited.");
        var notice = new Option<int?>("--notice-days")
        {
            Description = "Maintenance that was announced so many days before does not count.",
            HelpName = "N",
        };
        var hours = Number("--maintenance-hours", "How many hours of such maintenance a month do not count.");
        var correction = new Option<bool>("--correction")
        {
            Description = "It may change closed months: the next close bills the difference as adjustments.",
        };
        return new Command("publish", "Promises how much of each month a service works; without steps, nothing.")
        {
            landlord, service, from, steps, cap, notice, hours, excludes, correction,
        }.Does(async (verb, ct) =>
        {
            var maintenance = verb.Get(notice) is { } days ? new MaintenanceTerms(days, verb.Get(hours)) : null;
            var level = new ServiceLevel(
                verb.Get(landlord), verb.Get(service), verb.Get(from), [.. verb.Get(steps).Select(PublishLevels.Step)],
                verb.Get(cap) ?? 100, maintenance, [.. verb.Get(excludes).Select(PublishLevels.Kind)]);
            await using var exchange = await verb.Open(ct);
            var said = await PublishLevels.Run(exchange, level, verb.Get(correction), Actors.Local(Verb.By), ct);
            return new(said, terminal => terminal.Say(said.Terms));
        });
    }

    private static Option<string[]> Words(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TEXT",
        DefaultValueFactory = _ => [],
    };

    private static Option<decimal?> Number(string name, string description) =>
        new(name) { Description = description, HelpName = "N" };
}
