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
        List<string> files = [$"settlement-{wanted.Month}.csv"];
        await using (var file = ReportFile.Begin(directory, files[0]))
        {
            await using (var csv = new CsvWriter(file.Text, exact: false))
            {
                await csv.Add(Summary);
                foreach (var one in drawn)
                {
                    await csv.Add([
                        wanted.Month.ToString(), one.Landlord.Value, sources.Landlords.TitleOf(one.Landlord),
                        isClosed ? "drawn" : "draft", one.Lines.Length.ToString(CultureInfo.InvariantCulture),
                        one.Gross.Plain, one.Share.Plain, Money.Sum(one.Hardware.Select(due => due.Amount)).Plain,
                        one.Payable.Plain, one.Gross.Currency.ToString(),
                        Money.Sum(one.Transfers.Select(transfer => transfer.Amount)).Plain]);
                }
            }

            await file.Finish(ct);
        }

        foreach (var one in drawn)
        {
            files.Add(await WriteLines(wanted.Month, one, directory, ct));
            if (one.Transfers.Length > 0)
            {
                files.Add(await WriteTransfers(wanted.Month, one, directory, ct));
            }
        }

        if (drawn.Exists(one => one.Hardware.Length > 0))
        {
            files.Add(await WriteOwners(wanted.Month, drawn, directory, ct));
        }

        return new(files, drawn.Sum(one => (long)one.Lines.Length), await MonthLines.Notes(sources, wanted.Month, ct));
    }

    private static async Task<string> WriteLines(
        BillingMonth month, Settlement one, string directory, CancellationToken ct)
    {
        var name = ReportFile.Safe($"settlement-{month}-{one.Landlord}.csv");
        await using var file = ReportFile.Begin(directory, name);
        await using (var csv = new CsvWriter(file.Text, exact: false))
        {
            await csv.Add(Columns);
            foreach (var line in one.Lines)
            {
                await csv.Add([
                    month.ToString(), one.Landlord.Value, line.Service, line.Cluster.Value, line.Sku.Value,
                    line.Adjusts?.ToString() ?? "", Text.Of(line.Quantity.Amount), line.Quantity.Unit.Name,
                    Text.Of(line.Rate.Amount), line.Amount.Plain, line.Amount.Currency.ToString()]);
            }
        }

        await file.Finish(ct);
        return name;
    }

    private static async Task<string> WriteTransfers(
        BillingMonth month, Settlement one, string directory, CancellationToken ct)
    {
        var name = ReportFile.Safe($"settlement-{month}-{one.Landlord}-transfers.csv");
        await using var file = ReportFile.Begin(directory, name);
        await using (var csv = new CsvWriter(file.Text, exact: false))
        {
            await csv.Add(Between);
            foreach (var transfer in one.Transfers)
            {
                await csv.Add([
                    month.ToString(), one.Landlord.Value, transfer.With.Value, transfer.Pays ? "pays" : "is paid",
                    transfer.Service, transfer.Sku.Value, transfer.Adjusts?.ToString() ?? "",
                    Text.Of(transfer.Quantity.Amount), transfer.Quantity.Unit.Name, Text.Of(transfer.Rate.Amount),
                    transfer.Amount.Plain, transfer.Amount.Currency.ToString()]);
            }
        }

        await file.Finish(ct);
        return name;
    }

    private static async Task<string> WriteOwners(
        BillingMonth month, IReadOnlyList<Settlement> drawn, string directory, CancellationToken ct)
    {
        var name = $"settlement-{month}-hardware.csv";
        await using var file = ReportFile.Begin(directory, name);
        await using (var csv = new CsvWriter(file.Text, exact: false))
        {
            await csv.Add(Owners);
            foreach (var (one, due) in drawn.SelectMany(one => one.Hardware.Select(due => (one, due)))
                .OrderBy(pair => pair.due.Owner, StringComparer.Ordinal))
            {
                await csv.Add([
                    month.ToString(), due.Owner, one.Landlord.Value, due.Sku.Value, due.Adjusts?.ToString() ?? "",
                    Text.Of(due.Hours.Amount), due.Hours.Unit.Name, Text.Of(due.PerHour.Amount), due.Amount.Plain,
                    due.Amount.Currency.ToString()]);
            }
        }

        await file.Finish(ct);
        return name;
    }
}
