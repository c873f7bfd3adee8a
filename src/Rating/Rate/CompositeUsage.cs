using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// What landlords behind composite services measured for each project. It splits what the front end metered and sells
/// over them: shares add up to the whole, so nothing is lost and nothing is billed twice, whatever replicas and
/// retries added to their figures.
/// </summary>
internal sealed class CompositeUsage(PriceBooks books, Period period, bool keepsCounts = false)
{
    private readonly List<DailyTotal> _counts = [];
    private readonly HashSet<BackEnd> _behind = [.. Sheets(books, period)
        .SelectMany(sheet => sheet.Skus).SelectMany(sku => sku.Wholesale?.Behind ?? [])];
    private readonly HashSet<LandlordId> _fronts = [.. Sheets(books, period)
        .Where(sheet => sheet.Skus.Any(sku => sku.Wholesale is { Behind.IsEmpty: false }))
        .Select(sheet => sheet.Landlord)];
    private readonly Dictionary<(BackEnd By, ProjectId Project, LocalDate Day), decimal> _measured = [];

    /// <summary>Whether a landlord, or any, sells what others hold.</summary>
    public bool IsAsked(LandlordId? landlord) => landlord is { } one ? _fronts.Contains(one) : _fronts.Count > 0;

    /// <summary>Whether somebody's sheet sells what is counted here, so that it is priced there.</summary>
    public bool Sells(DailyTotal total) => _behind.Contains(new(total.Resource.Landlord, total.Meter));

    /// <summary>
    /// Remembers a count if somebody's sheet asks for it; what it costs by itself is its landlord's affair.
    /// </summary>
    public void Add(DailyTotal total)
    {
        var key = (new BackEnd(total.Resource.Landlord, total.Meter), total.Project, total.Day);
        if (_behind.Contains(key.Item1))
        {
            _measured[key] = _measured.GetValueOrDefault(key) + total.Quantity;
            if (keepsCounts)
            {
                _counts.Add(total);
            }
        }
    }

    /// <summary>What was remembered, by landlord, meter, project and day.</summary>
    public IReadOnlyDictionary<(BackEnd By, ProjectId Project, LocalDate Day), decimal> Measured => _measured;

    public void Clear() => _measured.Clear();

    /// <summary>Adds what another remembered.</summary>
    public void Add((BackEnd By, ProjectId Project, LocalDate Day) key, decimal quantity) =>
        _measured[key] = _measured.GetValueOrDefault(key) + quantity;

    /// <summary>What split a line: the counts of those behind it, in the order of landlord and day.</summary>
    public IEnumerable<DailyTotal> Behind(Line line) => _counts
        .Where(total => total.Project == line.Project &&
            line.Sku.Wholesale!.Behind.Contains(new(total.Resource.Landlord, total.Meter)) &&
            line.Sheet.Period.Contains(total.Day.AtMidnight().InUtc().ToInstant()))
        .OrderBy(total => total.Resource.Landlord.Value, StringComparer.Ordinal).ThenBy(total => total.Day)
        .ThenBy(total => total.Resource.Subject, StringComparer.Ordinal);

    /// <summary>
    /// A step of a line for each landlord behind it; one that says so where none of them measured anything.
    /// </summary>
    public IEnumerable<Step> Shares(Line line, Step step)
    {
        if (line.Sku.Wholesale is not { Behind: { IsEmpty: false } behind } || step.Unit is not null)
        {
            return [step];
        }

        var measured = behind.GroupBy(one => one.Landlord)
            .Select(of => (Payee: of.Key.Value, Sum: of.Sum(one => Of(one, line)))).Where(of => of.Sum > 0)
            .OrderBy(of => of.Payee, StringComparer.Ordinal).ToList();
        var total = Exact.Of(measured.Sum(of => of.Sum));
        return measured.Count == 0
            ? [step with { Name = Named(step, "that nobody behind it measured") }]
            : measured.Select(of => step with
            {
                Name = Named(step, $"by {of.Payee}"),
                Payee = of.Payee,
                Quantity = step.Quantity * (Exact.Of(of.Sum) / total),
            });
    }

    private static IEnumerable<PriceSheet> Sheets(PriceBooks books, Period period) => books.List()
        .Where(sheet => sheet.Period.Clip(period) is not null).Select(sheet => sheet.Sheet)
        .Concat(books.Locked(period));

    private decimal Of(BackEnd one, Line line)
    {
        var sum = 0m;
        var (first, last) = (line.Sheet.Period.Start.InUtc().Date, line.Sheet.Period.End.InUtc().Date);
        for (var day = first; day <= last; day = day.PlusDays(1))
        {
            sum += line.Sheet.Period.Contains(day.AtMidnight().InUtc().ToInstant())
                ? _measured.GetValueOrDefault((one, line.Project, day))
                : 0;
        }

        return sum;
    }

    private static string Named(Step step, string by) => step.Name is null ? by : $"{step.Name}, {by}";
}
