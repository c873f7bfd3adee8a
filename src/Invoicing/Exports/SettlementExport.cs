using System.Globalization;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Reading;
using Exchange.Invoicing.Settlements;
using Exchange.Metering.Csv;

namespace Exchange.Invoicing.Exports;

/// <summary>'exchange export settlement' — what the exchange owes each landlord for a month, and for what.</summary>
public static class SettlementExport
{
    private static readonly string[] Summary =
    [
        "month", "landlord", "title", "state", "lines", "gross", "exchange_share", "hardware",
        "payable", "currency", "transfers",
    ];

    private static readonly string[] Between =
    [
        "month", "landlord", "with", "side", "service", "sku", "adjusts", "quantity", "unit", "rate", "amount",
        "currency",
    ];

    private static readonly string[] Owners =
    [
        "month", "owner", "landlord", "sku", "adjusts", "hours", "unit", "per_hour", "amount", "currency",
    ];

    private static readonly string[] Columns =
    [
        "month", "landlord", "service", "cluster", "sku", "adjusts", "quantity", "unit", "rate", "amount", "currency",
    ];

    public static async Task<Exported> Run(Sources sources, Wanted wanted, string directory, CancellationToken ct)
    {
        var isClosed = await MonthLines.IsClosed(sources, wanted.Month, ct);
        var drawn = (isClosed
            ? await SettledIn.Run(sources.Journal, sources.Database, wanted.Month, wanted.AsOf, ct)
            : [.. (await MonthLines.Draft(sources, wanted, ct)).Settlements
                .Select(s => new Settlement(s.Landlord, s.Lines, s.Gross, s.Share)
                {
                    Hardware = s.Hardware,
                    Transfers = s.Transfers,
                })])
            .Where(one => (wanted.Landlord ?? one.Landlord) == one.Landlord).ToList();
        var name = $"settlement-{wanted.Month}";
        List<string> files =
        [
            await Write(directory, $"{name}.csv", Summary, drawn.Select(one => SummaryOf(
                wanted.Month, one, sources.Landlords.TitleOf(one.Landlord), isClosed ? "drawn" : "draft")), ct),
        ];
        foreach (var one in drawn)
        {
            files.Add(await Write(
                directory, ReportFile.Safe($"{name}-{one.Landlord}.csv"), Columns, LinesOf(wanted.Month, one), ct));
            if (one.Transfers.Length > 0)
            {
                files.Add(await Write(
                    directory, ReportFile.Safe($"{name}-{one.Landlord}-transfers.csv"), Between,
                    TransfersOf(wanted.Month, one), ct));
            }
        }

        if (drawn.Exists(one => one.Hardware.Length > 0))
        {
            files.Add(await Write(
                directory, $"{name}-hardware.csv", Owners, HardwareOf(wanted.Month, drawn), ct));
        }

        return new(files, drawn.Sum(one => (long)one.Lines.Length), await MonthLines.Notes(sources, wanted.Month, ct));
    }

    /// <returns>The name of the file.</returns>
    private static async Task<string> Write(
        string directory, string name, string[] columns, IEnumerable<string[]> rows, CancellationToken ct)
    {
        await using var file = ReportFile.Begin(directory, name);
        await using (var csv = new CsvWriter(file.Text, exact: false))
        {
            await csv.Add(columns);
            foreach (var row in rows)
            {
                await csv.Add(row);
            }
        }

        await file.Finish(ct);
        return name;
    }

    private static string[] SummaryOf(BillingMonth month, Settlement one, string title, string state) =>
    [
        month.ToString(), one.Landlord.Value, title, state, one.Lines.Length.ToString(CultureInfo.InvariantCulture),
        one.Gross.Plain, one.Share.Plain, Money.Sum(one.Hardware.Select(due => due.Amount)).Plain,
        one.Payable.Plain, one.Gross.Currency.ToString(),
        Money.Sum(one.Transfers.Select(transfer => transfer.Amount)).Plain,
    ];

    private static IEnumerable<string[]> LinesOf(BillingMonth month, Settlement one) =>
        one.Lines.Select(line => (string[])[
            month.ToString(), one.Landlord.Value, line.Service, line.Cluster.Value, line.Sku.Value,
            line.Adjusts?.ToString() ?? "", Text.Of(line.Quantity.Amount), line.Quantity.Unit.Name,
            Text.Of(line.Rate.Amount), line.Amount.Plain, line.Amount.Currency.ToString()]);

    private static IEnumerable<string[]> TransfersOf(BillingMonth month, Settlement one) =>
        one.Transfers.Select(transfer => (string[])[
            month.ToString(), one.Landlord.Value, transfer.With.Value, transfer.Pays ? "pays" : "is paid",
            transfer.Service, transfer.Sku.Value, transfer.Adjusts?.ToString() ?? "",
            Text.Of(transfer.Quantity.Amount), transfer.Quantity.Unit.Name, Text.Of(transfer.Rate.Amount),
            transfer.Amount.Plain, transfer.Amount.Currency.ToString()]);

    private static IEnumerable<string[]> HardwareOf(BillingMonth month, IEnumerable<Settlement> drawn) =>
        drawn.SelectMany(one => one.Hardware.Select(due => (one, due)))
            .OrderBy(pair => pair.due.Owner, StringComparer.Ordinal)
            .Select(pair => (string[])[
                month.ToString(), pair.due.Owner, pair.one.Landlord.Value, pair.due.Sku.Value,
                pair.due.Adjusts?.ToString() ?? "", Text.Of(pair.due.Hours.Amount), pair.due.Hours.Unit.Name,
                Text.Of(pair.due.PerHour.Amount), pair.due.Amount.Plain, pair.due.Amount.Currency.ToString()]);
}
