using System.Globalization;
using Exchange.Portal.Costs;
using Exchange.Portal.Costs.Changes;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /costs/changes — why a total is not what it was, as steps that lead down to charges.</summary>
internal static class CostChangesPage
{
    private const int MaxItems = 20;
    private const int Width = 1_000;

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
            return Layout.Page(http, "What changed", Html.Of($"""
                <div class="note-box bad" role="alert"><p>{e.Refusal.Message}</p></div>
                <p><a href="/costs">Back to the cost explorer</a></p>
                """), StatusCodes.Status400BadRequest);
        }

        var settled = walls.Viewer.Landlord is { } landlord && asked.Query(walls, now).Where.Count == 0
            ? await SettlementChange.Of(view, landlord, change, ct) : null;
        return Layout.Page(http, "What changed", Html.Of($"""
            <p class="crumbs"><a href="{form.Link("/costs")}">Cost explorer</a>
            <a href="{Earlier(form, change)}">One period earlier</a></p>
            {Card.Row(
                Card.Of($"{Total(walls)} before", Show.Of(change.Before), Html.Of($"{change.Earlier.Words}")),
                Card.Of(Total(walls), Show.Of(change.After), Html.Of($"{change.Later.Words}")),
                Card.Of("Change", Show.Of(change.After - change.Before)))}
            {Waterfall(change, Total(walls))}
            {Html.If(settled is not null, () => Html.Of($"""
            <h2>Settlement</h2>
            {Waterfall(settled!, "Settlement")}
            """))}
            {Html.Join(change.Steps, step => Details(step, walls))}
            """));
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

    private static Html Waterfall(CostChange change, string total)
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
        return Table.Of("From one total to the other", bars, [
            Column<Bar>.Words("Cause", bar => bar.Words),
            new("Waterfall", bar => Draw(bar, low, high)),
            Column<Bar>.Amount("Amount", bar => bar.Amount),
        ], "");
    }

    private static Html Draw(Bar bar, long low, long high)
    {
        var (from, to) = (Place(Math.Min(bar.From, bar.To)), Place(Math.Max(bar.From, bar.To)));
        return Html.Of($"""
            <svg class="gauge" viewBox="0 0 {Width} 6" preserveAspectRatio="none" aria-hidden="true">
            <rect class="rest" width="{Width}" height="6"/>
            <rect class="{(bar.IsTotal ? "c0" : bar.Amount < Money.Zero ? "c2" : "c1")}" x="{from}"
            width="{Math.Max(4, to - from).ToString(CultureInfo.InvariantCulture)}" height="6"/></svg>
            """);

        long Place(long cents) => high == low ? 0 : (long)((Int128)(cents - low) * Width / (high - low));
    }

    private static Html Details(ChangeStep step, CostWalls walls) => Html.Of($"""
        <h2>{step.Words}: {Show.Of(step.Amount)}</h2>
        {Table.Of(step.Words, [.. step.Items.Take(MaxItems)], [
            new("What", item => item.Charge is { } charge && !walls.IsPayer ? Html.Of($"""
            <a href="/charge?month={item.Month}&amp;id={Uri.EscapeDataString(charge)}">{Table.Unbroken(item.What)}</a>
            """) : Table.Unbroken(item.What), Plain: item => item.What),
            Column<ChangedItem>.Amount("Amount", item => item.Amount),
        ], "")}
        {Html.If(step.Items.Count > MaxItems, () => Html.Of($"""
        <p>{Show.Of((long)(step.Items.Count - MaxItems))} more come to {Show.Of(
            Money.Sum(step.Items.Skip(MaxItems).Select(item => item.Amount)))} together.</p>
        """))}
        """);
}
