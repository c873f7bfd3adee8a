using Exchange.Portal.Web;

namespace Exchange.Portal.Pages;

/// <summary>What a plan comes to after funds: who pays what of it.</summary>
internal static class FundsBox
{
    /// <param name="of">Whose plan it is: 'nerc, stack'.</param>
    /// <returns>Null where no project is named.</returns>
    public static ITable? Of(string of, PlanAfterFunds? after) => after is null ? null
        : new TableOf<(string What, string Payer, Money Amount)>($"Who would pay, {of}", Rows(after),
        [
            Column<(string What, string Payer, Money Amount)>.Words("What", row => row.What),
            Column<(string What, string Payer, Money Amount)>.Words("Payer", row => row.Payer),
            Column<(string What, string Payer, Money Amount)>.Amount("Amount", row => row.Amount),
        ], "")
        {
            Totals = Table.Foot("At list, before funds", 2, after.Amount),
        };

    private static List<(string What, string Payer, Money Amount)> Rows(PlanAfterFunds after) =>
    [
        .. after.Funds.Select(fund => (fund.Fund, fund.Payer, fund.Amount)),
        .. after.Left.Select(left => ("After funds", left.Payer ?? "nobody who is known", left.Amount)),
        .. after.NotBilled.IsZero ? [] : new[] { ("Not billed", "nobody", after.NotBilled) },
    ];
}
