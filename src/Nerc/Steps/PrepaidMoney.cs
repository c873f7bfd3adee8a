using Exchange.Invoicing.Funds;

namespace Exchange.Nerc.Steps;

/// <summary>Step 10: groups pay for their projects with money paid in before, after credits and subsidies.</summary>
internal static class PrepaidMoney
{
    /// <returns>The debits with those of this month.</returns>
    public static IReadOnlyList<PrepayAmount> Apply(NercSources sources, NercLine[] lines, Fix fixes)
    {
        var (prepay, month) = (sources.Prepay, sources.Month);
        List<PrepayAmount> debits = [.. prepay.Debits];

        // A group that stands there twice keeps its first place and its last contact.
        var groups = new OrderedDictionary<string, PrepayContact>(StringComparer.Ordinal);
        foreach (var contact in prepay.Contacts)
        {
            groups[contact.Group] = contact;
        }

        foreach (var (group, contact) in groups)
        {
            Mark(sources, lines, contact, fixes);
        }

        foreach (var group in groups.Keys)
        {
            var balance = Balance(prepay, group, month);
            var places = Discount.Places(lines, line => line.Group == group);
            var used = Discount.Spread(lines, places, balance, ProgrammeShare.InOrder, fixes, (line, taken) => line with
            {
                Balance = line.Balance - taken,
                GroupUsed = (line.GroupUsed ?? Money.Zero) + taken,
            });
            foreach (var place in places)
            {
                lines[place] = lines[place] with { GroupBalance = balance - used };
            }

            Debit(debits, month.ToString(), group, used, fixes);
        }

        return debits;
    }

    private static void Mark(NercSources sources, NercLine[] lines, PrepayContact contact, Fix fixes)
    {
        var projects = sources.Prepay.Projects
            .Where(one => one.Group == contact.Group && one.IsActive(sources.Month))
            .Select(one => one.Project).ToHashSet(StringComparer.Ordinal);
        if (projects.Count == 0)
        {
            return;
        }

        var institution = sources.Institutions.OfAddress(contact.Email)?.Name;
        for (var i = 0; i < lines.Length; i++)
        {
            if (projects.Contains(lines[i].Project) && (lines[i].IsBillable || !fixes.HasFlag(Fix.PrepayOnlyBilled)))
            {
                lines[i] = lines[i] with
                {
                    Email = contact.Email,
                    Group = contact.Group,
                    GroupInstitution = institution,
                    GroupManaged = contact.IsManaged,
                };
            }
        }
    }

    /// <summary>What was paid in up to this month, less what was used before it.</summary>
    private static Money Balance(Prepayments prepay, string group, BillingMonth month)
    {
        var balance = Money.Sum(prepay.Credits
            .Where(credit => credit.Group == group && Months.Parse(credit.Month) <= month)
            .Select(credit => credit.Amount));
        foreach (var debit in prepay.Debits.Where(one => one.Group == group && Months.Parse(one.Month) < month))
        {
            balance -= debit.Amount;
            if (balance < Money.Zero)
            {
                throw new RefusedException(new(
                    "nerc/prepay-overdrawn",
                    $"Group '{group}' used more than it paid in: after this debit of {debit.Month} its balance is " +
                    $"{balance}. Add the missing credit, or correct the debit.", debit.Where));
            }
        }

        return balance;
    }

    private static void Debit(List<PrepayAmount> debits, string month, string group, Money used, Fix fixes)
    {
        bool IsOurs(PrepayAmount debit) => debit.Month == month && debit.Group == group;
        if (used <= Money.Zero)
        {
            debits.RemoveAll(debit => fixes.HasFlag(Fix.DropStaleDebits) && IsOurs(debit));
        }
        else if (debits.Exists(IsOurs))
        {
            for (var i = 0; i < debits.Count; i++)
            {
                debits[i] = IsOurs(debits[i])
                    ? debits[i] with { Amount = used, Written = Text.Of(used.Amount) }
                    : debits[i];
            }
        }
        else
        {
            debits.Add(new(month, group, used, Text.Of(used.Amount), ""));
        }
    }
}
