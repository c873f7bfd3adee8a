using System.Collections.Immutable;
using Exchange.Invoicing.Funds;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// What the closes to come would bill some accounts, one after the other, each by the rule of the close itself. Nothing
/// is written, and nobody is left out: whom a close parks is billed by a later one.
/// </summary>
public sealed class ComingCloses
{
    private readonly CloseInputs _before;
    private readonly Instant _now;

    /// <param name="before">How things stand; what was billed of each month to these accounts.</param>
    public ComingCloses(CloseInputs before, Instant now) => (_before, _now) = (before, now);

    /// <summary>How the money of programmes stands.</summary>
    public IReadOnlyList<FundOf> Funds => _before.Funds;

    /// <summary>
    /// What a close would bill, and how things stand after it. Accounts of one month may be given one part after the
    /// other, in their order.
    /// </summary>
    /// <param name="rated">
    /// The charges of these accounts as they stand now: of closed months that are to be looked at, in the order of
    /// time, and after them of the month itself.
    /// </param>
    public (ComingCloses After, ILookup<Account, InvoiceLine> Lines) Close(IReadOnlyList<MonthCharges> rated)
    {
        var month = rated[^1].Month;
        var inputs = _before with
        {
            Month = month,
            Rated = [.. rated.Concat(AsTheyWereBilled(month, rated)).OrderBy(one => one.Month)],
        };
        var spending = new Spending(inputs, _now);
        var lines = PlanClose.Bill(inputs, new HashSet<Account>(), spending, new FundNotes());
        return (
            new(
                _before with
                {
                    Funds = [.. spending.Funds],
                    Prepaid = spending.Groups,
                    BilledBefore = lines.Where(of => of.Value.Count > 0).Select(of => of.Key.Pi).OfType<PiId>()
                        .Where(pi => !_before.BilledBefore.ContainsKey(pi))
                        .Aggregate(_before.BilledBefore.ToImmutableDictionary(), (all, pi) => all.Add(pi, month)),
                }, _now),
            lines.SelectMany(of => of.Value.Select(line => (of.Key, line))).ToLookup(of => of.Key, of => of.line));
    }

    private IEnumerable<MonthCharges> AsTheyWereBilled(BillingMonth month, IReadOnlyList<MonthCharges> rated)
    {
        var looked = rated.Where(one => one.Month != month).ToList();
        var accounts = looked.SelectMany(one => Due.Changed(one, _before.Billed(one.Month))).ToHashSet();
        return accounts.Count == 0 ? [] : AsBilled.Later(
            _before.Months, looked, month, _before.Funds.Select(of => of.Programme)).Select(later => AsBilled.Of(
                later.Month, later.Policies, _before.Billed(later.Month), accounts,
                _before.InstitutionOf ?? ((pi, _) => _before.Institutions.OfAddress(pi.Value)?.Name)));
    }
}
