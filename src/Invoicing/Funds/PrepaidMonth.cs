using NodaTime;

namespace Exchange.Invoicing.Funds;

/// <summary>
/// What prepaid groups pay of one month. Money that was spent stays where it was spent: a line that did not change
/// keeps what was paid of it, and what changed takes what is left. Nothing that pays for a later month is taken from
/// it.
/// </summary>
public sealed class PrepaidMonth(
    PrepaidGroups groups, BillingMonth month, Dictionary<string, Money> left, Instant? lastClose)
{
    /// <param name="lastClose">When a month was closed last: what was said since then may pay for older usage.</param>
    public static PrepaidMonth Of(PrepaidGroups groups, BillingMonth month, Instant? lastClose) => new(
        groups, month,
        groups.Groups.Values.ToDictionary(group => group.Name, group => group.Left(month), StringComparer.Ordinal),
        lastClose);

    /// <summary>Keeps what groups paid of one account's lines; what they paid too much is theirs again.</summary>
    /// <param name="billed">What was billed of the month to the account so far.</param>
    public void Keep(InvoiceLine[] lines, IReadOnlyCollection<InvoiceLine> billed, Action<string, FundNote>? note)
    {
        var before = PaidBefore(billed);
        for (var i = 0; i < lines.Length; i++)
        {
            if (!before.Remove(lines[i].ChargeId, out var paid))
            {
                continue;
            }

            foreach (var (group, amount) in paid)
            {
                var kept = Money.Min(amount, lines[i].Payable);
                kept = kept < Money.Zero ? Money.Zero : kept;
                left[group] = left.GetValueOrDefault(group) + amount - kept;
                Pay(ref lines[i], FundShare.OfGroup(group, kept), kept, "paid when it was billed", note);
            }
        }

        foreach (var (group, amount) in before.Values.SelectMany(paid => paid))
        {
            left[group] = left.GetValueOrDefault(group) + amount;
        }
    }

    /// <summary>Pays what programmes left of one account's lines that are new or changed.</summary>
    public void Take(InvoiceLine[] lines, IReadOnlyCollection<InvoiceLine> billed, Action<string, FundNote>? note)
    {
        var before = billed.ToLookup(line => line.ChargeId);
        foreach (var group in groups.Groups.Values)
        {
            for (var i = 0; i < lines.Length && left[group.Name] > Money.Zero; i++)
            {
                var paid = Money.Min(lines[i].Payable, left[group.Name]);
                if (paid > Money.Zero && group.Covers(lines[i], month) &&
                    (HasChanged(lines[i], before[lines[i].ChargeId]) || IsNews(group, lines[i])))
                {
                    var why = $"prepaid money of '{group.Name}', which covers {lines[i].ProjectName} in {month}";
                    Pay(ref lines[i], FundShare.OfGroup(group.Name, paid), left[group.Name], why, note);
                    left[group.Name] -= paid;
                }
            }
        }
    }

    /// <summary>Adds what a group pays to what it pays of the line already.</summary>
    /// <param name="had">What the group had to pay with.</param>
    private static void Pay(
        ref InvoiceLine line, FundShare paid, Money had, string why, Action<string, FundNote>? note)
    {
        if (paid.Amount.IsZero)
        {
            return;
        }

        var already = line.Funds.FirstOrDefault(share => share.Group == paid.Payer);
        var share = FundShare.OfGroup(paid.Payer, paid.Amount + (already?.Amount ?? Money.Zero));
        line = line with
        {
            Funds = already is null ? line.Funds.Add(share) : line.Funds.Replace(already, share),
        };
        note?.Invoke(line.ChargeId, new(share.Fund, paid.Payer, FundNote.Last, why, had, paid.Amount));
    }

    /// <summary>A line is new, or it or what programmes pay of it is not what was billed.</summary>
    private static bool HasChanged(InvoiceLine line, IEnumerable<InvoiceLine> billed)
    {
        var (amount, programmes) = (Money.Zero, Money.Zero);
        var isNew = true;
        foreach (var before in billed)
        {
            isNew = false;
            amount += before.Amount;
            programmes += Programmes(before);
        }

        return isNew || amount != line.Amount || programmes != Programmes(line);
    }

    /// <summary>Whether a group paid in, or took the project on, for this month since the last close.</summary>
    private bool IsNews(PrepaidGroup group, InvoiceLine line) => lastClose is { } last &&
        (group.Payments.Exists(paid => paid.At > last && paid.Month <= month && paid.Amount > Money.Zero) ||
            group.Projects.Exists(covered => covered.At > last && PrepaidGroup.Means(covered.Project, line)));

    private static Money Programmes(InvoiceLine line) =>
        Money.Sum(line.Funds.Where(share => share.Group is null).Select(share => share.Amount));

    private static Dictionary<string, List<(string Group, Money Amount)>> PaidBefore(
        IEnumerable<InvoiceLine> billed) => billed
        .SelectMany(line => line.Funds.Where(share => share.Group is not null).Select(share => (line.ChargeId, share)))
        .GroupBy(pair => pair.ChargeId, StringComparer.Ordinal)
        .ToDictionary(
            of => of.Key,
            of => of.GroupBy(pair => pair.share.Group!, StringComparer.Ordinal)
                .Select(same => (same.Key, Money.Sum(same.Select(pair => pair.share.Amount))))
                .Where(paid => !paid.Item2.IsZero).ToList(), StringComparer.Ordinal);
}
