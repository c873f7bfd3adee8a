using System.Collections.Immutable;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Parties;
using Exchange.Invoicing.Settlements;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// Works out what closing a month writes: a pure function. Each closed month is worked out again as a whole, and what
/// differs from what was billed of it becomes adjustments; then the month itself is billed.
/// </summary>
public static class PlanClose
{
    public static ClosePlan Run(CloseInputs inputs, IReadOnlyList<Check> checks, Instant now)
    {
        var spending = new Spending(inputs, now);
        spending.GrantToNewPis();
        var lines = new Dictionary<Account, List<InvoiceLine>>();
        foreach (var rated in inputs.Rated)
        {
            BillMonth(rated, inputs, spending, lines);
        }

        var parked = Parking.Of(inputs, lines);
        foreach (var account in parked.Select(one => one.Account))
        {
            lines.Remove(account);
            spending.Forget(account);
        }

        var institutions = inputs.Rated.SelectMany(rated => rated.Charges).GroupBy(owned => owned.Account)
            .ToDictionary(of => of.Key, of => of.Last().Owner.Institution);
        var names = new NamesOnPaper(inputs);
        InvoiceEvent.Drafted[] drafts =
        [
            .. lines.Where(of => of.Value.Count > 0).OrderBy(of => of.Key.Name, StringComparer.Ordinal)
                .Select(of => new InvoiceEvent.Drafted(
                    inputs.Month, of.Key.Pi, InstitutionOf(inputs, institutions, of.Key), [.. of.Value], now)
                {
                    PiName = names.Of(of.Key),
                    Titles = names.Of(of.Value),
                }),
        ];
        var settlements = Settle.Run(inputs.Month, drafts.SelectMany(draft => draft.Lines), inputs.Landlords, now);
        var plan = new ClosePlan(
            inputs.Month, inputs.Policies, drafts, spending.Events, settlements,
            [.. drafts.Select(draft => Entry.OfInvoice(ClosePlan.StreamOf(draft), draft, now)),
                .. settlements.Select(s => Entry.OfSettlement(
                    s.Landlord, s.Month, $"The exchange's share of {s.Month}", s.Share, s.Hardware, now))
                    .Where(entry => entry.Postings.Length > 0)],
            [.. checks, .. parked.Select(Parking.CheckOf)])
        {
            Prepaid = spending.Prepaid,
            Parties = PlanParties.Run(inputs, drafts, spending.Left(), spending.GroupsLeft()),
        };
        Conserve(inputs, plan, [.. parked.Select(one => one.Account)]);
        return plan;
    }

    private static void BillMonth(
        MonthCharges rated, CloseInputs inputs, Spending spending, Dictionary<Account, List<InvoiceLine>> lines)
    {
        var isClosed = rated.Month != inputs.Month;
        var charges = rated.Charges.ToLookup(owned => owned.Account);
        var billed = isClosed
            ? inputs.Billed(rated.Month)
            : Enumerable.Empty<InvoiceLine>().ToLookup(_ => default(Account));
        var accounts = charges.Select(of => of.Key).Union(billed.Select(of => of.Key))
            .OrderBy(account => account.Name, StringComparer.Ordinal);
        var prepaid = ApplyFunds.Prepaid.Of(spending.Groups, rated.Month);
        foreach (var account in accounts)
        {
            var now = ApplyFunds.Run(
                rated.Month, [.. charges[account]], spending.Funds, inputs.Institutions, prepaid);
            IReadOnlyList<InvoiceLine> due = isClosed ? [.. Adjust.Run(rated.Month, now, billed[account])] : now;
            if (!lines.TryGetValue(account, out var all))
            {
                lines[account] = all = [];
            }

            all.AddRange(due);
            spending.Note(account, rated.Month, due);
        }
    }

    private static string? InstitutionOf(
        CloseInputs inputs, Dictionary<Account, string?> institutions, Account account) =>
        institutions.TryGetValue(account, out var told) ? told
            : account.Pi is { } pi ? inputs.Institutions.OfAddress(pi.Value)?.Name : null;

    /// <summary>What was charged is what is owed is what is settled, to the cent; else our own code is wrong.</summary>
    private static void Conserve(CloseInputs inputs, ClosePlan plan, HashSet<Account> parked)
    {
        var rated = Money.Sum(inputs.Rated[^1].Charges
            .Where(owned => !parked.Contains(owned.Account)).Select(owned => owned.Charge.Amount));
        var lines = plan.Drafts.SelectMany(draft => draft.Lines).ToList();
        var charged = Money.Sum(lines.Where(line => line.Adjusts is null).Select(line => line.Amount));
        var owed = Money.Sum(lines.SelectMany(
            line => line.Funds.Select(fund => fund.Amount).Append(line.PiBalance)));
        var settled = Money.Sum(plan.Settlements.Select(
            s => s.Payable + s.Share + Money.Sum(s.Hardware.Select(due => due.Amount))));
        if (charged != rated || owed != plan.Total || settled != plan.Total)
        {
            throw new InvalidOperationException(
                $"{plan.Month} does not add up: charged {rated}, billed {charged}; with adjustments " +
                $"{plan.Total}, of which {owed} is owed and {settled} is settled.");
        }
    }

    /// <summary>The money of programmes while a close is worked out.</summary>
    private sealed class Spending(CloseInputs inputs, Instant now)
    {
        private readonly Dictionary<string, List<FundEvent>> _events = [];
        private readonly List<PrepaidEvent.Used> _prepaid = [];
        private ImmutableArray<FundOf> _funds =
            [.. inputs.Funds.OrderBy(f => f.Programme.Order).ThenBy(f => f.Programme.Id, StringComparer.Ordinal)];

        public IReadOnlyList<FundOf> Funds => _funds;
        public PrepaidGroups Groups { get; private set; } = inputs.Prepaid;
        public IReadOnlyList<PrepaidEvent.Used> Prepaid => _prepaid;

        public IReadOnlyDictionary<string, IReadOnlyList<FundEvent>> Events =>
            _events.Where(of => of.Value.Count > 0).ToImmutableSortedDictionary(
                of => of.Key, of => (IReadOnlyList<FundEvent>)of.Value, StringComparer.Ordinal);

        /// <summary>What became of each fund by this close; accounts that were left out spent nothing.</summary>
        public IReadOnlyList<FundOf> Left() =>
        [
            .. inputs.Funds.Select(of => of with
            {
                Fund = _events.GetValueOrDefault(of.Programme.Id, []).Aggregate(of.Fund, Fund.Fold.Evolve),
            }),
        ];

        public PrepaidGroups GroupsLeft() =>
            _prepaid.Aggregate(inputs.Prepaid, (all, used) => PrepaidGroups.Fold.Evolve(all, used));

        /// <summary>Whoever was never billed before is new, in the first month in which there is usage.</summary>
        public void GrantToNewPis()
        {
            var known = inputs.Months.FirstBilled();
            foreach (var (pi, first, institution) in Newcomers(known))
            {
                foreach (var (programme, fund) in _funds.Where(f => f.Programme.Kind == ProgrammeKind.Promotion))
                {
                    if (programme.InForce && !fund.Grants.ContainsKey(pi) &&
                        programme.At(first) is { Amount: { } amount } terms &&
                        terms.IsEligible(inputs.Institutions.Named(institution), first))
                    {
                        Add(programme.Id, new FundEvent.Granted(pi, first, amount, now));
                    }
                }
            }
        }

        /// <summary>Takes back what a close meant to do with the money for one account.</summary>
        public void Forget(Account account)
        {
            _prepaid.RemoveAll(used => new Account(used.Pi) == account);
            foreach (var events in _events.Values)
            {
                events.RemoveAll(happened => new Account(happened switch
                {
                    FundEvent.Granted e => e.Pi,
                    FundEvent.Used e => e.Pi,
                    _ => null,
                }) == account);
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

        private IEnumerable<(PiId Pi, BillingMonth First, string? Institution)> Newcomers(
            ImmutableDictionary<PiId, BillingMonth> known) =>
            from rated in inputs.Rated
            from owned in rated.Charges
            where owned.Owner.Pi is { } pi && !known.ContainsKey(pi)
            group (rated.Month, owned.Owner.Institution) by owned.Owner.Pi!.Value into of
            orderby of.Key.Value
            let first = of.MinBy(one => one.Month)
            select (of.Key, first.Month, first.Institution);

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
}
