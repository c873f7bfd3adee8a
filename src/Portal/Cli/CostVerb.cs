using System.CommandLine;
using Exchange.Portal.Api;
using Exchange.Portal.Costs;
using Exchange.Portal.Costs.Changes;
using Exchange.Portal.ReadModels;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Cli;

/// <summary>exchange costs — the explorer of costs, as finance sees it.</summary>
internal static class CostVerb
{
    private static readonly Option<string?> From = Word(
        "--from", "DAY", "The first day, or month; the first of this month otherwise.");

    private static readonly Option<string?> To = Word(
        "--to", "DAY", "The first day, or month, that is not part of it; the end of the month otherwise.");

    private static readonly Option<string[]> GroupBy = new("--group-by")
    {
        Description = $"What to group by: {string.Join(", ", CostDimensions.All.Select(one => one.Name()))}.",
        HelpName = "WHAT",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> Compare = Word(
        "--compare", "PERIOD", "The period to compare with: 'previous', or two days as 2026-05-01/2026-08-01.");

    private static readonly Option<bool> Csv = new("--csv") { Description = "Print CSV instead of a table." };

    private static readonly Option<bool> Why = new("--why")
    {
        Description = "Say why it is not what it was in the period before: causes that add up.",
    };

    private static readonly IReadOnlyDictionary<CostDimension, Option<string?>> Narrow =
        CostDimensions.Filters.ToDictionary(one => one, one => Word(
            $"--{one.Name()}", one.Name().ToUpperInvariant(), $"Only those of a {one.Words().ToLowerInvariant()}."));

    public static Command Command()
    {
        var command = new Command("costs", "Adds up costs, credits and usage of any days, grouped as asked.")
        {
            From, To, GroupBy, Compare, Csv, Why,
        };
        foreach (var option in Narrow.Values)
        {
            command.Add(option);
        }

        return command.Does(Run);
    }

    private static async Task<Answer> Run(Verb verb, CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        await exchange.Projections.CatchUp(ct);
        await verb.Terminal.Progress("Rating …", async step =>
        {
            await RateMonths.Run(exchange, step, ct);
            return 0;
        });
        var walls = CostWalls.Of(exchange, new(Verb.By, "", Role.Finance));
        var now = verb.Clock.GetCurrentInstant();
        await using var view = new View(exchange.Views, walls.Viewer);
        var query = Asked(verb).Query(walls, now);
        if (verb.Get(Why))
        {
            var change = await new ReadChanges(view, exchange, walls, now).Run(query, ct);
            return new(CostChangeDocument.Of(change), terminal => Tell(terminal, change));
        }

        var report = await CostReport.Run(view, exchange, walls, query, now, ct);
        return new(CostDocument.Whole(report, walls), terminal => Tell(terminal, report, verb.Get(Csv)));
    }

    private static CostParameters Asked(Verb verb)
    {
        string? Of(CostDimension dimension) => verb.Get(Narrow[dimension]);

        return new()
        {
            From = verb.Get(From),
            To = verb.Get(To),
            GroupBy = verb.Get(GroupBy),
            Compare = verb.Get(Compare),
            Landlord = Of(CostDimension.Landlord),
            Service = Of(CostDimension.Service),
            Sku = Of(CostDimension.Sku),
            Cluster = Of(CostDimension.Cluster),
            Project = Of(CostDimension.Project),
            Pi = Of(CostDimension.Pi),
            Institution = Of(CostDimension.Institution),
            Fund = Of(CostDimension.Fund),
            Payer = Of(CostDimension.Payer),
            Class = Of(CostDimension.Class),
        };
    }

    private static void Tell(Terminal terminal, CostReport report, bool csv)
    {
        if (csv)
        {
            terminal.Output.Write(CostTable.Csv(report));
            return;
        }

        terminal.Table(CostTable.Headings(report), CostTable.Rows(report));
        terminal.Say();
        terminal.Say(
            $"Total {report.Total.Net} net: {report.Total.Cost} cost, {report.Total.Credits} credits" +
            (report.Before is { } before ? $"; {before.Net} net in {report.Query.Compare}." : "."));
        if (report.AsOf is { } asOf)
        {
            terminal.Say($"{string.Join(", ", report.Open)} can still change: as of {Text.Of(asOf)}.");
        }
    }

    private static void Tell(Terminal terminal, CostChange change)
    {
        terminal.Table(
            ["cause", "amount", "largest"],
            [
                [$"net of {change.Earlier}", change.Before.ToString(), ""],
                .. change.Steps.Select(step => (IReadOnlyList<string>)[
                    step.Words, step.Amount.ToString(),
                    string.Join("; ", step.Items.Take(3).Select(item => $"{item.What} {item.Amount}"))]),
                [$"net of {change.Later}", change.After.ToString(), ""],
            ]);
    }

    private static Option<string?> Word(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName };
}
