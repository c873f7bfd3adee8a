using System.Collections.Immutable;
using Exchange.Facts;
using NodaTime;

namespace Exchange.Invoicing.Profiles;

/// <summary>
/// What was published of the issuer and of customers, by day. What an invoice says of them is what held on the day on
/// which it is issued.
/// </summary>
public sealed class BillingProfiles
{
    private readonly DatedFacts _facts;
    private readonly ImmutableDictionary<string, string> _names;

    private BillingProfiles(DatedFacts facts, ImmutableDictionary<string, string> names) =>
        (_facts, _names) = (facts, names);

    /// <summary>Nothing was ever said: invoices are as they were before there were profiles.</summary>
    public static BillingProfiles None { get; } = Of(DatedFacts.Fold.Initial);

    public static BillingProfiles Of(DatedFacts facts) => new(facts, ImmutableDictionary<string, string>.Empty);

    /// <summary>Every customer of whom something was published, as the account is written.</summary>
    public IReadOnlyList<string> Customers =>
    [
        .. _facts.Versions.Keys.Where(name => name.Kind == CustomerProfile.Facts.Name).Select(name => name.Name)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The same where what was published of an address that became an alias is the person's.</summary>
    public BillingProfiles Following(Func<PiId, PiId> personOf) => new(_facts, Customers
        .Where(name => name.StartsWith("pi:", StringComparison.Ordinal))
        .Select(name => (Name: name, Person: $"pi:{personOf(new(name["pi:".Length..]))}"))
        .Where(of => of.Name != of.Person && !_facts.Versions.ContainsKey(Fact(of.Person)))
        .GroupBy(of => of.Person, StringComparer.Ordinal)
        .ToImmutableDictionary(of => of.Key, of => of.First().Name, StringComparer.Ordinal));

    public IssuerProfile? IssuerOn(LocalDate day) => _facts.On(IssuerProfile.Facts, IssuerProfile.Exchange, day);

    /// <summary>How entries of a day are written for an ERP.</summary>
    public ChartOfAccounts? ChartOn(LocalDate day) => _facts.On(ChartOfAccounts.Facts, ChartOfAccounts.Name, day);

    /// <param name="account">'pi:ada@bu.edu', 'institution:Harvard University' and the like.</param>
    public CustomerProfile? CustomerOn(string account, LocalDate day) =>
        _facts.On(CustomerProfile.Facts, _names.GetValueOrDefault(account, account), day);

    /// <summary>The last day on which payment of what is issued on a day is in time.</summary>
    public LocalDate DueOf(string account, LocalDate issued) => issued.PlusDays(TermsOf(account, issued));

    /// <summary>What a document of a day says of issuer and customer; null where nothing was published.</summary>
    public Letterhead? Of(string account, LocalDate issued)
    {
        var (issuer, customer) = (IssuerOn(issued), CustomerOn(account, issued));
        return issuer is null && customer is null ? null : new(issuer?.Name ?? Issuer.Name, TermsOf(account, issued))
        {
            Address = issuer?.Address ?? [],
            TaxId = issuer?.TaxId,
            Remittance = issuer?.Remittance ?? [],
            Logo = issuer?.Logo is { } png ? LogoImage.HashOf(png) : null,
            Text = issuer?.Text,
            Customer = customer?.Name,
            CustomerAddress = customer?.Address ?? [],
            CustomerTaxId = customer?.TaxId,
            PurchaseOrder = customer?.PurchaseOrder,
            CustomerText = customer?.Text,
        };
    }

    public static string AccountOf(PiId pi) => $"pi:{pi}";

    private int TermsOf(string account, LocalDate day) =>
        CustomerOn(account, day)?.TermsDays ?? IssuerOn(day)?.TermsDays ?? IssuerProfile.UsualTerms;

    private static FactName Fact(string account) => new(CustomerProfile.Facts.Name, account);
}
