using System.Runtime.CompilerServices;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using Exchange.Metering.Csv;

namespace Exchange.Invoicing.Exports;

/// <summary>
/// 'exchange export focus' — a month as FOCUS 1.2 or 1.3: one row for each line, with what each payer bears, and one
/// for each credit note; in 1.3 also what invoices to others than PIs ask for. No tax is charged, so no row is one; a
/// refund moves money and not what was charged, so none is either.
/// </summary>
public static class FocusExport
{
    public static async Task<Exported> Run(Sources sources, Wanted wanted, string directory, CancellationToken ct)
    {
        var name = $"focus-{wanted.Month}.{(wanted.AsParquet ? "parquet" : "csv")}";
        await using var file = ReportFile.Begin(directory, name);
        var rows = wanted.AsParquet
            ? await WriteParquet(sources, wanted, file.Bytes, ct)
            : await Write(sources, wanted, file.Text, ct);
        await file.Finish(ct);
        return new([name], rows, await MonthLines.Notes(sources, wanted.Month, ct));
    }

    /// <returns>How many rows were written, the heading not counted.</returns>
    public static async Task<long> Write(Sources sources, Wanted wanted, TextWriter text, CancellationToken ct)
    {
        await using var csv = new CsvWriter(text, exact: true);
        await csv.Add(FocusColumns.Heading(wanted.Focus));
        await foreach (var row in Rows(sources, wanted, ct))
        {
            await csv.Add(row);
        }

        return csv.Count;
    }

    /// <summary>The same rows with typed columns: numbers as decimals, times as instants.</summary>
    public static async Task<long> WriteParquet(
        Sources sources, Wanted wanted, Stream stream, CancellationToken ct)
    {
        await using var table = await ParquetTable.Begin(
            stream, FocusColumns.Heading(wanted.Focus).Select(name => (name, KindOf(name))), FocusColumns.Null, ct);
        await foreach (var row in Rows(sources, wanted, ct))
        {
            await table.Add(row, ct);
        }

        await table.Finish(ct);
        return table.Count;
    }

    private static ParquetKind KindOf(string column) =>
        column.EndsWith("PeriodStart", StringComparison.Ordinal) ||
        column.EndsWith("PeriodEnd", StringComparison.Ordinal) ? ParquetKind.Time
        : column.EndsWith("Cost", StringComparison.Ordinal) || column.EndsWith("Quantity", StringComparison.Ordinal) ||
          column.EndsWith("UnitPrice", StringComparison.Ordinal) ||
          column is "x_Amount" or "x_EgressElsewhere" or "x_PaidByOtherFunds" or "x_PaidBySubsidies"
            ? ParquetKind.Number
        : ParquetKind.Text;

    private static async IAsyncEnumerable<IEnumerable<string>> Rows(
        Sources sources, Wanted wanted, [EnumeratorCancellation] CancellationToken ct)
    {
        var issuer = await IssuerOf(sources, wanted, ct);
        var services = new Dictionary<(string, SkuId, Unit, bool), (FocusService Service, string Unit)>();
        await foreach (var billed in MonthLines.Of(sources, wanted, ct))
        {
            var line = billed.Line;
            var of = (line.Service, line.Sku, line.Quantity.Unit, line.Avoided is not null);
            if (!services.TryGetValue(of, out var known))
            {
                services[of] = known = (FocusService.Of(line), FocusColumns.UnitOf(line.Quantity.Unit));
            }

            yield return FocusColumns.Cells(wanted.Focus, new(
                wanted.Month, billed, sources.Landlords.TitleOf(line.Landlord), known.Service, known.Unit)
            {
                IssuedBy = issuer,
                IsTaken = billed.IsTaken && wanted.Focus == FocusVersion.V13,
            });
        }

        // What is the exchange's own is of no landlord and of no cluster.
        if (wanted.Landlord is null && wanted.Cluster is null)
        {
            foreach (var row in await Own(sources, wanted, issuer, ct))
            {
                yield return FocusColumns.Heading(wanted.Focus)
                    .Select(name => row.GetValueOrDefault(name, FocusColumns.Null));
            }
        }
    }

    /// <summary>Credit notes, and in 1.3 what invoices to others than PIs ask for.</summary>
    private static async Task<IEnumerable<IReadOnlyDictionary<string, string>>> Own(
        Sources sources, Wanted wanted, string issuer, CancellationToken ct)
    {
        var credits = await FocusCredits.Of(sources.Database, wanted.Month, issuer, ct);
        return wanted.Focus == FocusVersion.V13
            ? [.. await new FocusPayers(sources, wanted, issuer).Rows(ct), .. credits]
            : credits;
    }

    /// <summary>Who issued a month's invoices, by what was published for the day of its close, or holds now.</summary>
    private static async Task<string> IssuerOf(Sources sources, Wanted wanted, CancellationToken ct)
    {
        var months = await sources.Journal.State(Months.Fold, Months.Id, ct);
        var at = months.Closed.GetValueOrDefault(wanted.Month)?.At ?? wanted.Now ?? wanted.Month.End;
        return (await sources.Now(ct)).Profiles.IssuerOn(at.InUtc().Date)?.Name ?? Issuer.Name;
    }
}
