using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Rating;

namespace Exchange.Portal.Mail;

/// <summary>
/// Where mail to somebody goes: a PI's name is their address; institutions and payers have one in 'pricing/', a prepaid
/// group has its contact.
/// </summary>
internal sealed class Recipients(
    Institutions institutions, IReadOnlyList<Programme> programmes, PrepaidGroups groups)
{
    public static async Task<Recipients> Read(Composition exchange, CancellationToken ct) => new(
        exchange.Institutions, exchange.Programmes,
        await exchange.Journal.State(PrepaidGroups.Fold, PrepaidGroups.Id, ct));

    /// <param name="kind">pi, institution, payer or group.</param>
    /// <returns>Null where no address is known; then nothing is sent.</returns>
    public string? Of(string kind, string name) => kind switch
    {
        "pi" => name,
        "institution" => institutions.Named(name)?.BillingEmail,
        "payer" => programmes.FirstOrDefault(
            programme => programme.Payer == name && programme.PayerEmail is not null)?.PayerEmail,
        "group" => groups.Groups.GetValueOrDefault(name)?.Contact,
        _ => throw new InvalidOperationException($"'{kind}' gets no invoices."),
    };
}
