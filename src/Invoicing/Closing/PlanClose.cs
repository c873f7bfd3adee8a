using System.Collections.Immutable;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Settlements;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// Works out what closing a month writes: a pure function. Each closed month to which something came is worked out
/// again, and what differs from what was billed of it becomes adjustments; then the month itself is billed. Who is left
/// out of the close is known before any fund pays.
/// </summary>
public static class PlanClose
{
    public static ClosePlan Run(CloseInputs inputs, IReadOnlyList<Check> checks, Instant now)
    {
        (inputs, var late, var decisions) = HardClose.LeaveOut(inputs);
        var (parked, rest) = Held(inputs);
        var held = parked.Select(one => one.Account).ToHashSet();
        var spending = new Spending(inputs, now);
        var notes = new FundNotes();
        var lines = Bill(inputs, held, spending, notes);
        var drafts = new DraftInvoices(inputs, now).Of(lines);
        var settlements = Settle.Run(inputs.Month, drafts.SelectMany(draft => draft.Lines), inputs.Landlords, now);
        var plan = new ClosePlan(
            inputs.Month, inputs.Policies, drafts, spending.Events, settlements,
            [.. drafts.Select(draft => Entry.OfInvoice(ClosePlan.StreamOf(draft), draft, now)),
                .. settlements.Select(s => Entry.OfSettlement(
                    s.Landlord, s.Month, $"The exchange's share of {s.Month}",
                    new(s.Share, s.Hardware, s.Transfers), now))
                    .Where(entry => entry.Postings.Length > 0)],
            [.. checks, .. decisions, .. parked.Select(BillingHolds.CheckOf)])
        {
            Prepaid = spending.Prepaid,
            Parties = PlanParties.Run(inputs, drafts, spending.Left(), spending.Groups),
            Notes = notes,
            Rest = [.. rest.Union(late.Where(of => of.IsBilled is null).Select(of => of.Month)).Order()],
            Late = late,
            Standing = spending.New.After(held, drafts.Select(draft => draft.Pi).OfType<PiId>().Distinct()),
        };
        Conserve(inputs, plan, held);
        return plan;
    }

    /// <summary>What each account is billed, and what funds pay of it.</summary>
    internal static Dictionary<Account, List<InvoiceLine>> Bill(
        CloseInputs inputs, IReadOnlySet<Account> held, Spending spending, FundNotes notes)
    {
        spending.GrantToNewPis(held);
        var lines = new Dictionary<Account, List<InvoiceLine>>();
        foreach (var rated in inputs.Rated)
        {
            BillMonth(new(inputs, rated, held), inputs, spending, lines, notes);
        }

        return lines;
    }

    /// <summary>
    /// Who is left out, and the months of their lines and of what funds pay of them; the lines of everybody else are
    /// let go.
    /// </summary>
    private static (IReadOnlyList<BillingHold> Parked, ImmutableArray<BillingMonth> Months) Held(
        CloseInputs inputs)
    {
        var gross = Due.Gross(inputs);
        var parked = BillingHolds.Of(inputs, gross);
        var held = parked.Select(one => one.Account).ToHashSet();
        var looked = inputs.Rated.Where(rated => held.Count > 0 && !rated.IsAsBilled && rated.Month != inputs.Month &&
            new Due(inputs, rated, new HashSet<Account>()).Accounts.Any(held.Contains));
        return (parked,
        [
            .. gross.Where(of => held.Contains(of.Key)).SelectMany(of => of.Value)
                .Select(line => line.ServiceMonth(inputs.Month))
                .Concat(looked.Select(rated => rated.Month)).Distinct().Order(),
        ]);
    }

    private static void BillMonth(
        Due due, CloseInputs inputs, Spending spending, Dictionary<Account, List<InvoiceLine>> lines, FundNotes notes)
    {
        var prepaid = PrepaidMonth.Of(spending.Groups, due.Month, inputs.Months.SettledAt(due.Month));
        var accounts = due.Accounts.ToList();
        var now = accounts.ToDictionary(account => account, account => due.KeepsFunds
            ? FundsAsBilled.Of(
                due.Month, due.Charges(account), due.Billed(account), spending, notes.Of(due.Month, account))
            : ApplyFunds.Programmes(
                due.Month, due.Charges(account), spending.Funds, inputs.Institutions, notes.Of(due.Month, account)));
        foreach (var account in accounts.Where(_ => !due.KeepsFunds))
        {
            prepaid.Keep(now[account], due.Billed(account), notes.Of(due.Month, account));
        }

        foreach (var account in accounts)
        {
            if (account.Pi is not null && !due.KeepsFunds)
            {
                prepaid.Take(now[account], due.Billed(account), notes.Of(due.Month, account));
            }

            IReadOnlyList<InvoiceLine> owed = due.IsClosed
                ? [.. Adjust.Run(due.Month, now[account], due.Billed(account), inputs.TakersOf(account))]
                : now[account];
            if (!lines.TryGetValue(account, out var all))
            {
                lines[account] = all = [];
            }

            all.AddRange(owed);
            spending.Note(account, due.Month, owed);
        }
    }

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
        var transfers = Money.Sum(plan.Settlements.SelectMany(s => s.Transfers).Select(transfer => transfer.Amount));
        if (charged != rated || owed != plan.Total || settled != plan.Total || !transfers.IsZero)
        {
            throw new InvalidOperationException(
                $"{plan.Month} does not add up: charged {rated}, billed {charged}; with adjustments " +
                $"{plan.Total}, of which {owed} is owed and {settled} is settled.");
        }
    }
}
