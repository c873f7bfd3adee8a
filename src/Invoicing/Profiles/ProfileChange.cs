using System.Collections.Immutable;

namespace Exchange.Invoicing.Profiles;

/// <summary>What is said anew of an issuer or a customer: null stays as it was, an empty text is taken away.</summary>
public sealed record ProfileChange(
    string? Name, ImmutableArray<string>? Address, string? TaxId, ImmutableArray<string>? Remittance, string? Logo,
    string? PurchaseOrder, string? Text, int? TermsDays)
{
    /// <summary>Whether days of one's own are taken away, so that the usual ones hold.</summary>
    public bool EndsTerms { get; init; }

    /// <summary>Months until months are closed for good; zero takes them away. The issuer's.</summary>
    public int? HardCloseMonths { get; init; }

    public IssuerProfile Change(IssuerProfile issuer) => issuer with
    {
        Name = Name ?? issuer.Name,
        Address = Address ?? issuer.Address,
        TaxId = Of(TaxId, issuer.TaxId),
        Remittance = Remittance ?? issuer.Remittance,
        Logo = Of(Logo, issuer.Logo),
        TermsDays = EndsTerms ? IssuerProfile.UsualTerms : TermsDays ?? issuer.TermsDays,
        HardCloseMonths = HardCloseMonths is 0 ? null : HardCloseMonths ?? issuer.HardCloseMonths,
        Text = Of(Text, issuer.Text),
    };

    public CustomerProfile Change(CustomerProfile customer) => customer with
    {
        Name = Of(Name, customer.Name),
        Address = Address ?? customer.Address,
        TaxId = Of(TaxId, customer.TaxId),
        PurchaseOrder = Of(PurchaseOrder, customer.PurchaseOrder),
        TermsDays = EndsTerms ? null : TermsDays ?? customer.TermsDays,
        Text = Of(Text, customer.Text),
    };

    private static string? Of(string? said, string? before) => said is null ? before : said.Length == 0 ? null : said;
}
