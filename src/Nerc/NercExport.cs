using Exchange.Journal;

namespace Exchange.Nerc;

/// <summary>Draws a PI's invoice as a PDF.</summary>
public delegate byte[] DrawPiInvoice(NercReport invoice);

/// <summary>'exchange export nerc' — writes every report of a month from what the journal holds.</summary>
public static class NercExport
{
    /// <param name="Written">The files written, by their names below the directory.</param>
    public sealed record NercExported(IReadOnlyList<string> Written, int Lines, int Differences);

    /// <param name="policies">'nerc-compatible', or 'corrected' with a report of all differences.</param>
    /// <param name="draw">Draws the invoices of PIs; without it none are written.</param>
    /// <exception cref="RefusedException">The month was not imported, or its inputs stop it.</exception>
    public static async Task<NercExported> Run(
        IJournal journal, BillingMonth month, string directory, string policies, DrawPiInvoice? draw,
        CancellationToken ct)
    {
        var fixes = Fixes.Of(policies);
        var files = (await journal.State(NercMonth.Fold, month, ct)).Files(null);
        if (files.Count == 0)
        {
            throw new RefusedException(new(
                "nerc/not-imported",
                $"Nothing of {month} was imported. Run 'exchange import nerc --month {month} …' first."));
        }

        var sources = NercSources.Parse(month, files);
        var outcome = NercPipeline.Run(sources, fixes);
        List<NercReport> reports = [.. NercReports.Of(outcome)];
        var differences = fixes == Fix.None ? null : Differences.Of(sources);
        if (differences is not null)
        {
            reports.Add(differences);
        }

        List<string> written = [];
        foreach (var report in reports)
        {
            await Write(directory, report.File, System.Text.Encoding.UTF8.GetBytes(report.ToCsv()), ct);
            written.Add(report.File);
        }

        foreach (var invoice in draw is null ? [] : PiInvoices.Of(outcome))
        {
            await Write(directory, invoice.File, draw!(invoice), ct);
            written.Add(invoice.File);
        }

        return new(written, outcome.Lines.Count, differences?.Rows.Count ?? 0);
    }

    /// <summary>A file is there whole or not at all, whatever happens while it is written.</summary>
    private static async Task Write(string directory, string name, byte[] bytes, CancellationToken ct)
    {
        var path = Path.Combine(directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync($"{path}.part", bytes, ct);
        File.Move($"{path}.part", path, overwrite: true);
    }
}
