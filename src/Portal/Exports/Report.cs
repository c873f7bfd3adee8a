using Exchange.Invoicing.Exports;

namespace Exchange.Portal.Exports;

/// <summary>What is asked of a report: the month, where to write, and what to keep to.</summary>
internal sealed record Asked(
    Composition Exchange, BillingMonth Month, string Directory, ClusterId? Cluster, LandlordId? Landlord,
    string Policies)
{
    /// <summary>Only what was known before this instant; null for everything.</summary>
    public NodaTime.Instant? AsOf { get; init; }

    /// <summary>The layout of the journal; null for CSV, ledger and beancount.</summary>
    public string? Layout { get; init; }

    /// <summary>Whether a month of the journal is a period, or the days of posting.</summary>
    public Invoicing.Reading.LedgerView By { get; init; } = Invoicing.Reading.LedgerView.Period;

    /// <summary>Whether to write Parquet instead of CSV.</summary>
    public bool AsParquet { get; init; }

    /// <summary>The version of FOCUS.</summary>
    public FocusVersion Focus { get; init; } = FocusVersion.V12;
}

/// <summary>What a report wrote.</summary>
/// <param name="Files">The files, by their names below the directory.</param>
/// <param name="Notes">What whoever reads them should know, as sentences.</param>
internal sealed record Written(IReadOnlyList<string> Files, int Lines, IReadOnlyList<string> Notes);

/// <summary>A report of a month that can be had as files: its name, and how it is written.</summary>
internal sealed record Report(string Name, Func<Asked, CancellationToken, Task<Written>> Write)
{
    /// <summary>Every report that 'exchange export' knows.</summary>
    public static IReadOnlyList<Report> All { get; } =
    [
        BookReports.Named("charges", ChargesExport.Run),
        BookReports.Named("focus", FocusExport.Run),
        BookReports.Named("settlement", SettlementExport.Run),
        BookReports.Named("journal", JournalExport.Run),
        BookReports.Named("invoices", InvoicesZip.Run),
        new("nerc", NercExports.Write),
        new("nerc-service", NercServices.Write),
    ];
}
