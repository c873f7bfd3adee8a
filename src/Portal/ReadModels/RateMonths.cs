using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Portal.Spend;
using Exchange.Rating;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.ReadModels;

/// <summary>
/// Writes what months come to for pages and the API: an open month as it rates now, a closed one as it was billed.
/// Safe to run again at any time; a month of which nothing changed is left alone.
/// </summary>
internal static class RateMonths
{
    /// <summary>The lock of whoever rates.</summary>
    public const string OpenMonths = "exchange open months";

    /// <summary>
    /// Waits for whoever does it now, then does what is left: whoever began before a close must not write the closed
    /// month after it as if it were open.
    /// </summary>
    /// <exception cref="AggregateException">Some months could not be written.</exception>
    public static async Task Run(Composition exchange, Action<string> step, CancellationToken ct)
    {
        await using var alone = await exchange.Locks.Await(0, OpenMonths, ct);
        await WriteAll(exchange, step, ct);
    }

    /// <summary>The same, left to whoever does it now: of many servers that follow what comes, one rates.</summary>
    /// <exception cref="AggregateException">Some months could not be written.</exception>
    public static async Task RunUnlessUnderWay(Composition exchange, Action<string> step, CancellationToken ct)
    {
        await using var alone = await exchange.Locks.TryHold(0, OpenMonths, ct);
        if (alone is not null)
        {
            await WriteAll(exchange, step, ct);
        }
    }

    /// <summary>
    /// Writes every open month with usage, and every closed one that is not written for good yet. A month that cannot
    /// be written stops no other; what is wrong with it is told when the others are done.
    /// </summary>
    private static async Task WriteAll(Composition exchange, Action<string> step, CancellationToken ct)
    {
        var now = exchange.Clock.GetCurrentInstant();
        var rating = await RatingNow.Read(exchange.Sources, ct);
        var months = await exchange.Journal.State(Months.Fold, Months.Id, ct);
        var written = await Written(exchange.Database, ct);
        List<(BillingMonth Month, string Step, Func<Task> Write)> due =
        [
            .. months.Closed.Values
                .Where(closed => written.GetValueOrDefault(closed.Month) is var last &&
                    !(last.Closed && last.Basis == TakenBack(months, closed.Month)))
                .Select(closed => (closed.Month, $"Writing {closed.Month} as billed …", (Func<Task>)(() => Write(
                    exchange, rating,
                    new(closed.Month, closed.Policies, TakenBack(months, closed.Month)) { IsClosed = true }, now,
                    ct)))),
        ];
        due.AddRange(
            from open in MonthsOf(await rating.Extent(ct), rating, now)
            where !months.IsClosed(open.Month) && written.GetValueOrDefault(open.Month).Basis != open.Basis
            select (open.Month, $"Rating {open.Month} …", (Func<Task>)(() => Write(
                exchange, rating, new(open.Month, Policies.Corrected, open.Basis), now, ct))));

        await All([.. due, (BillingMonth.Of(now), "Reckoning credits …", () => WriteCredits.Run(exchange, now, ct))],
            step);
    }

    /// <summary>What of a closed month's invoices was taken back: it is written again without them.</summary>
    private static string TakenBack(Months months, BillingMonth month) => string.Join(
        ' ', months.Voided.Where(id => id.StartsWith($"{month}:", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal));

    /// <summary>
    /// The months up to now with usage, or with agreements that are paid for used or not; and what each is rated from:
    /// the same gives the same.
    /// </summary>
    private static IEnumerable<(BillingMonth Month, string Basis)> MonthsOf(
        UsageExtent? used, RatingNow rating, Instant now)
    {
        List<Period> held =
        [
            .. rating.Books.Agreements.Held
                .Where(period => !period.IsEmpty && period.Start < now),
            .. used is null ? [] : (Period[])[new(used.From, Instant.Max(used.From, used.To ?? now))],
        ];
        if (held.Count == 0)
        {
            yield break;
        }

        var basis = $"{used?.Block ?? 0}/{used?.Bill ?? 0}/{rating.Version}";
        var last = BillingMonth.Of(Instant.Min(held.Max(one => one.End), now));
        for (var month = BillingMonth.Of(held.Min(one => one.Start)); month <= last; month = month.Next)
        {
            yield return (month,
                month.Period.Contains(now) ? $"{basis}/{now.ToUnixTimeSeconds() / 600}" : basis);
        }
    }

    private static async Task All(
        IEnumerable<(BillingMonth Month, string Step, Func<Task> Write)> due, Action<string> step)
    {
        var failures = new List<Exception>();
        foreach (var one in due)
        {
            step(one.Step);
            try
            {
                await one.Write();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failures.Add(new InvalidOperationException($"{one.Month} could not be written: {e.Message}", e));
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    /// <summary>Forgets what was written, so that all of it is written again.</summary>
    public static async Task Forget(NpgsqlDataSource database, CancellationToken ct)
    {
        const string Sql = "truncate exchange.charge, exchange.day, exchange.landlord_day, exchange.sold, " +
            "exchange.costly, exchange.gpu_held, exchange.charge_day, exchange.credit, exchange.cost_sum, " +
            "exchange.credited, exchange.rated";
        await database.Execute(Sql, [], ct);
    }

    /// <summary>A month that is to be written.</summary>
    /// <param name="Policies">By which it is rated.</param>
    /// <param name="Basis">What it is rated from, or, once closed, what of its invoices was taken back.</param>
    private sealed record DueMonth(BillingMonth Month, string Policies, string Basis)
    {
        public bool IsClosed { get; init; }
    }

    private static async Task Write(
        Composition exchange, RatingNow rating, DueMonth due, Instant now, CancellationToken ct)
    {
        var month = due.Month;
        if (due.IsClosed)
        {
            await exchange.Projections.CatchUp(ct); // What the journal says is closed is in the tables of invoices too.
        }

        var soFar = await rating.SoFar(month, due.Policies, now, ct);
        var rated = soFar.Charges;
        var (weights, costliest) = await UseOfMonth.Of(
            exchange, rating, new(month, due.Policies) { AsOf = soFar.AsOf }, due.IsClosed, ct);
        List<ShownCharge> charges = due.IsClosed
            ? [.. (await BilledLines.InvoicedIn(exchange.Database, month, ct)).SelectMany(
                account => ShownCharge.Billed(month, account.Key, account, (pi, line) =>
                    rating.Attribution.InstitutionOf(pi, line.Cluster, line.Project, line.ServicePeriod.Start)))]
            : [.. rated.Charges.Select(owned => ShownCharge.Of(
                owned.Charge, owned.Owner.Name, owned.Owner.Pi, owned.Owner.Institution))];
        var days = charges.SelectMany(charge => weights.Of(charge.Id, charge.Period, charge.Amount).Select(
            day => new DaySpend(day.Day, charge.Landlord, charge.Service, charge.Pi, day.Amount)));
        var use = await costliest.Of(exchange.Meter, month, charges, ct);
        await WriteMonth.Run(
            exchange.Database,
            new(month, due.Basis, Instant.Min(now, soFar.AsOf))
            {
                IsClosed = due.IsClosed,
                Unpriced = rated.Unpriced.Count,
            },
            charges, days, use, ct, weights: charge => weights.Of(charge.Id));
    }

    private static async Task<Dictionary<BillingMonth, (bool Closed, string Basis)>> Written(
        NpgsqlDataSource database, CancellationToken ct)
    {
        const string Sql = "select month, closed, basis from exchange.rated";
        await using var command = database.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var written = new Dictionary<BillingMonth, (bool, string)>();
        while (await rows.ReadAsync(ct))
        {
            written[BillingMonth.Parse(rows.GetString(0))] = (rows.GetBoolean(1), rows.GetString(2));
        }

        return written;
    }
}
