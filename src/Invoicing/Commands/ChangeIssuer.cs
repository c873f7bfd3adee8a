using Exchange.Facts;
using Exchange.Invoicing.Profiles;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange settings set' — says who issues invoices from a day on: name, address, tax id, remittance, logo, terms.
/// What was issued before stays as it is.
/// </summary>
/// <param name="change">From what holds on that day to what is to hold.</param>
/// <param name="from">The first day; today, where it is not given.</param>
public sealed class ChangeIssuer(Func<IssuerProfile, IssuerProfile> change, LocalDate? from, string by)
    : ICommand<IssuerProfile>
{
    public string Act => "change settings";
    public string Target => new FactName(IssuerProfile.Facts.Name, IssuerProfile.Exchange).ToString();
    public string Permission => InvoicingPermissions.ChangeSettings;

    public Task<IssuerProfile> Decide(UnitOfWork work, Instant now, CancellationToken ct) =>
        ProfileToChange.Publish(work, IssuerProfile.Facts, (IssuerProfile.Exchange, from, by, now), before =>
        {
            var issuer = change(before ?? new(Issuer.Name));
            return IssuerProfile.Checked(issuer) is { } refusal ? throw new RefusedException(refusal) : issuer;
        }, ct);
}
