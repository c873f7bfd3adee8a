using Exchange.Invoicing.Closing;
using Exchange.Metering.Csv;

namespace Exchange.Invoicing.Exports;

/// <summary>
/// 'exchange export focus' — a month as FOCUS 1.2: one row for each line, with what each payer bears, and one for each
/// credit note. No tax is charged, so no row is one; a refund moves money and not what was charged, so none is either.
/// </summary>
public static class FocusExport
{
    public static async Task<Exported> Run(Sources sources, Wanted wanted, string directory, CancellationToken ct)
    {
        var name = $"focus-{wanted.Month}.csv";
        await using var file = ReportFile.Begin(directory, name);
        var rows = await Write(sources, wanted, file.Text, ct);
        await file.Finish(ct);
        return new([name], rows, await MonthLines.Notes(sources, wanted.Month, ct));
    }

    /// <returns>How many rows were written, the heading not counted.</returns>
    public static async Task<long> Write(Sources sources, Wanted wanted, TextWriter text, CancellationToken ct)
    {
        await using var csv = new CsvWriter(text, exact: true);
        await csv.Add(FocusColumns.Heading);
        var services = new Dictionary<(string, SkuId, Unit, bool), (FocusService Service, string Unit)>();
        await foreach (var billed in MonthLines.Of(sources, wanted, ct))
        {
            var line = billed.Line;
            var of = (line.Service, line.Sku, line.Quantity.Unit, line.Avoided is not null);
            if (!services.TryGetValue(of, out var known))
            {
                services[of] = known = (FocusService.Of(line), FocusColumns.UnitOf(line.Quantity.Unit));
            }

            await csv.Add(FocusColumns.Cells(new(
                wanted.Month, billed, sources.Landlords.TitleOf(line.Landlord), known.Service, known.Unit)));
        }

        // A credit note is the exchange's own: no landlord and no cluster bears any of it.
        foreach (var credit in wanted.Landlord is null && wanted.Cluster is null
            ? await FocusCredits.Of(sources.Database, wanted.Month, ct) : [])
        {
            await csv.Add(FocusColumns.Heading.Select(name => credit.GetValueOrDefault(name, FocusColumns.Null)));
        }

        return csv.Count;
    }
}
