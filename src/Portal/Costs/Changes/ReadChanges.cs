using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Funds;
using Exchange.Portal.Spend;
using NodaTime;

namespace Exchange.Portal.Costs.Changes;

/// <summary>
/// Why costs of a period are not those of an earlier one: reads both at the detail that their size allows, and divides
/// the difference into causes. Few charges are looked at resource by resource; very many without projects.
/// </summary>
internal sealed class ReadChanges(View view, Composition exchange, CostWalls walls, Instant now)
{
    private const int MaxCharges = 2_000;
    private const int MaxByProject = 100_000;
    private static readonly CostDimension[] Coarse =
        [CostDimension.Class, CostDimension.Fund, CostDimension.Landlord, CostDimension.Service, CostDimension.Sku,
            CostDimension.Cluster];

    /// <param name="query">What narrows both periods, the later one, and the one it is compared with.</param>
    public async Task<CostChange> Run(CostQuery query, CancellationToken ct)
    {
        var (earlier, later) = (query.Compare ?? query.Range.Before(), query.Range);
        query = query with { Compare = null, GroupBy = [] };
        query.Check(walls);
        await query.CheckNames(new(exchange, walls.Viewer, view), ct);
        var dimensions = walls.IsPayer ? [CostDimension.Class, CostDimension.Fund, CostDimension.Pi]
            : await DetailOf(query, earlier, later, ct);
        var before = await CostReport.Read(
            view, exchange, walls, query with { Range = earlier, GroupBy = dimensions }, now, ct);
        var after = await CostReport.Read(
            view, exchange, walls, query with { Range = later, GroupBy = dimensions }, now, ct);
        var steps = walls.IsPayer
            ? Paid(before, after)
            : await Steps(query, dimensions, (earlier, before), (later, after), ct);
        return CostChange.Of((earlier, Net(before)), (later, Net(after)), steps);
    }

    private static Money Net(IEnumerable<CostRow> rows) => Money.Sum(rows.Select(row => row.Figures.Net));

    private async Task<CostDimension[]> DetailOf(
        CostQuery query, CostRange earlier, CostRange later, CancellationToken ct)
    {
        var months = earlier.Parts().Concat(later.Parts()).Select(part => part.Month).ToHashSet();
        var all = (await MonthSpend.Months(view, ct)).Where(month => months.Contains(month.Month))
            .Sum(month => month.Charges);
        var isNarrow = walls.Viewer.Pi is not null || query.Where.ContainsKey(CostDimension.Pi) ||
            query.Where.ContainsKey(CostDimension.Project);
        return all > MaxByProject && !isNarrow ? Coarse
            : isNarrow || all <= MaxCharges
                ? [.. Coarse, CostDimension.Project, CostDimension.Month, CostDimension.Charge]
                : [.. Coarse, CostDimension.Project];
    }

    private async Task<IEnumerable<ChangeStep>> Steps(
        CostQuery query, CostDimension[] dimensions, (CostRange Range, IReadOnlyList<CostRow> Rows) before,
        (CostRange Range, IReadOnlyList<CostRow> Rows) after, CancellationToken ct)
    {
        var isByCharge = dimensions.Contains(CostDimension.Charge) && before.Range.IsWhole && after.Range.IsWhole;
        var rating = await RatingNow.Read(exchange.Sources, ct);
        var changes = new ChangesOfUsage(
            key => Prices.Differ(rating.Books, key, before.Range, after.Range),
            key => Moved(query, rating, key, before.Range, after.Range));
        var lines = new UsedLines(view, exchange, dimensions, now);
        return changes.Between(
                await lines.Of(before.Rows, isByCharge, ct), await lines.Of(after.Rows, isByCharge, ct))
            .Concat(NotUsed(dimensions, before.Rows, -1)).Concat(NotUsed(dimensions, after.Rows, 1))
            .Concat(await Credits(query, dimensions, before.Rows, (after.Range, after.Rows, rating), ct));
    }

    /// <summary>Whether a project was the PI's in one of the periods alone.</summary>
    private bool Moved(CostQuery query, RatingNow rating, UsedKey key, CostRange before, CostRange after)
    {
        var pi = walls.Viewer.Pi?.Value ?? query.Where.GetValueOrDefault(CostDimension.Pi);
        return pi is not null && key.Project.Length > 0 &&
            (Owner(before.From) == pi) != (Owner(after.To.PlusDays(-1)) == pi);

        string? Owner(LocalDate day) => rating.Attribution.Of(
            new(key.Cluster), new(key.Project), day.AtMidnight().InUtc().ToInstant()).Pi?.Value;
    }

    /// <summary>What is billed and was not used in the period: corrections, and credits for service levels.</summary>
    private static IEnumerable<ChangeStep> NotUsed(
        CostDimension[] dimensions, IEnumerable<CostRow> rows, int sign)
    {
        var charge = Array.IndexOf(dimensions, CostDimension.Charge);
        return
            from row in rows
            where row.Keys[0] == "correction" || (row.Keys[0] == "usage" && UsedLines.IsServiceCredit(row))
            where !row.Figures.Cost.IsZero
            let amount = sign < 0 ? -row.Figures.Cost : row.Figures.Cost
            let cause = row.Keys[0] == "usage" ? ChangeCause.ServiceCredits : ChangeCause.Corrections
            select new ChangeStep(cause, amount, [new(
                UsedLines.KeyOf(dimensions, row).What, amount, charge < 0 ? null : row.Keys[charge - 1],
                charge < 0 ? null : row.Keys[charge])]);
    }

    private async Task<IEnumerable<ChangeStep>> Credits(
        CostQuery query, CostDimension[] dimensions, IReadOnlyList<CostRow> before,
        (CostRange Range, IReadOnlyList<CostRow> Rows, RatingNow Rating) after, CancellationToken ct)
    {
        var fund = Array.IndexOf(dimensions, CostDimension.Fund);
        var (was, now) = (ByFund(before), ByFund(after.Rows));
        var pi = walls.Viewer.Pi
            ?? (query.Where.TryGetValue(CostDimension.Pi, out var one) ? new PiId(one) : (PiId?)null);
        var steps = new List<ChangeStep>();
        foreach (var name in was.Keys.Union(now.Keys).Order(StringComparer.Ordinal))
        {
            var (old, is_) = (was.GetValueOrDefault(name), now.GetValueOrDefault(name));
            var cause = old.IsZero ? ChangeCause.CreditsGranted
                : is_ > old ? await Ended(name, pi, (after.Range, after.Rating), is_.IsZero, ct) : ChangeCause.Credits;
            steps.Add(new(cause, is_ - old, (is_ - old).IsZero ? [] : [new(name, is_ - old)]));
        }

        return steps;

        Dictionary<string, Money> ByFund(IEnumerable<CostRow> rows) => rows.Where(row => row.Keys[0] == "credit")
            .GroupBy(row => row.Keys[fund], StringComparer.Ordinal)
            .ToDictionary(of => of.Key, of => Net(of), StringComparer.Ordinal);
    }

    /// <summary>Why a fund pays less: its window is over, or its money is used; else less was to be paid.</summary>
    private async Task<ChangeCause> Ended(
        string name, PiId? pi, (CostRange Range, RatingNow Rating) later, bool isGone, CancellationToken ct)
    {
        var rating = later.Rating;
        if (pi is not { } one || exchange.Programmes.FirstOrDefault(of => of.Id == name) is not { } programme)
        {
            return ChangeCause.Credits;
        }

        var fund = (await exchange.Kept.State(Fund.Fold, programme.Id, ct)).Following(rating.Directory.PiOf);
        var last = later.Range.Parts()[^1].Month;
        if (fund.Grants.TryGetValue(one, out var grant) &&
            programme.At(grant.Month) is { WindowMonths: > 0 and var window } && last >= grant.Month.Plus(window))
        {
            return ChangeCause.CreditsExpired;
        }

        var institution = rating.Attribution.InstitutionOf(one, last.End - Duration.Epsilon);
        return isGone || fund.Available(programme, one, institution, last, exchange.Institutions) <= Money.Zero
            ? ChangeCause.CreditsUsedUp : ChangeCause.Credits;
    }

    /// <summary>A payer pays for new PIs, no longer for others, and more or less for the rest.</summary>
    private static IEnumerable<ChangeStep> Paid(IReadOnlyList<CostRow> before, IReadOnlyList<CostRow> after)
    {
        var (was, now) = (ByName(before), ByName(after));
        return was.Keys.Union(now.Keys).Order(StringComparer.Ordinal).Select(name =>
        {
            var change = now.GetValueOrDefault(name) - was.GetValueOrDefault(name);
            return new ChangeStep(
                !was.ContainsKey(name) ? ChangeCause.New
                : !now.ContainsKey(name) ? ChangeCause.Ended : ChangeCause.Usage,
                change, change.IsZero ? [] : [new(name, change)]);
        });

        static Dictionary<string, Money> ByName(IEnumerable<CostRow> rows) => rows
            .GroupBy(row => $"{row.Keys[2]}, {row.Keys[1]}", StringComparer.Ordinal)
            .ToDictionary(of => of.Key, of => Net(of), StringComparer.Ordinal);
    }
}
