using System.Collections.Immutable;
using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Metering.Csv;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Funds;

/// <summary>
/// Takes over what another system of bills knew: who was billed before, and what is left of what they were granted.
/// Whoever was billed here already is passed over; what is known adds nothing.
/// </summary>
public static class OpenBalances
{
    private const string Columns = "pi,first_billed,program,granted,used";

    /// <summary>A CSV with the columns pi and first_billed and, where it has them, program, granted and used.</summary>
    /// <exception cref="RefusedException">A row cannot be understood; the line is named.</exception>
    public static IReadOnlyList<OpeningBalance> Parse(string csv, string file) =>
        [.. CsvTable.Parse(csv, file, '"', "pi", "first_billed").Rows.Select(row =>
        {
            if (OtherCurrency.Of(row) is { } currency)
            {
                throw Wrong(row, "currency", currency);
            }

            var first = Value(row, "first_billed", text => BillingMonth.Parse(text))
                ?? throw Wrong(row, "first_billed", "");
            var pi = Value(row, "pi", text => new PiId(Name.Of(text))) ?? throw Wrong(row, "pi", "");
            var (granted, used) = (Dollars(row, "granted"), Dollars(row, "used"));
            return granted < Money.Zero || used < Money.Zero || used > granted ||
                (granted > Money.Zero && row["program"] is null)
                ? throw Wrong(row, "used", row["used"] ?? "")
                : new OpeningBalance(
                    ProjectDirectory.Spelled(pi), first, row["program"], granted,
                    ImmutableSortedDictionary<BillingMonth, Money>.Empty.Add(first, used));
        })];

    /// <returns>How many PIs were new or different.</returns>
    public static async Task<int> Decide(
        UnitOfWork work, IReadOnlyList<OpeningBalance> balances, string by, Instant now, CancellationToken ct)
    {
        var directory = await work.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var billedHere = (await work.State(Months.Fold, Months.Id, ct)).Following(directory.PiOf).FirstBilled();
        var stream = OpeningBalances.Fold.StreamOf(OpeningBalances.Id);
        var history = await work.Read<OpeningEvent>(stream, ct);
        var known = OpeningBalances.Fold.Of(history).Billed;
        var taken = balances.Where(one => !billedHere.ContainsKey(directory.PiOf(one.Pi)))
            .GroupBy(one => one.Pi).Select(same => same.MinBy(one => one.First)!).ToList();
        var changed = taken.Where(one => known.GetValueOrDefault(one.Pi) != one.First || !known.ContainsKey(one.Pi))
            .Select(one => new OpeningEvent.BilledBefore(one.Pi, one.First, by, now)).ToList();
        work.Append<OpeningEvent>(stream, changed);
        foreach (var of in taken.Where(one => one.Program is not null && one.Granted > Money.Zero)
            .GroupBy(one => one.Program!, StringComparer.Ordinal))
        {
            var fund = Fund.Fold.StreamOf(of.Key);
            var spent = Fund.Fold.Of(await work.Read<FundEvent>(fund, ct));
            work.Append(fund, of.SelectMany(one => Spend(spent, one, now)));
        }

        return changed.Count;
    }

    /// <summary>What was granted once, and what of it was used and is not noted yet.</summary>
    private static IEnumerable<FundEvent> Spend(Fund fund, OpeningBalance one, Instant now)
    {
        if (!fund.Grants.ContainsKey(one.Pi))
        {
            yield return new FundEvent.Granted(one.Pi, one.First, one.Granted, now);
        }

        foreach (var (month, used) in one.Used)
        {
            if (used - fund.Used(one.Pi, month) is { IsZero: false } more)
            {
                yield return new FundEvent.Used(one.Pi, month, month, more, now) { IsElsewhere = true };
            }
        }
    }

    private static Money Dollars(CsvRow row, string column) =>
        Value(row, column, text => Money.Exactly(Text.Number(text))) ?? Money.Zero;

    private static T? Value<T>(CsvRow row, string column, Func<string, T> parse) where T : struct
    {
        if (row[column] is not { } text)
        {
            return null;
        }

        try
        {
            return parse(text);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw Wrong(row, column, text);
        }
    }

    private static RefusedException Wrong(CsvRow row, string column, string text) => new(new(
        "opening/bad-row",
        $"'{text}' in column '{column}' is not what it must be. The columns are {Columns}: an address, a month like " +
        "2025-02, a promotion, and dollars and whole cents like 1000, " +
        "of which no more is used than was granted.", row.Where));
}
