using System.Collections.Immutable;
using Exchange.Facts;
using Exchange.Invoicing;
using Exchange.Invoicing.Profiles;
using Exchange.Portal.Web;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>/v1/settings — what invoices say of the issuer and of customers, by day.</summary>
internal static class SettingsOverHttp
{
    private const string IssuerExample = """
        {"name":"Massachusetts Open Cloud","address":["8 St. Mary's Street","Boston, MA 02215"],"termsDays":45,
         "hardCloseMonths":12,"from":"2027-01-01"}
        """;

    private const string CustomerExample =
        """{"account":"pi:ada@bu.edu","purchaseOrder":"PO-7781","termsDays":60,"from":"2027-01-01"}""";

    /// <summary>What holds on a day.</summary>
    internal sealed record SettingsOn(LocalDate On, IssuerProfile Issuer, IReadOnlyList<CustomerProfile> Customers);

    /// <summary>
    /// What is to be said of the issuer; what is null stays, what is empty, or no months, is taken away.
    /// </summary>
    internal sealed record IssuerToSet(
        string? Name, ImmutableArray<string>? Address, string? TaxId, ImmutableArray<string>? Remittance, string? Logo,
        int? TermsDays, string? Text, LocalDate? From)
    {
        /// <summary>How many months back take corrections by themselves; 0 for all.</summary>
        public int? HardCloseMonths { get; init; }
    }

    /// <summary>What is to be said of a customer; what is null stays, what is empty is taken away.</summary>
    internal sealed record CustomerToSet(
        string? Account, string? Name, ImmutableArray<string>? Address, string? TaxId, string? PurchaseOrder,
        int? TermsDays, string? Text, LocalDate? From);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/settings", Get).Finance<SettingsOn>(
            "GetSettings", "What an invoice issued on a day says of issuer and customers.");
        app.MapPost("/v1/settings/issuer", SetIssuer).FinanceAct<IssuerToSet, IssuerProfile>(
            "SetIssuer", "Sets what invoices say of the issuer from a day on.", IssuerExample);
        app.MapPost("/v1/settings/customers", SetCustomer).FinanceAct<CustomerToSet, CustomerProfile>(
            "SetCustomer", "Sets what invoices say of a customer from a day on.", CustomerExample);
    }

    private static async Task<IResult> Get(Composition exchange, IClock clock, DateOnly? on, CancellationToken ct)
    {
        var profiles = BillingProfiles.Of(await exchange.Kept.State(DatedFacts.Fold, DatedFacts.Id, ct));
        var day = AsOf.Day(on, clock.GetCurrentInstant());
        return new Tagged(new SettingsOn(
            day, profiles.IssuerOn(day) ?? new(Issuer.Name),
            [.. profiles.Customers.Select(name => profiles.CustomerOn(name, day)).OfType<CustomerProfile>()]));
    }

    private static async Task<IResult> SetIssuer(HttpContext http, Composition exchange, CancellationToken ct)
    {
        if (await Body.Read<IssuerToSet>(http, ct) is not { } asked)
        {
            return FinanceRoute.Malformed(IssuerExample);
        }

        var change = new ProfileChange(
            asked.Name, asked.Address, asked.TaxId, asked.Remittance, asked.Logo, null, asked.Text, asked.TermsDays)
        {
            HardCloseMonths = asked.HardCloseMonths,
        };
        return await FinanceRoute.Act(
            http, exchange, new ChangeIssuer(change.Change, asked.From, FinanceRoute.Actor(http).Name), said => said,
            ct);
    }

    private static async Task<IResult> SetCustomer(HttpContext http, Composition exchange, CancellationToken ct)
    {
        if (await Body.Read<CustomerToSet>(http, ct) is not { Account: { } typed } asked ||
            CustomerProfile.AccountOf(typed) is not { } account)
        {
            return FinanceRoute.Malformed(CustomerExample);
        }

        var change = new ProfileChange(
            asked.Name, asked.Address, asked.TaxId, null, null, asked.PurchaseOrder, asked.Text, asked.TermsDays);
        return await FinanceRoute.Act(
            http, exchange, new ChangeCustomer(account, change.Change, asked.From, FinanceRoute.Actor(http).Name),
            said => said, ct);
    }
}
