using System.Text;
using Exchange.Invoicing;
using Exchange.Invoicing.Accounts;
using Exchange.Metering.Csv;
using Exchange.Portal.Web;

namespace Exchange.Portal.Api;

/// <summary>A statement of account as PDF and CSV: the same rows as its page.</summary>
internal static class StatementFiles
{
    private static readonly string[] Columns = ["day", "document", "what", "amount", "balance"];

    public static IResult Pdf(AccountStatement statement)
    {
        var title = $"Statement of account: {statement.Account}, {AsOf.Text(statement.From)} to " +
            AsOf.Text(statement.Last);
        return Results.File(
            TablePdf.Draw(title, $"{AsOf.Text(statement.Until)}T00:00:00Z", Columns,
            [
                [AsOf.Text(statement.From), "", "Opening balance", "", Plain(statement.Opening)],
                .. statement.Lines.Select(Cells),
                [AsOf.Text(statement.Last), "", "Closing balance", "", Plain(statement.Closing)],
            ]), "application/pdf", $"{NameOf(statement)}.pdf");
    }

    public static IResult Csv(AccountStatement statement)
    {
        var text = new StringBuilder(CsvWriter.Row(Columns, exact: false, end: "\n"));
        foreach (var line in statement.Lines)
        {
            text.Append(CsvWriter.Row(Cells(line), exact: false, end: "\n"));
        }

        return Results.File(
            Encoding.UTF8.GetBytes(text.ToString()), "text/csv; charset=utf-8", $"{NameOf(statement)}.csv");
    }

    private static string?[] Cells(StatementLine line) =>
        [AsOf.Text(line.Day), line.Document, line.What, Plain(line.Amount), Plain(line.Balance)];

    private static string Plain(Money money) => Exchange.Text.Of(money.Amount);

    private static string NameOf(AccountStatement statement) => Invoicing.Exports.ReportFile.Safe(
        $"statement {statement.Account.Name} {AsOf.Text(statement.Last)}");
}
