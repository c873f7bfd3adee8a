using Exchange.Invoicing.Payouts;
using Exchange.Portal.Web;

namespace Exchange.Portal.Pages;

/// <summary>What a statement is made of, what of it was disputed, and what came of that.</summary>
internal static class StatementTables
{
    public static TableOf<PayeeEvent.Disputed> Disputed(IReadOnlyCollection<PayeeEvent.Disputed> disputes) => new(
        "Disputes", disputes,
        [
            Column<PayeeEvent.Disputed>.Words("Line", d => d.Line == 0 ? "all" : $"{d.Line}"),
            Column<PayeeEvent.Disputed>.Words("Description", d => d.What),
            Column<PayeeEvent.Disputed>.Words("Reason", d => d.Reason),
            Column<PayeeEvent.Disputed>.Words("By", d => d.By),
        ], "");

    public static TableOf<(PayeeEvent.Disputed Dispute, PayeeEvent.Resolved Outcome)> Resolved(
        IReadOnlyCollection<(PayeeEvent.Disputed Dispute, PayeeEvent.Resolved Outcome)> resolved) => new(
            "Resolved disputes", resolved,
            [
                Column<(PayeeEvent.Disputed Dispute, PayeeEvent.Resolved Outcome)>.Words(
                    "Line", r => r.Dispute.Line == 0 ? "all" : $"{r.Dispute.Line}"),
                Column<(PayeeEvent.Disputed Dispute, PayeeEvent.Resolved Outcome)>.Words(
                    "Reason", r => r.Dispute.Reason),
                Column<(PayeeEvent.Disputed Dispute, PayeeEvent.Resolved Outcome)>.Words(
                    "Outcome", r => r.Outcome.Outcome),
            ], "");

    public static Listing<PayeeLine> Lines(PayeeStatement statement) => new(
        "lines", "Line items", statement.Lines,
        [
            Column<PayeeLine>.Number("Line", l => (decimal)l.Number),
            Column<PayeeLine>.Words("Description", l => l.What),
            Column<PayeeLine>.Month("Month", l => l.Month),
            Column<PayeeLine>.Number(
                "Quantity", l => l.Quantity is { } quantity ? Show.Usage(quantity) : "",
                l => l.Quantity is { IsMoney: false } quantity ? quantity.Amount : null),
            Column<PayeeLine>.Amount("Amount", l => l.Amount),
        ], "It has no lines.")
    {
        Foot = Table.Foot("Total", 4, statement.Total),
    };
}
