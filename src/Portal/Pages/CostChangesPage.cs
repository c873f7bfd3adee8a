using Exchange.Portal.Costs;
using Exchange.Portal.Costs.Changes;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using Microsoft.AspNetCore.Components;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /costs/changes — why a total is not what it was, as steps that lead down to charges.</summary>
public sealed partial class CostChangesPage
{
    private const int MaxItems = 20;
    private const int Width = 1_000;

    /// <summary>Two totals, and the causes that lead from one to the other.</summary>
    public sealed record Changes(string ExplorerHref, string EarlierHref, string Total, Side Before, Side After)
    {
        public Money Change => After.Amount - Before.Amount;

        public required ITable Waterfall { get; init; }

        /// <summary>The same of a landlord's settlement; null for others, and where costs are narrowed.</summary>
        public ITable? Settlement { get; init; }

        public required IReadOnlyList<Cause> Causes { get; init; }

        /// <summary>What is behind all of them, to be searched and downloaded.</summary>
        public required IListing Items { get; init; }
    }

    /// <summary>What a period came to.</summary>
    /// <param name="AsOf">When its open months were last rated; empty where all are closed.</param>
    public sealed record Side(string Period, Money Amount, string AsOf);

    /// <summary>A cause with what is behind it: the largest items, and what the others come to.</summary>
    public sealed record Cause(string Words, Money Amount, ITable Items, int More, Money MoreAmount);

    /// <summary>A bar of the waterfall: where it begins and ends, in cents.</summary>
    private sealed record Bar(string Words, Money Amount, long From, long To, bool IsTotal);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/costs/changes", Get)
        .RequireAuthorization(Permissions.SeeCosts).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, IClock clock, [AsParameters] CostParameters asked,
        CancellationToken ct)
    {
        var (walls, now) = (CostWalls.Of(exchange, Viewer.Needed(http)), clock.GetCurrentInstant());
        CostChange change;
        CostForm form;
        try
        {
            var query = asked.Query(walls, now);
            form = new(http, walls, asked, query.Range);
            change = await new ReadChanges(view, exchange, walls, now).Run(query, ct);
        }
        catch (RefusedException e)
        {
            return Page.Of<CostsRefused, CostsRefused.Refused>(
                http, "Change of costs", new(e.Refusal.Message, null), status: StatusCodes.Status400BadRequest);
        }

        var settled = walls.Viewer.Landlord is { } landlord && asked.Query(walls, now).Where.Count == 0
            ? await SettlementChange.Of(view, landlord, change, ct) : null;
        var items = Items(change, walls);
        var title = $"Change from {change.Earlier.Words} to {change.Later.Words}";
        var rated = await MonthSpend.Months(view, ct);
        return items.Answer(http) ?? Page.Of<CostChangesPage, Changes>(http, title, new(
            form.Link("/costs"), Earlier(form, change), Total(walls), Of(change.Earlier, change.Before, rated),
            Of(change.Later, change.After, rated))
        {
            Waterfall = Waterfall(change, Total(walls)),
            Settlement = settled is null ? null : Waterfall(settled, "Settlement"),
            Causes = [.. change.Steps.Select(step => Of(step, walls))],
            Items = items,
        });
    }

    private static Side Of(CostRange range, Money amount, IReadOnlyList<MonthSpend.Rated> rated)
    {
        var open = rated.Where(month => !month.IsClosed && range.Parts().Any(part => part.Month == month.Month))
            .ToList();
        return new(range.Words, amount, open.Count == 0 ? "as billed" : $"as of {Show.Of(open.Min(one => one.At))}");
    }

    private static string Total(CostWalls walls) =>
        walls.IsPayer ? "Paid" : walls.Viewer.Landlord is null ? "Net" : "Revenue";

    private static string Earlier(CostForm form, CostChange change)
    {
        var before = change.Earlier.Before();
        return form.Link("/costs/changes", [
            ("from", Day(change.Earlier.From)), ("to", Day(change.Earlier.To)), ("compare", before.ToString())]);
    }

    private static string Day(LocalDate day) => NodaTime.Text.LocalDatePattern.Iso.Format(day);

    private static TableOf<Bar> Waterfall(CostChange change, string total)
    {
        var bars = new List<Bar> { new($"{total} before", change.Before, 0, change.Before.Cents, true) };
        var at = change.Before.Cents;
        foreach (var step in change.Steps)
        {
            bars.Add(new(step.Words, step.Amount, at, at + step.Amount.Cents, false));
            at += step.Amount.Cents;
        }

        bars.Add(new(total, change.After, 0, at, true));
        var (low, high) = (bars.Min(bar => Math.Min(bar.From, bar.To)), bars.Max(bar => Math.Max(bar.From, bar.To)));
        return new("From one total to the other", bars,
        [
            Column<Bar>.Words("Cause", bar => bar.Words),
            new("Waterfall", bar => Draw(bar, low, high)),
            Column<Bar>.Amount("Amount", bar => bar.Amount),
        ], "");
    }

    private static RenderFragment Draw(Bar bar, long low, long high)
    {
        var (from, to) = (Place(Math.Min(bar.From, bar.To)), Place(Math.Max(bar.From, bar.To)));
        return Step(from, Math.Max(4, to - from), bar.IsTotal ? "c0" : bar.Amount < Money.Zero ? "c2" : "c1");

        long Place(long cents) => high == low ? 0 : (long)((Int128)(cents - low) * Width / (high - low));
    }

    private static Listing<(string Cause, ChangedItem Of)> Items(CostChange change, CostWalls walls) => new(
        "changes", "Items of all causes",
        [.. change.Steps.SelectMany(step => step.Items.Select(item => (step.Words, item)))],
        [
            Column<(string Cause, ChangedItem Of)>.Words("Cause", item => item.Cause),
            new("What", item => What(item.Of, walls), Plain: item => item.Of.What, Key: item => item.Of.What),
            Column<(string Cause, ChangedItem Of)>.Amount("Amount", item => item.Of.Amount),
        ], "Nothing changed between the two.");

    private static RenderFragment What(ChangedItem item, CostWalls walls) => item.Charge is { } charge && !walls.IsPayer
        ? Cell.Named($"/charge?month={item.Month}&id={Uri.EscapeDataString(charge)}", item.What)
        : Cell.Unbroken(item.What);

    private static Cause Of(ChangeStep step, CostWalls walls) => new(
        step.Words, step.Amount,
        new TableOf<ChangedItem>(step.Words, [.. step.Items.Take(MaxItems)],
        [
            new("What", item => What(item, walls), Plain: item => item.What),
            Column<ChangedItem>.Amount("Amount", item => item.Amount),
        ], ""), step.Items.Count - MaxItems, Money.Sum(step.Items.Skip(MaxItems).Select(item => item.Amount)));
}
