using Exchange.Invoicing;
using Exchange.Nerc;

namespace Exchange.Portal.Exports;

/// <summary>exchange export nerc — every report of NERC's pipeline, from the files that were imported.</summary>
internal static class NercExports
{
    public static async Task<Written> Write(Asked asked, CancellationToken ct)
    {
        if (asked.Cluster is not null || asked.Landlord is not null)
        {
            throw new RefusedException(new(
                "usage/whole-month",
                "NERC's reports are of a whole month: credits and prepaid money go over all clusters. Leave out " +
                "--cluster and --landlord."));
        }

        var done = await NercExport.Run(
            asked.Exchange.Journal, asked.Month, asked.Directory, asked.Policies, invoice => TablePdf.Draw(
                Path.GetFileNameWithoutExtension(invoice.File), Text.Of(asked.Month.End), invoice.Columns,
                [.. invoice.Rows.Select(row => row.Cells)]),
            ct);
        return new(
            done.Written, done.Lines,
            done.Differences == 0
                ? []
                : [$"{done.Differences} cells differ from today's reports; each with its cause is in " +
                    $"'differences {asked.Month}.csv'."]);
    }
}
