using System.Collections.Immutable;
using Exchange.Facts;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Published;

/// <summary>The facts that decide money, as billing reads them: what was published, as far as is known.</summary>
public sealed class PublishedFacts
{
    private PublishedFacts(DatedFacts facts)
    {
        Facts = facts;
        Institutions = Institutions.Of(facts);
        Landlords = Landlords.Of(facts);
        Billability = Billability.Of(facts);
        Profiles = BillingProfiles.Of(facts);
        Programmes =
        [
            .. facts.Of(Programme.Facts).Values.Select(Programme.Of)
                .OrderBy(one => one.Order).ThenBy(one => one.Id, StringComparer.Ordinal),
        ];
    }

    public static PublishedFacts Nothing { get; } = new(DatedFacts.Fold.Initial);

    public DatedFacts Facts { get; }
    public Institutions Institutions { get; }
    public Landlords Landlords { get; }
    public Billability Billability { get; }

    /// <summary>What invoices say of issuer and customers.</summary>
    public BillingProfiles Profiles { get; }

    /// <summary>Every program that ever held, in the order in which they apply.</summary>
    public ImmutableArray<Programme> Programmes { get; }

    /// <exception cref="RefusedException">The facts do not agree with each other.</exception>
    public static PublishedFacts Of(DatedFacts facts) => new(facts);

    /// <param name="asOf">Only what was known then; null for everything.</param>
    public static async Task<PublishedFacts> Read(IJournal journal, CancellationToken ct, Instant? asOf = null) =>
        new(await PublishFacts.Read(journal, ct, asOf));

    /// <summary>What is wrong with facts that were to be published; null when nothing is.</summary>
    public static Refusal? Check(DatedFacts facts)
    {
        try
        {
            _ = new PublishedFacts(facts);
        }
        catch (RefusedException e)
        {
            return e.Refusal;
        }

        return facts.Of(Programme.Facts).FirstOrDefault(of => of.Value.Spans
            .Select(span => span.Value?.Kind).OfType<ProgrammeKind>().Distinct().Count() > 1) is { Key: { } id }
            ? new("programme/other-kind", $"'{id}' cannot become a program of another kind. Give it another name.")
            : null;
    }

    /// <summary>What publications are measured against now.</summary>
    public static async Task<PublishContext> Context(
        IJournal journal, string by, Instant now, bool acceptsCorrection, CancellationToken ct)
    {
        var months = await journal.State(Months.Fold, Months.Id, ct);
        var profiles = BillingProfiles.Of(await journal.State(DatedFacts.Fold, DatedFacts.Id, ct));
        return new([.. months.Closed.Keys], by, now, acceptsCorrection)
        {
            FirstSoft = Horizon.First(months, profiles, now),
        };
    }

    /// <summary>The same sources with these facts.</summary>
    public Sources In(Sources sources) => sources with
    {
        Institutions = Institutions,
        Landlords = Landlords,
        Programmes = Programmes,
        Billability = Billability,
        Profiles = Profiles,
        Facts = this,
    };
}
