using System.Collections.Immutable;
using Exchange.Invoicing.Funds;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>The money of programmes while a close is worked out.</summary>
internal sealed class Spending(CloseInputs inputs, Instant now)
{
    private readonly Dictionary<string, List<FundEvent>> _events = [];
    private readonly List<PrepaidEvent.Used> _prepaid = [];
    private ImmutableArray<FundOf> _funds =
        [.. inputs.Funds.OrderBy(f => f.Programme.Order).ThenBy(f => f.Programme.Id, StringComparer.Ordinal)];

    public WhoIsNew New { get; } = new(inputs);
    public IReadOnlyList<FundOf> Funds => _funds;
    public PrepaidGroups Groups { get; private set; } = inputs.Prepaid;
    public IReadOnlyList<PrepaidEvent.Used> Prepaid => _prepaid;

    public IReadOnlyDictionary<string, IReadOnlyList<FundEvent>> Events =>
        _events.Where(of => of.Value.Count > 0).ToImmutableSortedDictionary(
            of => of.Key, of => (IReadOnlyList<FundEvent>)of.Value, StringComparer.Ordinal);

    /// <summary>What became of each fund by this close.</summary>
    public IReadOnlyList<FundOf> Left() =>
    [
        .. inputs.Funds.Select(of => of with
        {
            Fund = _events.GetValueOrDefault(of.Programme.Id, []).Aggregate(of.Fund, Fund.Fold.Evolve),
        }),
    ];

    /// <summary>
    /// Whoever has nothing that stands billed is new, in the first month in which there is usage; what was granted with
    /// a month that turned out to be none of theirs is of the first that is.
    /// </summary>
    /// <param name="held">Accounts that the close leaves out: they get nothing yet.</param>
    public void GrantToNewPis(IReadOnlySet<Account> held)
    {
        foreach (var of in _funds)
        {
            foreach (var granted in New.Misplaced(of, now).Where(one => !held.Contains(new(one.Pi))).ToList())
            {
                Add(of.Programme.Id, granted);
            }
        }

        foreach (var newcomer in New.Newcomers().Where(one => !held.Contains(new(one.Pi))))
        {
            foreach (var of in _funds)
            {
                if (Entitlement.Grant(of, New.Billed, newcomer, inputs.Institutions, now) is { } granted)
                {
                    Add(of.Programme.Id, granted);
                }
            }
        }
    }

    /// <summary>Notes what the lines just billed took from each programme.</summary>
    public void Note(Account account, BillingMonth month, IReadOnlyList<InvoiceLine> due)
    {
        if (account.Pi is not { } pi)
        {
            return;
        }

        foreach (var of in due.SelectMany(line => line.Funds).GroupBy(share => share.Fund))
        {
            var used = Money.Sum(of.Select(share => share.Amount));
            if (used.IsZero)
            {
                continue;
            }

            if (of.First().Group is { } group)
            {
                var happened = new PrepaidEvent.Used(group, pi, month, inputs.Month, used, now);
                _prepaid.Add(happened);
                Groups = PrepaidGroups.Fold.Evolve(Groups, happened);
            }
            else
            {
                Add(of.Key, new FundEvent.Used(pi, month, inputs.Month, used, now));
            }
        }
    }

    private void Add(string programme, FundEvent happened)
    {
        if (!_events.TryGetValue(programme, out var events))
        {
            _events[programme] = events = [];
        }

        events.Add(happened);
        _funds = [.. _funds.Select(f => f.Programme.Id == programme
            ? f with { Fund = Fund.Fold.Evolve(f.Fund, happened) }
            : f)];
    }
}
