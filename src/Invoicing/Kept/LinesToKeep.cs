using Exchange.Invoicing.Closing;
using Exchange.Rating;

namespace Exchange.Invoicing.Kept;

/// <summary>Puts together what is kept of each line of a close: charge, owner, funds and causes.</summary>
internal static class LinesToKeep
{
    public static IEnumerable<KeptLine> Of(
        ClosePlan plan, CloseInputs inputs, Func<string, PublishedSheet?> sheet,
        Func<string, int, IReadOnlyList<Cause>> causes)
    {
        var charges = inputs.Rated.SelectMany(rated => rated.Charges.Select(owned => (rated.Month, owned)))
            .ToDictionary(of => (of.Month, of.owned.Account, of.owned.AsLine().ChargeId), of => of.owned);
        foreach (var draft in plan.Drafts)
        {
            var account = new Account(draft.Pi);
            foreach (var (line, i) in draft.Lines.Select((line, i) => (line, i)))
            {
                var month = line.ServiceMonth(draft.Month);
                yield return new(ClosePlan.IdOf(draft), i + 1, account, line)
                {
                    Charge = charges.TryGetValue((month, account, line.ChargeId), out var owned)
                        ? Kept(owned, sheet(owned.Charge.Sheet))
                        : null,
                    Funds = [.. plan.Notes.About(month, account, line.ChargeId)],
                    Before = line.Adjusts is null ? null : Money.Sum(inputs.Billed(month)[account]
                        .Where(billed => billed.ChargeId == line.ChargeId).Select(billed => billed.Amount)),
                    Causes = line.Adjusts is null ? [] : [.. causes(ClosePlan.IdOf(draft), i + 1)],
                };
            }
        }
    }

    private static KeptCharge Kept(OwnedCharge owned, PublishedSheet? sheet) => new(
        owned.Charge.LineId, owned.Charge.Quantity, owned.Charge.Amount, owned.Charge.Policies, sheet?.Sha256 ?? "",
        owned.Owner.Pi, owned.Owner.Institution, owned.Owner.Code);
}
