using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Invoicing.Kept;

/// <summary>Everything that can happen to billing months. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Closed), "month-closed/1")]
[JsonDerivedType(typeof(InvoiceVoided), "month-invoice-voided/1")]
[JsonDerivedType(typeof(InvoiceReissued), "month-invoice-reissued/1")]
[JsonDerivedType(typeof(LateDecided), "month-late-decided/1")]
public abstract record MonthEvent
{
    private MonthEvent() { }

    /// <summary>A month was closed: everything that follows from its charges was written with this event.</summary>
    /// <param name="Policies">The rounding policies that it was rated under, for good.</param>
    /// <param name="Total">The sum of all its lines, adjustments of earlier months among them.</param>
    /// <param name="Billed">Everyone who got a line; whoever appears here first is a new PI in that month.</param>
    /// <param name="Accepted">Checks that failed and that the closer took upon themselves.</param>
    public sealed record Closed(
        BillingMonth Month, string Policies, Money Total, int Invoices, ImmutableArray<PiId> Billed,
        ImmutableArray<string> Accepted, string By, Instant At) : MonthEvent
    {
        /// <summary>What was kept of it; null of months that older versions of the product closed.</summary>
        public KeptRun? Kept { get; init; }

        /// <summary>How far everything was read; null of months that older versions of the product closed.</summary>
        public Seen? Seen { get; init; }

        /// <summary>Whose usage stands otherwise than who is billed says; null where it says it.</summary>
        public StandingUse? Standing { get; init; }
    }

    /// <summary>An invoice of a closed month was taken back: what it billed counts as not billed.</summary>
    /// <param name="Invoice">As its stream is called: '2026-10:ada@bu.edu'.</param>
    /// <param name="Used">The months of the usage that it billed.</param>
    public sealed record InvoiceVoided(
        BillingMonth Month, string Invoice, ImmutableArray<BillingMonth> Used, Instant At) : MonthEvent;

    /// <summary>A void invoice was issued again before the next close, in the month in which that happened.</summary>
    /// <param name="Replaces">The void one, as its stream is called.</param>
    /// <param name="Invoices">The new ones, as their streams are called.</param>
    /// <param name="Billed">Whom they are to.</param>
    /// <param name="Kept">What was kept of them, as a close keeps what it bills.</param>
    public sealed record InvoiceReissued(
        BillingMonth Month, string Replaces, ImmutableArray<string> Invoices, ImmutableArray<PiId> Billed, KeptRun Kept,
        Instant At) : MonthEvent;

    /// <summary>What came to a month that no close bills by itself is billed by the next one, or left.</summary>
    /// <param name="Seen">A hash of the adjustments that were decided on: of others finance is asked again.</param>
    /// <param name="Accounts">How many accounts they are of.</param>
    public sealed record LateDecided(
        BillingMonth Month, bool IsBilled, string Seen, int Accounts, Money Amount, string? Reason, string By,
        Instant At) : MonthEvent;
}

/// <summary>Which months are closed. They are closed in the order of time, and none is opened again.</summary>
public sealed record Months(ImmutableSortedDictionary<BillingMonth, MonthEvent.Closed> Closed)
{
    /// <summary>The one stream is 'months-exchange'.</summary>
    public const string Id = "exchange";

    public static readonly Fold<Months, MonthEvent> Fold = new(
        "months", new(ImmutableSortedDictionary<BillingMonth, MonthEvent.Closed>.Empty), Evolve);

    /// <summary>Invoices that were taken back, by what their streams are called.</summary>
    public ImmutableHashSet<string> Voided { get; init; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>The months of which invoices were taken back since the last close.</summary>
    public ImmutableHashSet<BillingMonth> VoidedSince { get; init; } = [];

    /// <summary>When invoices were taken back, by what their streams are called.</summary>
    public ImmutableDictionary<string, Instant> VoidedAt { get; init; } =
        ImmutableDictionary.Create<string, Instant>(StringComparer.Ordinal);

    /// <summary>The months of the usage that invoices billed before they were taken back, by what their streams are
    /// called.</summary>
    public ImmutableDictionary<string, ImmutableArray<BillingMonth>> VoidedUse { get; init; } =
        ImmutableDictionary.Create<string, ImmutableArray<BillingMonth>>(StringComparer.Ordinal);

    /// <summary>Whether somebody's usage of a month stands billed, where that is not what its close says.</summary>
    public ImmutableDictionary<UseOf, bool> Standing { get; init; } = ImmutableDictionary<UseOf, bool>.Empty;

    /// <summary>What was issued again between closes, in the order in which it was.</summary>
    public ImmutableArray<MonthEvent.InvoiceReissued> Reissued { get; init; } = [];

    /// <summary>What was decided last of months that no close bills by itself.</summary>
    public ImmutableDictionary<BillingMonth, MonthEvent.LateDecided> Late { get; init; } =
        ImmutableDictionary<BillingMonth, MonthEvent.LateDecided>.Empty;

    /// <summary>
    /// The months that somebody accepted since the last close: a close or an invoice issued again bills what was seen,
    /// once, and the next of the same is asked about anew.
    /// </summary>
    public ImmutableHashSet<BillingMonth> Accepted { get; init; } = [];

    /// <summary>How far the last close had read everything; null where an older version closed it.</summary>
    public Seen? LastSeen { get; init; }

    /// <summary>What closes kept, in the order in which it was written.</summary>
    public ImmutableArray<KeptRun> Runs { get; init; } = [];

    /// <summary>The hash that the blocks of a run follow; null where they are the first.</summary>
    public string? RootBefore(string run) =>
        Runs.TakeWhile(one => one.Id != run).LastOrDefault()?.Root;

    /// <summary>What the closes of a month and of those after it kept.</summary>
    public IEnumerable<KeptRun> RunsSince(BillingMonth month)
    {
        var older = Closed.Values.Where(closed => closed.Month < month).Select(closed => closed.Kept?.Id).ToHashSet();
        return Runs.Where(run => !older.Contains(run.Id));
    }

    public BillingMonth? First => Closed.IsEmpty ? null : Closed.Keys.Min();

    public BillingMonth? Last => Closed.IsEmpty ? null : Closed.Keys.Max();

    /// <summary>When a month was closed last; null when none is.</summary>
    public Instant? LastClosedAt => Closed.IsEmpty ? null : Closed.Values.Max(closed => closed.At);

    /// <summary>
    /// When all that had come to a month was billed or left: the last close that had nothing of it over for the next.
    /// Null when there is none.
    /// </summary>
    public Instant? SettledAt(BillingMonth month) => Closed.Values
        .Where(closed => closed.Month == month || closed.Seen?.Rest.Contains(month) != true)
        .Select(closed => (Instant?)closed.At).Max();

    public bool IsClosed(BillingMonth month) => Closed.ContainsKey(month);

    /// <summary>Everybody for whom something stands that was billed, with the first month of its usage.</summary>
    /// <param name="stands">Whether what was billed of a month stands still; all of it where nothing is said.</param>
    public ImmutableDictionary<PiId, BillingMonth> FirstBilled(Func<PiId, BillingMonth, bool>? stands = null) => Closed
        .Keys.SelectMany(month => BilledIn(month).Select(pi => (Pi: pi, Month: month)))
        .Concat(Standing.Where(of => of.Value && !Closed.ContainsKey(of.Key.Month))
            .Select(of => (of.Key.Pi, of.Key.Month)))
        .Where(use => stands?.Invoke(use.Pi, use.Month) != false)
        .GroupBy(use => use.Pi)
        .ToImmutableDictionary(same => same.Key, same => same.Min(use => use.Month));

    /// <summary>Those of whose usage of a month something stands billed, by the addresses under which it was.</summary>
    public IEnumerable<PiId> BilledIn(BillingMonth month)
    {
        var billed = Closed.GetValueOrDefault(month)?.Billed ?? [];
        return Standing.IsEmpty ? billed : billed.Where(pi => Standing.GetValueOrDefault(new(pi, month), true))
            .Union(Standing.Where(of => of.Value && of.Key.Month == month).Select(of => of.Key.Pi));
    }

    /// <summary>
    /// The months that a close looks at again: from the first that was closed to the one before. One that was left
    /// out between closed ones has nothing billed yet, so all of its usage becomes adjustments.
    /// </summary>
    public IEnumerable<BillingMonth> Before(BillingMonth month)
    {
        if (Last is not { } last)
        {
            yield break;
        }

        for (var each = Closed.Keys.Min(); each <= last && each < month; each = each.Next)
        {
            yield return each;
        }
    }

    /// <summary>Whether a month may be closed at an instant; its checks are another matter.</summary>
    public static Decision<MonthEvent> Close(Months months, MonthEvent.Closed closing)
    {
        if (months.IsClosed(closing.Month))
        {
            return [];
        }

        if (closing.At < closing.Month.End)
        {
            return new Refusal(
                "close/month-not-over",
                $"{closing.Month} ends at {Text.Of(closing.Month.End)}. Close it after that, and look at it until " +
                "then " +
                $"with 'exchange close --month {closing.Month}'.");
        }

        return months.Last > closing.Month
            ? new Refusal(
                "close/later-closed",
                $"{months.Last} is closed, and funds were spent on it as if {closing.Month} had no usage. " +
                (closing.Month < months.First
                    ? $"Nothing of it is billed until 'exchange adjustments accept {closing.Month}' says so."
                    : "What was used then is billed by the next close, as adjustments."))
            : [closing];
    }

    private static Months Evolve(Months months, MonthEvent happened) => happened switch
    {
        MonthEvent.Closed e => months with
        {
            Closed = months.Closed.Add(e.Month, e),
            Runs = e.Kept is { } kept ? months.Runs.Add(kept) : months.Runs,
            LastSeen = e.Seen,
            Standing = months.Standing.SetItems((e.Standing?.Came ?? []).Select(use => KeyValuePair.Create(use, true)))
                .SetItems((e.Standing?.Gone ?? []).Select(use => KeyValuePair.Create(use, false))),
            VoidedSince = [],
            Accepted = [],
        },
        MonthEvent.InvoiceVoided e => months with
        {
            Voided = months.Voided.Add(e.Invoice),
            VoidedAt = months.VoidedAt.SetItem(e.Invoice, e.At),
            VoidedUse = months.VoidedUse.SetItem(e.Invoice, e.Used),
            VoidedSince = months.VoidedSince.Union(e.Used),
        },
        MonthEvent.InvoiceReissued e => months with
        {
            Runs = months.Runs.Add(e.Kept),
            Reissued = months.Reissued.Add(e),
            Standing = months.Standing.SetItems(e.Billed.SelectMany(
                pi => months.VoidedUse.GetValueOrDefault(e.Replaces, [e.Month]),
                (pi, month) => KeyValuePair.Create(new UseOf(pi, month), true))),
        },
        MonthEvent.LateDecided e => months with
        {
            Late = months.Late.SetItem(e.Month, e),
            Accepted = e.IsBilled ? months.Accepted.Add(e.Month) : months.Accepted.Remove(e.Month),
        },
        _ => throw new CorruptStreamException(months, happened),
    };

    /// <summary>The run in which a line was kept; null where an older version billed it.</summary>
    public KeptRun? RunOf(KeptLine line) => Reissued.FirstOrDefault(again => again.Invoices.Contains(line.Invoice)) is
    { } reissued
        ? reissued.Kept
        : Closed.GetValueOrDefault(KeptCharges.ClosedBy(line))?.Kept;
}
