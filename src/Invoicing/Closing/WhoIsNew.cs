using System.Collections.Immutable;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// Who is new, by what stands: an invoice that was taken back and not issued again, and usage that turned out to be
/// somebody else's, were billed to nobody. Of months that are looked at again the charges of now say whose usage there
/// is; of all others what closes billed.
/// </summary>
internal sealed class WhoIsNew
{
    private readonly CloseInputs _inputs;
    private readonly Dictionary<BillingMonth, HashSet<PiId>> _users;

    public WhoIsNew(CloseInputs inputs)
    {
        _inputs = inputs;
        _users = inputs.Rated.Where(rated => !rated.IsAsBilled).GroupBy(rated => rated.Month).ToDictionary(
            same => same.Key,
            same => same.SelectMany(rated => rated.Charges).Select(owned => owned.Owner.Pi).OfType<PiId>().ToHashSet());
        Billed = inputs.FirstBilled((pi, month) => !_users.TryGetValue(month, out var users) ||
            (users.Contains(pi) && inputs.Billed(month)[new(pi)].Any()));
    }

    /// <summary>For whom something stands that was billed before, with the first month.</summary>
    public ImmutableDictionary<PiId, BillingMonth> Billed { get; }

    /// <summary>Those for whom nothing stands yet, with the first month in which there is usage.</summary>
    public IEnumerable<Newcomer> Newcomers() =>
        from rated in _inputs.Rated
        from owned in rated.Charges
        where owned.Owner.Pi is { } pi && !Billed.ContainsKey(pi)
        group (owned.Charge.Period.Start, rated.Month, owned.Owner.Institution) by owned.Owner.Pi!.Value into of
        orderby of.Key.Value
        let first = of.MinBy(one => (one.Month, one.Start))
        select new Newcomer(of.Key, first.Month, first.Institution);

    /// <summary>
    /// Grants of a month in which somebody turned out to have used nothing, who was billed for later months: they are
    /// of the first of those.
    /// </summary>
    public IEnumerable<FundEvent.Granted> Misplaced(FundOf of, Instant now) =>
        of.Programme is not { Kind: ProgrammeKind.Promotion, InForce: true } ? [] :
            from grant in of.Fund.Grants.Values
            orderby grant.Pi.Value
            where _inputs.Months.IsClosed(grant.Month) && !_inputs.BilledBefore.ContainsKey(grant.Pi) &&
                _inputs.Concerned?.Contains(new(grant.Pi)) != false &&
                _users.TryGetValue(grant.Month, out var users) && !users.Contains(grant.Pi)
            let first = FirstOf(grant.Pi) ?? grant.Month
            where first != grant.Month
            let amount = of.Programme.At(first)?.Amount
            where amount is not null
            select new FundEvent.Granted(grant.Pi, first, amount.Value, now);

    /// <summary>What stands since this close, where that is not what closes say by themselves.</summary>
    /// <param name="held">Accounts that the close leaves out.</param>
    /// <param name="billed">Whoever it bills something.</param>
    public StandingUse? After(IReadOnlySet<Account> held, IEnumerable<PiId> billed)
    {
        var (month, raw, personOf) = (_inputs.Month, _inputs.Addressed ?? _inputs.Months, _inputs.PersonOf);
        var (came, gone) = (new List<UseOf>(), new List<UseOf>());
        foreach (var (looked, users) in _users.Where(of => of.Key != month).OrderBy(of => of.Key))
        {
            var known = raw.BilledIn(looked).ToList();
            var people = known.Select(personOf).ToHashSet();
            gone.AddRange(known.Where(pi => !users.Contains(personOf(pi)) && !held.Contains(new(personOf(pi))))
                .Select(pi => new UseOf(pi, looked)));
            came.AddRange(users.Where(pi => !people.Contains(pi) && !held.Contains(new(pi)))
                .Select(pi => new UseOf(pi, looked)));
        }

        gone.AddRange(billed.Where(pi => !_users[month].Contains(pi)).Select(pi => new UseOf(pi, month)));
        return came.Count + gone.Count == 0 ? null : new(InOrder(came), InOrder(gone));
    }

    private BillingMonth? FirstOf(PiId pi)
    {
        var used = _users.Where(of => of.Value.Contains(pi)).Select(of => (BillingMonth?)of.Key).Min();
        return Billed.TryGetValue(pi, out var billed) && !(used < billed) ? billed : used;
    }

    private static ImmutableArray<UseOf> InOrder(IEnumerable<UseOf> uses) =>
        [.. uses.OrderBy(use => use.Month).ThenBy(use => use.Pi.Value, StringComparer.Ordinal)];
}
