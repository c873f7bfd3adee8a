using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Rating;
using Npgsql;

namespace Exchange.Invoicing.Published;

/// <summary>Everything that billing reads: the meter, the journal, and what was agreed with everyone.</summary>
public sealed record Sources(
    Meter Meter, IJournal Journal, NpgsqlDataSource Database, Institutions Institutions, Landlords Landlords,
    IReadOnlyList<Programme> Programmes)
{
    /// <summary>The published facts that these are; null where somebody gave other ones.</summary>
    public PublishedFacts? Facts { get; init; }

    /// <summary>Which usage is billed.</summary>
    public Billability Billability { get; init; } = Billability.Everything;

    /// <summary>What invoices say of issuer and customers.</summary>
    public BillingProfiles Profiles { get; init; } = BillingProfiles.None;

    /// <summary>The same with everything that was published until now.</summary>
    public async Task<Sources> Now(CancellationToken ct) =>
        Facts is null ? this : (await PublishedFacts.Read(Journal, ct)).In(this);
}
