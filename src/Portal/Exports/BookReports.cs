using Exchange.Invoicing.Exports;
using Exchange.Invoicing.Published;

namespace Exchange.Portal.Exports;

/// <summary>exchange export charges | focus | settlement | journal — what was billed, as files.</summary>
internal static class BookReports
{
    /// <summary>The report that an export of the books writes.</summary>
    public static Report Named(
        string name, Func<Sources, Wanted, string, CancellationToken, Task<Exported>> run) =>
        new(name, async (asked, ct) =>
        {
            await asked.Exchange.Projections.CatchUp(ct);
            var written = await run(
                asked.Exchange.Sources, new(asked.Month, asked.Landlord, asked.Cluster, asked.Policies)
                {
                    AsOf = asked.AsOf,
                    Now = asked.Exchange.Clock.GetCurrentInstant(),
                    AsParquet = asked.AsParquet,
                    Focus = asked.Focus,
                    Layout = asked.Layout,
                    By = asked.By,
                },
                asked.Directory, ct);
            return new(written.Files, (int)written.Rows, written.Notes);
        });
}
