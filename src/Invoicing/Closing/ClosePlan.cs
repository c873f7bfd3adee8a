using System.Collections.Immutable;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>Everything that a close depends on, read at one time.</summary>
/// <param name="Accepted">What the closer takes upon themselves, as 'close/parked:ada@bu.edu'.</param>
/// <param name="Rated">The closed months as they stand now, in the order of time, and after them the month
/// itself.</param>
/// <param name="Billed">What was billed of a month so far, by account.</param>
public sealed record CloseInputs(
    BillingMonth Month, string Policies, Months Months, IReadOnlyList<MonthCharges> Rated,
    Func<BillingMonth, ILookup<Account, InvoiceLine>> Billed, IReadOnlyList<FundOf> Funds, Institutions Institutions,
    Landlords Landlords, IReadOnlySet<string> Accepted)
{
    public PrepaidGroups Prepaid { get; init; } = PrepaidGroups.None;

    /// <summary>The void invoice that is issued again, and the close whose settlements its lines belong to; null for
    /// a close.</summary>
    public (string Number, BillingMonth SettledIn)? Reissues { get; init; }

    /// <summary>The customer code of a line that was billed before codes were kept with lines.</summary>
    public Func<InvoiceLine, string?> CodeOf { get; init; } = _ => null;

    /// <summary>
    /// For whom a PI worked when what a line billed them was used, whoever answers for it now; null where that is known
    /// of accounts only.
    /// </summary>
    public Func<PiId, InvoiceLine, string?>? InstitutionOf { get; init; }

    /// <summary>What invoices told payers and groups so far.</summary>
    public IReadOnlyList<(BillTo Party, PartyLine Line)> Stated { get; init; } = [];

    /// <summary>Closed months before this one are closed for good; null where none is.</summary>
    public BillingMonth? HardClosedBefore { get; init; }

    /// <summary>Who was billed before this exchange billed anybody, with the first month.</summary>
    public IReadOnlyDictionary<PiId, BillingMonth> BilledBefore { get; init; } =
        ImmutableDictionary<PiId, BillingMonth>.Empty;

    /// <summary>Who was asked for what was billed to an account; null where nobody else can be.</summary>
    public Takers? TakersOf(Account account) => account.Pi is { } pi && InstitutionOf is { } institutionOf
        ? new(Institutions, Month, pi, institutionOf)
        : null;

    /// <summary>Those whose charges are all here; null for everybody.</summary>
    public IReadOnlySet<Account>? Concerned { get; init; }

    /// <summary>The closed months under the addresses of their time; null where those are the persons.</summary>
    public Months? Addressed { get; init; }

    /// <summary>The person behind an address.</summary>
    public Func<PiId, PiId> PersonOf { get; init; } = pi => pi;

    /// <summary>Everybody for whom something stands that was billed, here or before, with the first month.</summary>
    /// <param name="stands">Whether what was billed here of a month stands still.</param>
    public ImmutableDictionary<PiId, BillingMonth> FirstBilled(Func<PiId, BillingMonth, bool> stands) =>
        Months.FirstBilled(stands).SetItems(BilledBefore);

    /// <summary>The same of what was billed to these accounts alone.</summary>
    public CloseInputs Only(IReadOnlySet<Account> accounts) => this with
    {
        Concerned = accounts,
        Billed = month => Billed(month).Where(of => accounts.Contains(of.Key))
            .SelectMany(of => of.Select(line => (of.Key, line))).ToLookup(of => of.Key, of => of.line),
    };

    /// <summary>The same where everything that an alias was billed, granted or told is the person's.</summary>
    public CloseInputs Following(Func<PiId, PiId> personOf) => this with
    {
        Months = Months.Following(personOf),
        Addressed = Months,
        PersonOf = personOf,
        Billed = month => Billed(month).Following(personOf),
        Funds = [.. Funds.Select(of => of with { Fund = of.Fund.Following(personOf) })],
        Prepaid = Prepaid.Following(personOf),
        BilledBefore = BilledBefore.GroupBy(of => personOf(of.Key)).ToImmutableDictionary(
            of => of.Key, of => of.Min(one => one.Value)),
        Stated = [.. Stated.Select(of => (of.Party, of.Line with { Pi = personOf(of.Line.Pi) }))],
    };
}

/// <summary>Something that closing looks at: whether it stands in the way, what it is, and what to do.</summary>
public sealed record Check(string Code, bool Blocks, string Message)
{
    /// <summary>The word by which a closer takes it upon themselves, as 'close/parked:ada@bu.edu'.</summary>
    public string Accept { get; init; } = Code;

    /// <summary>Whether it stands in the way of whoever accepts these words; its code accepts all like it.</summary>
    public bool Stops(IReadOnlySet<string> accepted) =>
        Blocks && !accepted.Contains(Code) && !accepted.Contains(Accept);
}

/// <summary>What a close would write. Nothing of it is written yet.</summary>
/// <param name="Drafts">By account; the draft of the suspense account is never issued.</param>
/// <param name="Spent">What happens to each programme's money.</param>
public sealed record ClosePlan(
    BillingMonth Month, string Policies, IReadOnlyList<InvoiceEvent.Drafted> Drafts,
    IReadOnlyDictionary<string, IReadOnlyList<FundEvent>> Spent, IReadOnlyList<SettlementEvent.Drawn> Settlements,
    IReadOnlyList<LedgerEvent.Posted> Entries, IReadOnlyList<Check> Checks)
{
    /// <summary>Until when usage of the month counts: its end, once it is over.</summary>
    public Instant AsOf { get; init; }

    /// <summary>What prepaid groups spend.</summary>
    public IReadOnlyList<PrepaidEvent.Used> Prepaid { get; init; } = [];

    /// <summary>What a closer has looked at: a close of anything else has to be looked at again.</summary>
    public string Seen => $"{Policies}:{Drafts.Count}:{Drafts.Sum(draft => draft.Lines.Length)}:{Total}";

    /// <summary>The invoices to institutions, payers and groups.</summary>
    public IReadOnlyList<PartyDraft> Parties { get; init; } = [];

    /// <summary>The months of whoever is left out.</summary>
    public ImmutableArray<BillingMonth> Rest { get; init; } = [];

    /// <summary>What came to months that no close bills by itself.</summary>
    public ImmutableArray<LateMonth> Late { get; init; } = [];

    /// <summary>What corrected terms of closed months change of their settlements.</summary>
    public ImmutableArray<CorrectedTerms> Terms { get; init; } = [];

    /// <summary>Whose usage stands otherwise than who is billed says.</summary>
    public StandingUse? Standing { get; init; }

    /// <summary>Why each fund paid what it does of each charge.</summary>
    public FundNotes Notes { get; init; } = new();

    public Money Total => Money.Sum(Drafts.SelectMany(draft => draft.Lines).Select(line => line.Amount));

    public static string StreamOf(InvoiceEvent.Drafted draft) => Invoice.Fold.StreamOf(IdOf(draft));

    /// <summary>
    /// How the stream of an invoice is called within its category: '2026-10:ada@bu.edu', and where it replaces another
    /// '2026-11:ada@bu.edu~PI-2026-0001'; a second one, which another institution takes, '2026-10:ada@bu.edu+Boston'.
    /// </summary>
    public static string IdOf(InvoiceEvent.Drafted draft) => $"{draft.Month}:{new Account(draft.Pi)}" +
        (draft.Apart is { } apart ? $"+{apart}" : "") + (draft.Replaces is { } replaced ? $"~{replaced}" : "");
}
