using Exchange.Invoicing.Published;
using Exchange.Metering.Csv;

namespace Exchange.Invoicing.Exports;

/// <summary>'exchange export charges' — every line of a month as it was billed: what was used and who pays.</summary>
public static class ChargesExport
{
    private static readonly string[] Columns =
    [
        "month", "invoice", "account", "institution", "landlord", "service", "cluster", "project", "project_name",
        "sku", "quantity", "unit", "rate", "amount", "currency", "funds", "paid_by_funds", "exchange_balance",
        "pi_balance", "adjusts", "from", "to", "sheet", "egress_elsewhere", "charge_id",
    ];

    public static async Task<Exported> Run(Sources sources, Wanted wanted, string directory, CancellationToken ct)
    {
        var name = $"charges-{wanted.Month}.csv";
        await using var file = ReportFile.Begin(directory, name);
        var rows = await Write(sources, wanted, file.Text, ct);
        await file.Finish(ct);
        return new([name], rows, await MonthLines.Notes(sources, wanted.Month, ct));
    }

    /// <returns>How many charges were written.</returns>
    public static async Task<long> Write(Sources sources, Wanted wanted, TextWriter text, CancellationToken ct)
    {
        await using var csv = new CsvWriter(text, exact: false);
        await csv.Add(Columns);
        await foreach (var billed in MonthLines.Of(sources, wanted, ct))
        {
            await csv.Add(Cells(wanted.Month, billed));
        }

        return csv.Count;
    }

    private static string[] Cells(BillingMonth month, BilledLine billed)
    {
        var line = billed.Line;
        return
        [
            month.ToString(), billed.Invoice ?? "", billed.Account.Name, billed.Institution ?? "",
            line.Landlord.Value, line.Service, line.Cluster.Value, line.Project.Value, line.ProjectName,
            line.Sku.Value, Text.Of(line.Quantity.Amount), line.Quantity.Unit.Name, Text.Of(line.Rate.Amount),
            line.Amount.Plain, line.Amount.Currency.ToString(),
            string.Join("; ", line.Funds.Select(fund => $"{fund.Fund}={fund.Amount.Plain}")),
            (line.Amount - line.PiBalance).Plain, line.Balance.Plain, line.PiBalance.Plain,
            line.Adjusts?.ToString() ?? "", Text.Of(line.ServicePeriod.Start), Text.Of(line.ServicePeriod.End),
            line.Sheet, line.Avoided is { } avoided ? avoided.Plain : "", line.ChargeId,
        ];
    }
}
