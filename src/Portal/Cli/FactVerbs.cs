using System.CommandLine;
using Exchange.Facts;
using Exchange.Invoicing;
using Exchange.Invoicing.Published;
using Exchange.Portal.Commands;
using Exchange.Rating;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Portal.Cli;

/// <summary>What 'directory', 'programs' and 'landlords' share: facts are listed and published alike.</summary>
internal static class FactVerbs
{
    /// <summary>The same for every kind of fact: which files are published when none is named.</summary>
    public static Command Publish(string what, IReadOnlyList<string> kinds)
    {
        var files = new Argument<string[]>("file")
        {
            Description = "Files or folders; those of pricing/, when none is named.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var from = From("The first month in which it holds, as 2026-12; as far back as it says, when not given.");
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would change, and publish nothing." };
        var accept = Accept();
        return new Command("publish", $"Publishes {what}: all that is new in the files, or nothing.")
        {
            files, from, dryRun, accept,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var written = await Read(verb.Get(files), kinds, ct);
            var outcome = verb.Get(dryRun)
                ? await PublishFacts.Plan(
                    exchange.Journal, written, verb.Get(from),
                    await PublishedFacts.Context(
                        exchange.Journal, Verb.By, verb.Clock.GetCurrentInstant(), verb.Get(accept), ct),
                    PublishedFacts.Check, ct)
                : await exchange.Commands.Execute(
                    new PublishFactFiles(exchange.Sources, written, verb.Get(from), verb.Get(accept), Verb.By),
                    Actors.Local(Verb.By), ct);
            return AnswerFor(outcome, verb.Get(dryRun) ? "would be published" : "published");
        });
    }

    /// <summary>Ends a fact from a month on.</summary>
    public static Command Withdraw<T>(string verbName, FactKind<T> kind) where T : class
    {
        var name = new Argument<string>("name") { Description = $"The {kind.Name}, as 'list' names it." };
        var from = From("The first month in which it no longer holds, as 2026-12.");
        from.Required = true;
        var accept = Accept();
        return new Command(verbName, $"Ends the {kind.Name} of this name from a month on; what was before stays.")
        {
            name, from, accept,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var outcome = await exchange.Commands.Execute(
                new WithdrawFact<T>(
                    exchange.Sources, kind, verb.Get(name), verb.Get(from)!.Value, verb.Get(accept), Verb.By),
                Actors.Local(Verb.By), ct);
            return AnswerFor(outcome, "withdrawn");
        });
    }

    /// <summary>Every version of one fact.</summary>
    public static Command Versions(string verbName, IReadOnlyList<string> kinds)
    {
        var name = new Argument<string>("name") { Description = "Its name, as 'list' shows it." };
        var asOf = AsOfDay.Option();
        return new Command(verbName, "Shows every version of one: what it says, from when, and who said so when.")
        {
            name, asOf,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var facts = await PublishFacts.Read(exchange.Journal, ct, verb.Get(asOf));
            var versions = facts.Versions
                .Where(of => kinds.Contains(of.Key.Kind) &&
                    (of.Key.Name == verb.Get(name) || of.Key.ToString() == verb.Get(name)))
                .SelectMany(of => of.Value).ToList();
            if (versions.Count == 0)
            {
                throw new RefusedException(new("facts/unknown", $"There is no '{verb.Get(name)}'. Try 'list'."));
            }

            return new(versions, terminal =>
            {
                foreach (var one in versions)
                {
                    terminal.Say(
                        $"{one.Fact} version {one.Number}, holds from {Day(one.From)}, published by {one.By}, known " +
                        $"since {Exchange.Text.Of(one.KnownSince)}{(one.IsCorrection ? ", a correction" : "")}");
                    terminal.Say($"  {one.Content?.GetRawText() ?? "withdrawn"}");
                }
            });
        });
    }

    /// <summary>Facts with their versions, and whether files say the same.</summary>
    public static Command List(string what, IReadOnlyList<string> kinds)
    {
        var asOf = AsOfDay.Option();
        return new Command("list", $"Lists {what}, and says which files were edited and not published.") { asOf }
            .Does(async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                var rows = FactStatus.All(await PublishFacts.Read(exchange.Journal, ct, verb.Get(asOf)), kinds);
                return new(rows, terminal => terminal.Table(
                    ["fact", "versions", "holds from", "published by", "known since", "state"],
                    rows.Select(row => (IReadOnlyList<string>)[
                        row.Fact, $"{row.Versions}", row.HoldsFrom is { } day ? Day(day) : "the beginning",
                        row.PublishedBy ?? "", row.KnownSince is { } at ? Exchange.Text.Of(at)[..10] : "",
                        row.State])));
            });
    }

    /// <summary>The facts among files of prices.</summary>
    public static IReadOnlyList<WrittenFacts> Beside(IReadOnlyList<PricingText> texts) =>
    [
        .. texts.Where(IsOther).Select(text => FactFiles.Read(text.Yaml, text.File)).OfType<WrittenFacts>(),
    ];

    private static bool IsOther(PricingText text)
    {
        try
        {
            return text.Kind() == PricingKind.Other;
        }
        catch (RefusedException)
        {
            return false; // Publishing says what is wrong with it.
        }
    }

    public static string Day(LocalDate day) =>
        day == DatedFacts.Beginning ? "the beginning" : LocalDatePattern.Iso.Format(day);

    public static Option<bool> Accept() => new("--accept-correction")
    {
        Description = "As finance: let closed months change, by adjustments.",
    };

    private static Option<LocalDate?> From(string description) => new("--from")
    {
        Description = description,
        HelpName = "MONTH",
        CustomParser = argument =>
        {
            var text = argument.Tokens.Count > 0 ? argument.Tokens[^1].Value : "";
            var day = LocalDatePattern.Iso.Parse(text.Length == "2026-12".Length ? $"{text}-01" : text);
            if (!day.Success)
            {
                argument.AddError($"'{text}' is not a month. Write it like '2026-12'.");
            }

            return day.Success ? day.Value : null;
        },
    };

    private static async Task<IReadOnlyList<WrittenFacts>> Read(
        string[] paths, IReadOnlyList<string> kinds, CancellationToken ct)
    {
        if (paths.Length > 0)
        {
            var texts = await PricingFiles.Read(paths, ct);
            return [.. texts.Select(text => FactFiles.Read(text.Yaml, text.File) is { } facts &&
                facts.Names.All(name => kinds.Contains(name.Kind))
                    ? facts
                    : throw new RefusedException(new(
                        "facts/other-kind", $"It says none of these: {string.Join(", ", kinds)}.", text.File)))];
        }

        return DataLocation.Pricing is { } pricing
            ? [.. FactFiles.ReadAll(pricing).Where(file => file.Names.Any(name => kinds.Contains(name.Kind)))]
            : throw new RefusedException(new("file/unreadable", "There is no pricing/ here. Name the files."));
    }

    private static Answer AnswerFor(PublishFacts.FactsPublished outcome, string done) => new(
        new { published = outcome.Published.Select(e => new { e.Fact, e.From }), changes = outcome.Changes },
        terminal =>
        {
            foreach (var change in outcome.Changes)
            {
                terminal.Say($"{change}");
            }

            terminal.Say(outcome.Published.Count == 0
                ? "Nothing new: all of it was published before."
                : $"{done}: {string.Join(", ", outcome.Published.Select(e => e.Fact))}");
        });
}
