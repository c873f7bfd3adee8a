using System.Collections.Immutable;
using System.CommandLine;
using Exchange.Journal;
using Exchange.Portal.Api;
using Exchange.Portal.Awards;
using Exchange.Portal.Awards.Reports;
using Exchange.Portal.Commands;
using Exchange.Portal.ReadModels;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Portal.Cli;

/// <summary>exchange awards list | set | remove | report — awards of sponsors, how each stands.</summary>
internal static class AwardVerbs
{
    public static Command Command() =>
        new("awards", "Enters awards of sponsors, shows how long they last, and writes their reports.")
        {
            List(), Set(), Remove(), Report(),
        };

    private static Command List()
    {
        var pi = Settings.Known<PiId>("--pi", "ADDRESS", "Only this PI's.");
        return new Command("list", "Lists awards: budget, spent, forecast at the end, and when it is used up.")
        {
            pi,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await Rated(verb, exchange, ct);
            var book = await exchange.Journal.State(AwardBook.Fold, AwardBook.Id, ct);
            var rows = new List<AwardDocument>();
            foreach (var one in book.Awards.Select(award => award.Terms.Pi).Distinct()
                .Where(one => verb.Get(pi) is not { } only || one == only))
            {
                rows.AddRange((await AwardStanding.Of(exchange, one, verb.Clock.GetCurrentInstant(), ct))
                    .Select(AwardDocument.Of));
            }

            return new(rows, terminal => terminal.Table(
                ["award", "pi", "sponsor", "from", "to", "budget", "spent", "remaining", "forecast", "used up on"],
                rows.Select(row => (IReadOnlyList<string>)[
                    row.Number, row.Pi.Value, row.Sponsor, Day(row.From), Day(row.To), $"{row.Budget}",
                    $"{row.Spent}", $"{row.Remaining}", row.Forecast is { } of ? $"{of.Expected}" : "",
                    row.UsedUpOn is { } day ? Day(day) : ""])));
        });
    }

    private static Command Set()
    {
        var (number, pi) = (Number(), Pi());
        var sponsor = new Option<string>("--sponsor") { Description = "Who gave it.", HelpName = "T", Required = true };
        var from = Settings.Day("--from", "Its first day.");
        var to = Settings.Day("--to", "The first day that is not part of it.");
        (from.Required, to.Required) = (true, true);
        var budget = new Option<Money>("--budget")
        {
            Description = "What may be spent from it here in all of its time.",
            HelpName = "AMOUNT",
            Required = true,
            CustomParser = argument => Settings.Amount(argument),
        };
        var projects = Many<string>("--project", "SHARE", "stack/p-17 for all of a project, stack/p-17=50 for 50 %.");
        var thresholds = Many<int>("--at", "PERCENT", "Tell at this percent of the budget spent: 80 and 100 if none.");
        var forecast = Many<int>("--forecast-at", "PERCENT", "Tell at this percent of the forecast: 100 if none.");
        var recipients = Many<string>("--tell", "ADDRESS", "Whom to tell beside the PI.");
        var gross = new Option<bool>("--before-credits")
        {
            Description = "Count costs before credits and subsidies; after them otherwise.",
        };
        return new Command("set", "Enters an award, or gives it other terms.")
        {
            number, pi, sponsor, from, to, budget, projects, thresholds, forecast, recipients, gross,
        }.Does(async (verb, ct) =>
        {
            var terms = new AwardTerms(
                verb.Get(pi), verb.Get(number), verb.Get(sponsor), verb.Get(from)!.Value, verb.Get(to)!.Value,
                verb.Get(budget), [.. verb.Get(projects).Select(AwardShare.Parse)])
            {
                Rules = AwardTerms.RulesOf(!verb.Get(gross), Given(verb.Get(thresholds)), Given(verb.Get(forecast))),
                Recipients = [.. verb.Get(recipients)],
            };
            await using var exchange = await verb.Open(ct);
            var isNew = await exchange.Commands.Execute(new SetAward(terms, Verb.By), Actors.Local(Verb.By), ct);
            return new(new { terms.Number, terms.Pi, isNew }, terminal => terminal.Say(
                isNew ? $"Award {terms.Number} of {terms.Pi}: {terms.Budget} for {string.Join(", ", terms.Projects)}."
                    : $"Award {terms.Number} is so already."));
        });
    }

    private static Command Remove()
    {
        var (number, pi) = (Number(), Pi());
        var because = new Option<string>("--because") { Description = "Why.", HelpName = "TEXT", Required = true };
        return new Command("remove", "Takes an award off; the journal keeps what it was.")
        {
            number, pi, because,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var removed = await exchange.Commands.Execute(
                new RemoveAward(verb.Get(pi), verb.Get(number), verb.Get(because), Verb.By), Actors.Local(Verb.By), ct);
            return new(new { removed }, terminal => terminal.Say($"Award {removed} is removed."));
        });
    }

    private static Command Report()
    {
        var (number, pi) = (Number(), Pi());
        var from = Settings.Day("--from", "The first day of the report; the award's first otherwise.");
        var to = Settings.Day("--to", "The first day that is not part of it; the award's end otherwise.");
        var directory = new Option<string>("--out")
        {
            Description = "The directory to write to; it is made when it is missing.",
            HelpName = "DIR",
            Required = true,
        };
        return new Command("report", "Writes what an award paid in its sponsor's period, as PDF and CSV.")
        {
            number, pi, from, to, directory,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await Rated(verb, exchange, ct);
            var now = verb.Clock.GetCurrentInstant();
            var report = AwardReport.Of(
                (await AwardStanding.Of(exchange, verb.Get(pi), now, ct))
                    .FirstOrDefault(one => one.Terms.Number == verb.Get(number))
                    ?? throw new RefusedException(AwardBook.Unknown(verb.Get(pi), verb.Get(number))),
                verb.Get(from), verb.Get(to));
            var folder = Directory.CreateDirectory(verb.Get(directory)).FullName;
            var files = (string[])[.. ((string[])["csv", "pdf"]).Select(
                kind => Path.Combine(folder, $"{report.FileName}.{kind}"))];
            await File.WriteAllBytesAsync(files[0], report.Csv(), ct);
            await File.WriteAllBytesAsync(files[1], report.Pdf(now), ct);
            return new(AwardReportDocument.Of(report), terminal =>
            {
                terminal.Say($"{report.Total} from {Day(report.From)} until {Day(report.To)}.");
                foreach (var file in files)
                {
                    terminal.Say(file);
                }
            });
        });
    }

    private static Task<int> Rated(Verb verb, Composition exchange, CancellationToken ct) =>
        verb.Terminal.Progress("Rating open months …", async step =>
        {
            await exchange.Projections.CatchUp(ct);
            await RateMonths.Run(exchange, step, ct);
            return 0;
        });

    private static string Day(LocalDate day) => LocalDatePattern.Iso.Format(day);

    private static ImmutableArray<int>? Given(int[] percents) => percents.Length == 0 ? null : [.. percents];

    private static Argument<string> Number() => new("number") { Description = "The sponsor's number of the award." };

    private static Option<PiId> Pi() => Settings.Needed<PiId>("--pi", "ADDRESS", "Whose award it is.");

    private static Option<T[]> Many<T>(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => [],
    };
}
