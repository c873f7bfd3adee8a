using Exchange.Facts;
using Exchange.Invoicing.Profiles;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange settings set --for ACCOUNT' — says how a customer is addressed from a day on: name, address, tax id, PO
/// number, terms, text. What was issued before stays as it is.
/// </summary>
/// <param name="account">'pi:ada@bu.edu', 'institution:Harvard University' and the like.</param>
/// <param name="change">From what holds on that day to what is to hold.</param>
/// <param name="from">The first day; today, where it is not given.</param>
public sealed class ChangeCustomer(
    string account, Func<CustomerProfile, CustomerProfile> change, LocalDate? from, string by)
    : ICommand<CustomerProfile>
{
    public string Act => "change settings";
    public string Target => new FactName(CustomerProfile.Facts.Name, account).ToString();
    public string Permission => InvoicingPermissions.ChangeSettings;

    public Task<CustomerProfile> Decide(UnitOfWork work, Instant now, CancellationToken ct) =>
        ProfileToChange.Publish(work, CustomerProfile.Facts, (account, from, by, now), before =>
        {
            var customer = change(before ?? new(account)) with { Account = account };
            return CustomerProfile.Checked(customer) is { } refusal ? throw new RefusedException(refusal) : customer;
        }, ct);
}
