using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Invoicing.Payouts;

/// <summary>
/// Who is paid: a landlord, whose hardware a landlord sells, or a project that sublets. Its text is 'landlord:nerc',
/// 'hardware:lenovo' or 'project:p-mit'.
/// </summary>
public readonly record struct PayeeName(string Kind, string Name) : IParsable<PayeeName>
{
    private static readonly string[] Kinds = ["landlord", "hardware", "project"];

    /// <summary>What it is owed, in the general ledger.</summary>
    public string Payable => $"payable:{this}";

    public static PayeeName Of(ProjectId project) => new("project", project.Value);

    /// <summary>As whom it is settled with; null for one who sells nothing.</summary>
    public LandlordId? Seller => Kind switch
    {
        "landlord" => new LandlordId(Name),
        "project" => Rating.Seller.Of(new ProjectId(Name)),
        _ => null,
    };

    public static PayeeName Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var payee) ? payee : throw new FormatException(
            $"'{s}' is nobody who is paid. Write 'landlord:nerc', 'hardware:lenovo' or 'project:p-mit'.");

    public static bool TryParse(string? s, IFormatProvider? provider, out PayeeName result)
    {
        var colon = s?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        result = colon < 0 ? new("landlord", s ?? "") : new(s![..colon], s[(colon + 1)..]);
        return Kinds.Contains(result.Kind) && result.Name.Length > 0 && result.Name.Trim() == result.Name;
    }

    public override string ToString() => $"{Kind}:{Name}";
}

/// <summary>Everything that can happen between exchange and payee. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Accepted), "statement-accepted/1")]
[JsonDerivedType(typeof(Disputed), "statement-disputed/1")]
[JsonDerivedType(typeof(Resolved), "statement-resolved/1")]
[JsonDerivedType(typeof(PaidOut), "payout-recorded/1")]
public abstract record PayeeEvent
{
    /// <summary>More than anybody is owed.</summary>
    internal static readonly Money Everything = new(1_000_000_000_000_000);

    private PayeeEvent() { }

    public sealed record Accepted(BillingMonth Month, string By, Instant At) : PayeeEvent;

    /// <param name="Line">The line of the statement, from 1; 0 for all of it.</param>
    public sealed record Disputed(BillingMonth Month, int Line, string Reason, string By, Instant At) : PayeeEvent
    {
        /// <summary>The line as it was when it was disputed; empty of older ones.</summary>
        public string What { get; init; } = "";

        /// <summary>What it comes to, so much of which is not paid out; null of older ones, which hold everything.
        /// </summary>
        public Money? Amount { get; init; }

        /// <summary>What is not paid out because of it: a line that takes from the payee holds nothing back.</summary>
        internal Money Holds => Amount is { } amount ? Money.Max(amount, Money.Zero) : Everything;
    }

    public sealed record Resolved(BillingMonth Month, int Line, string Outcome, string By, Instant At) : PayeeEvent;

    /// <summary>Money went to the payee.</summary>
    /// <param name="Month">The statement that it pays; null where it is for several.</param>
    public sealed record PaidOut(
        string Reference, Money Amount, LocalDate ValueDate, BillingMonth? Month, Instant At) : PayeeEvent;
}

/// <summary>
/// What was paid to a payee, and what it said of its statements; each dispute with what came of it. Its stream is
/// 'payee-landlord:nerc'.
/// </summary>
public sealed record Payee(
    ImmutableSortedDictionary<string, PayeeEvent.PaidOut> Paid, ImmutableHashSet<BillingMonth> Accepted,
    ImmutableDictionary<(BillingMonth Month, int Line), PayeeEvent.Disputed> Disputes)
{
    public static readonly Fold<Payee, PayeeEvent> Fold = new(
        "payee",
        new(
            ImmutableSortedDictionary.Create<string, PayeeEvent.PaidOut>(StringComparer.Ordinal), [],
            ImmutableDictionary<(BillingMonth, int), PayeeEvent.Disputed>.Empty), Evolve);

    public ImmutableArray<(PayeeEvent.Disputed Dispute, PayeeEvent.Resolved Outcome)> Resolved { get; init; } = [];

    public bool IsDisputed(BillingMonth month) => Disputes.Keys.Any(of => of.Month == month);

    /// <summary>'accepted', 'disputed' or 'open'.</summary>
    public string StateOf(BillingMonth month) =>
        IsDisputed(month) ? "disputed" : Accepted.Contains(month) ? "accepted" : "open";

    public static Decision<PayeeEvent> Accept(Payee payee, BillingMonth month, string by, Instant now) =>
        payee.IsDisputed(month) ? new Refusal(
            "statement/disputed", $"A line of the statement of {month} is disputed. Resolve that first.")
        : payee.Accepted.Contains(month) ? []
        : [new PayeeEvent.Accepted(month, by, now)];

    public static Decision<PayeeEvent> Dispute(
        Payee payee, BillingMonth month, int line, string reason, string by, Instant now) =>
        Text.IsBlank(reason) ? new Refusal(
            "statement/no-reason", "A dispute says what is wrong. Add '--because \"…\"'.")
        : payee.Disputes.ContainsKey((month, line)) ? []
        : [new PayeeEvent.Disputed(month, line, reason, by, now)];

    public static Decision<PayeeEvent> Resolve(
        Payee payee, BillingMonth month, int line, string outcome, string by, Instant now) =>
        !payee.Disputes.ContainsKey((month, line)) ? new Refusal(
            "statement/not-disputed", $"Line {line} of the statement of {month} is not disputed.")
        : Text.IsBlank(outcome) ? new Refusal(
            "statement/no-reason", "Say how it was resolved. Add '--because \"…\"'.")
        : [new PayeeEvent.Resolved(month, line, outcome, by, now)];

    /// <summary>What of everything that is owed is disputed: it waits, the rest is paid.</summary>
    /// <param name="totals">What the statement of a month comes to.</param>
    public Money Held(Func<BillingMonth, Money> totals) => Money.Sum(
        Disputes.Values.GroupBy(one => one.Month).Select(of => Money.Min(
            Money.Max(totals(of.Key), Money.Zero), Money.Sum(of.Select(one => one.Holds)))));

    /// <summary>Notes money that went to the payee. The same reference counts once.</summary>
    /// <param name="open">What it is owed.</param>
    /// <param name="totals">What the statement of a month comes to.</param>
    public static Decision<PayeeEvent> Pay(
        Payee payee, PayeeEvent.PaidOut payout, Money open, Func<BillingMonth, Money> totals) =>
        payee.Paid.TryGetValue(payout.Reference, out var before) ? before.Amount == payout.Amount ? [] : new Refusal(
            "payout/differs",
            $"Payout '{payout.Reference}' was recorded with {before.Amount}, now it is {payout.Amount}. Use another " +
            "reference.")
        : payout.Amount <= Money.Zero || payout.Amount > open ? new Refusal(
            "payout/too-much", $"{payout.Amount} is not within the {open} that is owed.")
        : Money.Min(open - payee.Held(totals), payee.LeftOf(payout.Month, totals)) is var free && payout.Amount > free
            ? new Refusal(
                "statement/disputed",
                $"Lines are disputed, so {Money.Max(free, Money.Zero)} can be paid now. Resolve the dispute before " +
                "the rest is paid.")
        : [payout];

    /// <summary>What can be paid of a statement that is disputed; anything of one that is not.</summary>
    private Money LeftOf(BillingMonth? statement, Func<BillingMonth, Money> totals) =>
        statement is not { } month || !IsDisputed(month) ? PayeeEvent.Everything
            : totals(month) - Money.Min(
                Money.Max(totals(month), Money.Zero),
                Money.Sum(Disputes.Values.Where(one => one.Month == month).Select(one => one.Holds))) -
                Money.Sum(Paid.Values.Where(paid => paid.Month == month).Select(paid => paid.Amount));

    private static Payee Evolve(Payee payee, PayeeEvent happened) => happened switch
    {
        PayeeEvent.Accepted e => payee with { Accepted = payee.Accepted.Add(e.Month) },
        PayeeEvent.Disputed e => payee with
        {
            Accepted = payee.Accepted.Remove(e.Month),
            Disputes = payee.Disputes.Add((e.Month, e.Line), e),
        },
        PayeeEvent.Resolved e => payee with
        {
            Disputes = payee.Disputes.Remove((e.Month, e.Line)),
            Resolved = payee.Resolved.Add((payee.Disputes[(e.Month, e.Line)], e)),
        },
        PayeeEvent.PaidOut e => payee with { Paid = payee.Paid.Add(e.Reference, e) },
        _ => throw new CorruptStreamException(payee, happened),
    };
}
