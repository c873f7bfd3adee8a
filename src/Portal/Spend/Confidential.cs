using Exchange.Invoicing;
using Exchange.Invoicing.Explaining;
using Exchange.Invoicing.Settlements;
using Exchange.Market.Orders;
using Exchange.Market.Reading;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Spend;

/// <summary>
/// What a landlord that may not know its customers is shown of them, at every door: one keyed name for each customer,
/// the projects that it reported itself, and nothing of who pays.
/// </summary>
internal sealed class Confidential(LandlordId landlord, Pseudonyms names)
{
    /// <summary>Null for whoever may know the customers that they see.</summary>
    public static async Task<Confidential?> For(HttpContext http, Composition exchange, CancellationToken ct) =>
        Viewer.Needed(http).Landlord is { } landlord && exchange.Landlords.HidesCustomers(landlord)
            ? new(landlord, await Pseudonyms.Of(exchange.Journal, landlord, ct))
            : null;

    /// <summary>The one name that a customer has for this landlord.</summary>
    public string Customer(Account account) => names.Of(account);

    public ShownCharge Of(ShownCharge charge) => charge.Landlord != landlord
        ? throw new InvalidOperationException($"{landlord} was about to see a charge of {charge.Landlord}.")
        : charge with
        {
            ProjectName = charge.Project.Value,
            Pi = null,
            Institution = null,
            Customer = names.Of(new Account(charge.Pi)),
        };

    public Explanation Of(Explanation explained) => explained with
    {
        Project = explained.ChargeId.Split(':') is [_, _, _, var project, ..] ? project : "",
        Pi = null,
        Customer = names.Of(explained.Pi is { } pi ? new Account(new PiId(pi)) : Account.Suspense),
        Funds = [],
        Causes =
        [
            .. explained.Causes.Select(cause => cause.Kind == "owner"
                ? cause with { What = "another customer answers for the project" } : cause),
        ],
        Billed =
        [
            .. explained.Billed.Select(
                line => line with { ProjectName = line.Project.Value, Code = null, Funds = [] }),
        ],
    };

    public QuoteRow Of(QuoteRow quoted) => quoted.Landlord != landlord
        ? throw new InvalidOperationException($"{landlord} was about to see a quote of {quoted.Landlord}.")
        : quoted with
        {
            Pi = null,
            Customer = names.Of(quoted.Pi is { } pi ? new Account(pi) : Account.Suspense),
        };

    public OrderRow Of(OrderRow order) => order.Landlord != landlord
        ? throw new InvalidOperationException($"{landlord} was about to see an order at {order.Landlord}.")
        : order with
        {
            Pi = null,
            Payer = null,
            Customer = names.Of(order.Pi is { } pi ? new Account(pi) : Account.Suspense),
        };

    /// <summary>What was ordered, as it answers whoever gave it: the customer is named as everywhere else.</summary>
    public OrderTerms Of(OrderTerms order) => order.Landlord != landlord
        ? throw new InvalidOperationException($"{landlord} was about to see an order at {order.Landlord}.")
        : order with { Pi = new(names.Of(new Account(order.Pi))), Payer = null };

    /// <summary>The key after which the next page begins: it may not name a customer either.</summary>
    public static string KeyOf(ShownCharge charge) => charge.Customer is null ? charge.Key : $"{charge.Id}\n~";
}
