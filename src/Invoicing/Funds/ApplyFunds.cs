using Exchange.Invoicing.Closing;
using Exchange.Rating;

namespace Exchange.Invoicing.Funds;

/// <summary>A programme and what became of its money.</summary>
public sealed record FundOf(Programme Programme, Fund Fund);

/// <summary>
/// What funds pay of a PI's charges of one month, worked out as a whole: programmes in their order, each over the
/// lines that it may pay, in the order of the charges.
/// </summary>
public static class ApplyFunds
{
    /// <summary>What prepaid groups can still pay of the month; it gets less with every line that they pay.</summary>
    public sealed record Prepaid(PrepaidGroups All, Dictionary<string, Money> Left)
    {
        public static Prepaid Of(PrepaidGroups all, BillingMonth month) => new(all, all.Groups.Values
            .ToDictionary(group => group.Name, group => group.Available(month), StringComparer.Ordinal));
    }

    /// <param name="charges">All charges of the PI in the month, in the order of rating.</param>
    public static IReadOnlyList<InvoiceLine> Run(
        BillingMonth month, IReadOnlyList<OwnedCharge> charges, IReadOnlyList<FundOf> funds, Institutions institutions,
        Prepaid? prepaid = null)
    {
        var lines = charges.Select(LineOf).ToArray();
        if (charges is not [{ Owner: { Pi: { } pi, Institution: var institution } }, ..])
        {
            return lines;
        }

        foreach (var (programme, fund) in funds)
        {
            if (programme is { Kind: ProgrammeKind.FreeSku, InForce: true })
            {
                Free(programme, fund, pi, month, lines);
                continue;
            }

            var available = fund.Available(programme, pi, institution, month, institutions);
            if (available > Money.Zero)
            {
                Pay(programme, TermsOf(programme, fund, pi, month), available, lines);
            }
        }

        foreach (var group in prepaid?.All.Groups.Values ?? [])
        {
            Pay(group, prepaid!.Left, month, lines);
        }

        return lines;
    }

    /// <summary>Prepaid money comes last: it pays what credits and subsidies left.</summary>
    private static void Pay(
        PrepaidGroup group, Dictionary<string, Money> left, BillingMonth month, InvoiceLine[] lines)
    {
        for (var i = 0; i < lines.Length && left[group.Name] > Money.Zero; i++)
        {
            var paid = Money.Min(lines[i].PiBalance, left[group.Name]);
            if (paid > Money.Zero && group.Covers(lines[i], month))
            {
                lines[i] = lines[i] with { Funds = lines[i].Funds.Add(FundShare.OfGroup(group.Name, paid)) };
                left[group.Name] -= paid;
            }
        }
    }

    private static void Free(Programme programme, Fund fund, PiId pi, BillingMonth month, InvoiceLine[] lines)
    {
        for (var i = 0; i < lines.Length && programme.At(month) is not null; i++)
        {
            if (!lines[i].PiBalance.IsZero && fund.IsFree(pi, lines[i].Sku, month))
            {
                lines[i] = lines[i] with
                {
                    Funds = lines[i].Funds.Add(new(programme.Id, programme.Payer, lines[i].PiBalance, false)),
                };
            }
        }
    }

    private static void Pay(Programme programme, ProgrammeTerms terms, Money available, InvoiceLine[] lines)
    {
        var payable = Enumerable.Range(0, lines.Length).Where(i => !terms.Excludes(lines[i].Sku)).ToArray();
        var owed = payable.Select(i => lines[i].PiBalance).ToArray();
        var spread = terms.Share == ProgrammeShare.InOrder
            ? Spread.InOrder(available, owed)
            : Spread.ProRata(available, owed);
        foreach (var (i, paid) in payable.Zip(spread.Paid))
        {
            if (paid is { IsZero: false } amount)
            {
                lines[i] = lines[i] with
                {
                    Funds = lines[i].Funds.Add(new(
                        programme.Id, programme.Payer, amount, programme.Kind == ProgrammeKind.Subsidy)),
                };
            }
        }
    }

    private static ProgrammeTerms TermsOf(Programme programme, Fund fund, PiId pi, BillingMonth month) =>
        programme.At(programme.Kind == ProgrammeKind.Promotion ? fund.Grants[pi].Month : month)!;

    private static InvoiceLine LineOf(OwnedCharge owned) => new()
    {
        ChargeId = owned.Charge.Id,
        ServicePeriod = owned.Charge.Period,
        Landlord = owned.Charge.Landlord,
        Service = owned.Charge.Service,
        Cluster = owned.Charge.Cluster,
        Project = owned.Charge.Project,
        ProjectName = owned.Owner.Name,
        Sku = owned.Charge.Sku,
        Quantity = owned.Charge.Quantity,
        Rate = owned.Charge.Rate,
        Amount = owned.Charge.Amount,
        Sheet = owned.Charge.Sheet,
        Avoided = owned.Charge.Avoided,
    };
}
