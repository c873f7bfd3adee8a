using Exchange.Invoicing.Reading;

namespace Exchange.Portal.Costs.Changes;

/// <summary>
/// Why a landlord's settlement is not what it was: what was sold, and what of it goes to the exchange, to owners of
/// hardware and to other landlords.
/// </summary>
internal static class SettlementChange
{
    /// <returns>Null while a month of one of the periods is not settled.</returns>
    public static async Task<CostChange?> Of(
        View view, LandlordId landlord, CostChange sold, CancellationToken ct)
    {
        var settled = (await SettlementList.Run(await view.Connection(ct), new(Landlord: landlord), ct))
            .ToDictionary(row => row.Month);
        if (In(sold.Earlier) is not { } before || In(sold.Later) is not { } after)
        {
            return null;
        }

        return CostChange.Of(
            (sold.Earlier, Sum(before, row => row.Payable)), (sold.Later, Sum(after, row => row.Payable)),
            [
                .. Sum(after, row => row.Gross) - Sum(before, row => row.Gross) == sold.After - sold.Before
                    ? sold.Steps : [Step(ChangeCause.Usage, "revenue", row => row.Gross)],
                Step(ChangeCause.Share, "share of the exchange", row => -row.Share),
                Step(ChangeCause.Hardware, "owners of hardware", row => -row.Hardware),
                Step(ChangeCause.Transfers, "other landlords", row => row.Transfers),
            ]);

        ChangeStep Step(ChangeCause cause, string what, Func<SettlementRow, Money> of)
        {
            var change = Sum(after, of) - Sum(before, of);
            return new(cause, change, change.IsZero ? [] : [new(what, change)]);
        }

        List<SettlementRow>? In(CostRange range) =>
            range.Parts().All(part => part.IsWhole && settled.ContainsKey(part.Month))
                ? [.. range.Parts().Select(part => settled[part.Month])] : null;

        static Money Sum(IEnumerable<SettlementRow> rows, Func<SettlementRow, Money> of) => Money.Sum(rows.Select(of));
    }
}
