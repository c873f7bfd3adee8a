using Exchange.Invoicing.Reading;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Exports;

/// <summary>What is asked of an export: a month, and what of it; whatever is not null narrows.</summary>
/// <param name="Policies">The policies that an open month is rated under; a closed month has its own.</param>
public sealed record Wanted(
    BillingMonth Month, LandlordId? Landlord = null, ClusterId? Cluster = null, string Policies = Policies.Corrected)
{
    /// <summary>Only what was known before this instant; null for everything.</summary>
    public Instant? AsOf { get; init; }

    /// <summary>Until when usage of a month that is not over counts; null for all that is known of it.</summary>
    public Instant? Now { get; init; }

    /// <summary>Whether a month of the journal is the period of entries, or the days under which they are posted.
    /// </summary>
    public LedgerView By { get; init; } = LedgerView.Period;

    /// <summary>The layout of the journal; null for every one that needs no chart of accounts.</summary>
    public string? Layout { get; init; }

    /// <summary>Whether a report that can be Parquet is, instead of CSV.</summary>
    public bool AsParquet { get; init; }

    /// <summary>The version of FOCUS.</summary>
    public FocusVersion Focus { get; init; } = FocusVersion.V12;

    public bool Has(InvoiceLine line) =>
        (Landlord ?? line.Landlord) == line.Landlord && (Cluster ?? line.Cluster) == line.Cluster;
}

/// <summary>What an export wrote.</summary>
/// <param name="Files">The files, by their names below the directory.</param>
/// <param name="Rows">How many rows of data they have, headings not counted.</param>
/// <param name="Notes">What whoever reads them should know, as sentences.</param>
public sealed record Exported(IReadOnlyList<string> Files, long Rows, IReadOnlyList<string> Notes);
