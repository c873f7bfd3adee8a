namespace Exchange.Nerc;

/// <summary>The invoices of PIs: their lines, a row of totals, and a dollar sign before every amount.</summary>
public static class PiInvoices
{
    private static readonly HashSet<string> Totals = new(StringComparer.Ordinal) { "Cost", "Credit", "Balance" };

    private static readonly HashSet<string> Dollars = new(StringComparer.Ordinal)
    {
        "Rate", "Prepaid Group Balance", "Cost", "Prepaid Group Used", "Credit", "Balance",
    };

    public static IReadOnlyList<NercReport> Of(NercOutcome month) =>
    [
        .. month.Lines.Where(line => line is { IsBillable: true, Pi: not null })
            .GroupBy(line => line.Pi!, StringComparer.Ordinal)
            .Select(lines => Invoice(month.Sources.Month, [.. lines])),
    ];

    private static NercReport Invoice(BillingMonth month, IReadOnlyList<NercLine> lines)
    {
        var name = $"{lines[0].Institution}_{lines[0].Pi}_{month}.pdf";
        var report = LineReports.PiInvoice($"pi_invoices/{name.Replace('/', '_')}", lines);
        List<NercReport.ReportRow> rows = [.. report.Rows, new("Total",
        [.. report.Columns.Select((column, i) => i switch
        {
            0 => "Total",
            _ when Totals.Contains(column) => Written.Of(Money.Sum(lines.Select(line => Amount(line, column)))),
            _ => null,
        })])];
        return report with
        {
            Rows = [.. rows.Select(row => row with
            {
                Cells = [.. row.Cells.Select((cell, i) =>
                    cell is not null && Dollars.Contains(report.Columns[i]) ? $"${cell}" : cell)],
            })],
        };
    }

    private static Money Amount(NercLine line, string column) => column switch
    {
        "Cost" => line.Cost,
        "Credit" => line.Credit ?? Money.Zero,
        "Balance" => line.Balance,
        _ => throw new ArgumentOutOfRangeException(nameof(column), column, "No such total."),
    };
}
