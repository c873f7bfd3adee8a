using Exchange.Portal.Costs;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Components;

namespace Exchange.Portal.Pages;

/// <summary>A report of costs as a table whose values lead down: to services, SKUs, projects, charges.</summary>
internal static class CostListing
{
    private static readonly CostDimension[] Down =
    [
        CostDimension.Institution, CostDimension.Landlord, CostDimension.Service, CostDimension.Sku, CostDimension.Pi,
        CostDimension.Project, CostDimension.Charge,
    ];

    public static Listing<ComparedCost> Of(CostReport report, CostWalls walls, CostForm form) => new(
        "costs", "Costs", [.. Sorted(report)], [.. Columns(report, walls, form)],
        "Nothing was used in this period that is yours to see and matches.")
    {
        Foot = Table.Foot("Total", report.Query.GroupBy.Count, [.. Totals(report, walls)]),
    };

    /// <summary>Time in its order, then what costs most.</summary>
    private static IEnumerable<ComparedCost> Sorted(CostReport report)
    {
        var time = report.Query.GroupBy.ToList().FindIndex(one => one.IsTime());
        return report.Rows
            .OrderBy(one => time < 0 ? "" : one.Row.Keys[time], StringComparer.Ordinal)
            .ThenByDescending(one => one.Row.Figures.Cost.Cents - one.Row.Figures.Credits.Cents);
    }

    private static IEnumerable<Column<ComparedCost>> Columns(CostReport report, CostWalls walls, CostForm form)
    {
        for (var i = 0; i < report.Query.GroupBy.Count; i++)
        {
            yield return Key(report, walls, form, i);
        }

        yield return Column<ComparedCost>.Amount(Words(walls), one => one.Row.Figures.Cost);
        if (ShowsCredits(walls))
        {
            yield return Column<ComparedCost>.Amount("Credits", one => one.Row.Figures.Credits);
            yield return Column<ComparedCost>.Amount("Net", one => one.Row.Figures.Net);
        }

        if (!walls.IsPayer) // What a program pays is no usage.
        {
            yield return Column<ComparedCost>.Number(
                "Usage", one => string.Join(", ", one.Row.Figures.Usage.Select(
                    of => Show.Of(of with { Amount = decimal.Round(of.Amount, 2, MidpointRounding.ToEven) }))),
                one => one.Row.Figures.Usage.Sum(of => of.Amount));
        }

        if (report.Before is not null)
        {
            yield return Column<ComparedCost>.Amount(
                walls.IsPayer ? "Paid before" : "Net before", one => one.Before!.Net);
            yield return Column<ComparedCost>.Amount("Change", one => one.Change!.Value);
        }
    }

    private static IEnumerable<string> Totals(CostReport report, CostWalls walls)
    {
        yield return Show.Of(report.Total.Cost);
        if (ShowsCredits(walls))
        {
            yield return Show.Of(report.Total.Credits);
            yield return Show.Of(report.Total.Net);
        }

        if (!walls.IsPayer)
        {
            yield return "";
        }

        if (report.Before is { } before)
        {
            yield return Show.Of(before.Net);
            yield return Show.Of(report.Total.Net - before.Net);
        }
    }

    private static bool ShowsCredits(CostWalls walls) => walls.Viewer.Landlord is null && !walls.IsPayer;

    private static string Words(CostWalls walls) =>
        walls.IsPayer ? "Paid" : walls.Viewer.Landlord is null ? "Cost" : "Revenue";

    private static Column<ComparedCost> Key(CostReport report, CostWalls walls, CostForm form, int i)
    {
        var dimension = report.Query.GroupBy[i];
        var titles = new ProjectTitles(
            report.Rows.Select(one => one.Row), dimension == CostDimension.Project ? i : -1);
        var heading = walls.IsConfidential && dimension == CostDimension.Pi ? "Customer" : dimension.Words();
        return new(
            heading, one => Href(report, walls, form, one, i) is { } href
                ? Cell.Named(href, Name(report, titles, one, i))
                : Cell.Unbroken(Name(report, titles, one, i)),
            Plain: one => one.Row.Keys[i], Key: one => Name(report, titles, one, i));
    }

    private static string Name(CostReport report, ProjectTitles titles, ComparedCost one, int i)
    {
        var key = one.Row.Keys[i];
        return report.Query.GroupBy[i] switch
        {
            CostDimension.Project when key.Length > 0 => titles.Of(one.Row.Title, key),
            CostDimension.Fund when key.Length == 0 => "charges",
            CostDimension.Month or CostDimension.UsageMonth when BillingMonth.TryParse(key, null, out var month) =>
                Show.Of(month),
            CostDimension.Pi or CostDimension.Institution when key.Length == 0 => "not known",
            CostDimension.Resource when key.Length == 0 => "not known by resource",
            _ => key.Length == 0 ? "—" : key,
        };
    }

    /// <summary>Where a value leads: the same, narrowed to it and grouped by what comes next.</summary>
    private static string? Href(CostReport report, CostWalls walls, CostForm form, ComparedCost one, int i)
    {
        var (dimension, key) = (report.Query.GroupBy[i], one.Row.Keys[i]);
        if (key.Length == 0)
        {
            return null;
        }

        if (dimension == CostDimension.Charge)
        {
            var month = report.Query.GroupBy.ToList().IndexOf(CostDimension.Month) is >= 0 and var at
                ? one.Row.Keys[at] : key.Split(':')[0];
            return $"/charge?month={month}&id={Uri.EscapeDataString(key)}";
        }

        if (dimension == CostDimension.Month && BillingMonth.TryParse(key, null, out var shown))
        {
            return form.Link("/costs", [("from", $"{shown}-01"), ("to", $"{shown.Next}-01")]);
        }

        var next = Down.SkipWhile(down => down != dimension).Skip(1).FirstOrDefault(
            down => walls.Allows(down) && !report.Query.Where.ContainsKey(down), CostDimension.Charge);
        return walls.Narrows(dimension) && CostDimensions.Filters.Contains(dimension) && walls.Allows(next)
            ? form.Link("/costs", [(dimension.Name(), key), ("group_by", next.Name())])
            : null;
    }
}
