using Exchange.Portal.Web;
using Microsoft.AspNetCore.Mvc;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Portal.Costs;

/// <summary>What an address asks of costs: the same names for programs, for pages and for saved links.</summary>
internal sealed record CostParameters
{
    [FromQuery(Name = "from")]
    public string? From { get; init; }

    [FromQuery(Name = "to")]
    public string? To { get; init; }

    [FromQuery(Name = "group_by")]
    public string[]? GroupBy { get; init; }

    [FromQuery(Name = "landlord")]
    public string? Landlord { get; init; }

    [FromQuery(Name = "service")]
    public string? Service { get; init; }

    [FromQuery(Name = "sku")]
    public string? Sku { get; init; }

    [FromQuery(Name = "cluster")]
    public string? Cluster { get; init; }

    [FromQuery(Name = "project")]
    public string? Project { get; init; }

    [FromQuery(Name = "pi")]
    public string? Pi { get; init; }

    [FromQuery(Name = "institution")]
    public string? Institution { get; init; }

    [FromQuery(Name = "fund")]
    public string? Fund { get; init; }

    [FromQuery(Name = "payer")]
    public string? Payer { get; init; }

    [FromQuery(Name = "class")]
    public string? Class { get; init; }

    [FromQuery(Name = "compare")]
    public string? Compare { get; init; }

    [FromQuery(Name = "cursor")]
    public string? Cursor { get; init; }

    [FromQuery(Name = "limit")]
    public int? Limit { get; init; }

    /// <summary>The question, with what is left out filled in: this month so far, by nothing.</summary>
    /// <exception cref="RefusedException">It is not one.</exception>
    public CostQuery Query(CostWalls walls, Instant now)
    {
        var today = now.InUtc().Date;
        var from = Day("from", From, now) ?? new LocalDate(today.Year, today.Month, 1);
        var to = Day("to", To, now) ?? new LocalDate(from.Year, from.Month, 1).PlusMonths(1);
        var range = new CostRange(from, to);
        var where = Filters().Where(of => !string.IsNullOrEmpty(of.Value))
            .ToDictionary(of => of.Dimension, of => of.Value!);
        foreach (var (dimension, value) in where)
        {
            if (!walls.Narrows(dimension))
            {
                throw new RefusedException(new(
                    "costs/not-shown", $"{walls.Who} cannot narrow by '{dimension.Name()}'.", dimension.Name()));
            }

            if (value.Length > 500)
            {
                throw new RefusedException(new(
                    "costs/long-value", $"'{dimension.Name()}' has at most 500 characters.", dimension.Name()));
            }
        }

        return new(
            range, [.. (GroupBy ?? []).SelectMany(one => one.Split(',')).Where(one => one.Length > 0)
                .Select(CostDimensions.Parse)])
        {
            Where = where,
            Compare = string.IsNullOrEmpty(Compare) ? null : CostRange.Compared(Compare, range, now),
        };
    }

    private IEnumerable<(CostDimension Dimension, string? Value)> Filters() =>
    [
        (CostDimension.Landlord, Landlord), (CostDimension.Service, Service), (CostDimension.Sku, Sku),
        (CostDimension.Cluster, Cluster), (CostDimension.Project, Project), (CostDimension.Pi, Pi),
        (CostDimension.Institution, Institution), (CostDimension.Fund, Fund), (CostDimension.Payer, Payer),
        (CostDimension.Class, Class),
    ];

    private static LocalDate? Day(string name, string? text, Instant now) =>
        string.IsNullOrEmpty(text) ? null
        : LocalDatePattern.Iso.Parse(text) is { Success: true } day ? Known(name, day.Value, now)
        : BillingMonth.TryParse(text, null, out var month)
            ? Known(name, new LocalDate(month.Year, month.Month, 1), now)
        : throw new RefusedException(new(
            "costs/no-such-day",
            $"'{name}' is a day in UTC, as '2026-08-01'; '{(text.Length > 50 ? text[..50] : text)}' is none.", name));

    /// <exception cref="RefusedException">Nothing can be said of such a day.</exception>
    internal static LocalDate Known(string name, LocalDate day, Instant now) =>
        AskedTimes.Wrong(day, now) is { } wrong
            ? throw new RefusedException(new("costs/no-such-day", $"'{name}' cannot be that day: {wrong}", name)) : day;
}
