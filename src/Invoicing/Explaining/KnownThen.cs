using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Explaining;

/// <summary>A charge as it stood when a close looked at it last, and whose it was.</summary>
public sealed record ChargeThen(Account Account, KeptCharge Charge, InvoiceLine Line);

/// <summary>What was billed as it was known before an instant: what came later is not there.</summary>
public sealed class KnownThen
{
    private readonly Sources _sources;

    private KnownThen(Sources sources, Months months) => (_sources, Months) = (sources, months);

    public Months Months { get; }
    public KeptCharges Kept => new(_sources.Database, Months);

    public static async Task<KnownThen> Read(Sources sources, Instant before, CancellationToken ct)
    {
        var history = await sources.Journal.Read<MonthEvent>(Months.Fold.StreamOf(Months.Id), ct);
        return new(sources, Months.Fold.Of(history.Where(happened => happened switch
        {
            MonthEvent.Closed e => e.At < before,
            MonthEvent.InvoiceVoided e => e.At < before,
            MonthEvent.InvoiceReissued e => e.At < before,
            MonthEvent.LateDecided e => e.At < before,
            _ => throw new InvalidOperationException($"{happened.GetType().Name} has no time."),
        })));
    }

    /// <summary>What a month had come to by then: as billed with its close, and as each later close corrected
    /// it.</summary>
    /// <exception cref="RefusedException">The month was not closed by then.</exception>
    public async Task<IReadOnlyList<ChargeThen>> Charges(BillingMonth month, CancellationToken ct)
    {
        var closed = Needed(month);
        var last = new Dictionary<(string, string), KeptLine>();
        foreach (var line in await Kept.LinesOf(month, ct))
        {
            last[(line.Account.Name, line.Line.ChargeId)] = line;
        }

        return
        [
            .. last.Values.Where(line => line.Charge is not null)
                .OrderBy(line => line.Line.ChargeId, StringComparer.Ordinal)
                .ThenBy(line => line.Account.Name, StringComparer.Ordinal)
                .Select(line => new ChargeThen(line.Account, line.Charge!, line.Line)),
        ];
    }

    /// <summary>
    /// The lines that a month told by then: what its close billed, what was issued again in it, and with the opposite
    /// sign what was taken back in it.
    /// </summary>
    /// <exception cref="RefusedException">The month was not closed by then.</exception>
    public async Task<IReadOnlyList<KeptLine>> Lines(BillingMonth month, CancellationToken ct)
    {
        var kept = Kept;
        var lines = (await kept.BilledIn(Needed(month).Kept!, ct)).ToList();
        foreach (var again in Months.Reissued.Where(one => one.Month == month))
        {
            lines.AddRange(await kept.BilledIn(again.Kept, ct));
        }

        var back = Months.VoidedAt.Where(of => BillingMonth.Of(of.Value) == month).Select(of => of.Key).ToHashSet();
        foreach (var run in back.Count == 0 ? [] : Months.Runs)
        {
            lines.AddRange((await kept.BilledIn(run, ct)).Where(line => back.Contains(line.Invoice))
                .Select(line => line with
                {
                    Line = CorrectSettlements.Opposite(line.Line) with
                    {
                        Adjusts = line.Line.ServiceMonth(KeptCharges.ClosedBy(line)),
                    },
                }).ToList());
        }

        return [.. lines.OrderBy(line => line.Invoice, StringComparer.Ordinal).ThenBy(line => line.Place)];
    }

    private MonthEvent.Closed Needed(BillingMonth month) => Months.Closed.GetValueOrDefault(month) switch
    {
        null => throw new RefusedException(new(
            "as-of/open",
            $"{month} was not closed by then, and readings are not kept by the day on which they came. Ask for a day " +
            "after its close, or leave '--as-of' out.", "--as-of")),
        { Kept: null } => throw new RefusedException(new(
            "as-of/not-kept",
            $"{month} was closed by an older version, which kept nothing of what was known. Leave '--as-of' out.",
            "--as-of")),
        var closed => closed,
    };
}
