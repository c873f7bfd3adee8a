using System.Net;
using Exchange.Portal.Keys;
using Exchange.Portal.Web.Access;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Invariant 7: walks every route of the route table as everybody; a route that nobody thought of fails here. Seen to
/// fail with a page open to anybody.
/// </summary>
public class WhoMayDoWhat
{
    private static readonly string[] Open =
        ["/health/live", "/health/ready", "/metrics", "/openapi/{documentName}.json", "/assets/{hash}/{name}",
            "/sign-in", "/sign-in/start", "/sign-in/link/{secret}", "/docs", "/panel/{ticket}",
            "/v1/peers/{peer}/statements", "{*path}"];

    /// <summary>Said a second time, and by hand: whoever opens an act to another role says so here too.</summary>
    private const string Agreed = """
        act for customers: Landlord
        answer leases: Pi Landlord Finance
        answer leases by key: PricesKey FinanceKey
        answer statements: Pi Landlord Finance
        ask for quotes: Pi Subsidy Landlord Finance
        be signed in: Pi Subsidy Landlord Finance Operator
        bid by key: PricesKey FinanceKey
        bid in auctions: Pi Landlord Finance
        bill by key: FinanceKey
        change settings: Finance
        close months: Finance
        correct invoices: Finance
        correct usage: Operator
        decide on a subsidy: Subsidy
        decide on orders: Pi Subsidy Landlord
        decide on quarantine: Operator
        erase people: Finance
        keep agreements: Pi Landlord Finance
        keep awards: Pi Finance
        keep keys: Landlord
        keep offers: Landlord
        keep peers: Finance
        keep quotes: Pi Finance
        keep webhooks: Landlord Finance
        look after keys: Operator
        look after sources: Operator
        look after the machine: Operator
        mandate intermediaries: Pi
        note payments: Finance
        order by key: PricesKey FinanceKey
        place orders: Pi Finance
        post accruals: Finance
        publish price sheets: Landlord
        publish prices: PricesKey
        publish service levels: Landlord
        read by key: ReadKey
        read of an institution by key: ReadKey InstitutionKey
        run auctions: Finance
        run jobs: Operator Finance
        see a charge: Pi Landlord Finance
        see a subsidy: Subsidy
        see costs: Pi Subsidy Landlord Finance
        see finance: Finance
        see invoices: Pi Finance
        see jobs: Operator Finance
        see mail: Operator Finance
        see meters: Operator
        see sales: Landlord
        see spending: Pi
        see the audit log: Operator Finance
        send mail again: Operator Finance
        send usage: UsageKey
        set a budget: Pi
        """;

    [Fact]
    public void Each_act_is_open_to_the_roles_that_were_agreed_on() => Assert.Equal(
        Agreed.ReplaceLineEndings("\n"),
        string.Join('\n', Permissions.ByRole.OrderBy(act => act.Key, StringComparer.Ordinal)
            .Select(act => $"{act.Key}: {string.Join(' ', act.Value)}")));

    [Fact]
    public async Task Every_route_lets_in_those_its_act_names_and_turns_everyone_else_away()
    {
        await using var serving = await Serving.Start();
        var everybody = new Dictionary<Role, HttpClient>
        {
            [Role.Pi] = await serving.As("ada"),
            [Role.Subsidy] = await serving.As("subsidy"),
            [Role.Landlord] = await serving.As("nerc"),
            [Role.Finance] = await serving.As("finance"),
            [Role.Operator] = await serving.As("operator"),
            [Role.UsageKey] = await serving.WithKey(KeyScope.Usage, Serving.Nerc),
            [Role.PricesKey] = await serving.WithKey(KeyScope.Prices, Serving.Nerc),
            [Role.ReadKey] = await serving.WithKey(KeyScope.Read, Serving.Nerc),
            [Role.FinanceKey] = await serving.WithKey(KeyScope.Finance, null),
            [Role.InstitutionKey] = await serving.WithKey(KeyScope.Read, null, "Boston University"),
        };
        using var anonymous = serving.Anonymous();
        var (walked, refused) = (0, 0);
        foreach (var (route, method, act) in Routes(serving))
        {
            if (act is null)
            {
                Assert.Contains(route, Open);
                continue;
            }

            var nobody = await Ask(anonymous, method, route);
            Assert.True(IsTurnedAway(nobody), $"Nobody came into {method} {route}");
            refused += nobody.Status == HttpStatusCode.Unauthorized ? 1 : 0;
            foreach (var (role, client) in everybody)
            {
                var answer = await Ask(client, method, route);
                var isLetIn = Permissions.ByRole[act].Contains(role);
                Assert.True(
                    isLetIn != IsTurnedAway(answer),
                    $"{role} {(isLetIn ? "kept from" : "let into")} {method} {route}: {answer}");
                walked++;
                refused += answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                    or HttpStatusCode.NotFound ? 1 : 0;
            }
        }

        Assert.True(walked >= 8 * 8, "The route table is emptier than the product.");
        Assert.Equal(refused, await Refusals(serving)); // Every refusal is in the audit log.
    }

    [Fact]
    public async Task Every_act_is_some_routes_and_every_route_has_an_act_that_exists()
    {
        await using var serving = await Serving.Start();
        var used = Routes(serving).Select(r => r.Act).OfType<string>().ToHashSet();
        Assert.Equal([], used.Except(Permissions.ByRole.Keys));
    }

    internal static IEnumerable<(string Route, string Method, string? Act)> Routes(Serving serving) =>
        from endpoint in ((IEndpointRouteBuilder)serving.App).DataSources.SelectMany(s =>
            s.Endpoints).OfType<RouteEndpoint>()
        let methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        from method in methods
        let authorize = endpoint.Metadata.GetMetadata<IAuthorizeData>()
        let isOpen = endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
        select (endpoint.RoutePattern.RawText!, method, isOpen ? null : authorize?.Policy ?? "no act at all");

    /// <summary>Asks with values that are right in form, so that only the gate can be what says no.</summary>
    internal static async Task<(HttpStatusCode Status, string Body)> Ask(HttpClient client, string method, string route)
    {
        var path = route
            .Replace("{number}", "PI-2026-0001", StringComparison.Ordinal)
            .Replace("{project}", "p-1", StringComparison.Ordinal)
            .Replace("{month}", "2026-10", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(
            new HttpMethod(method), new Uri($"{path}?month=2026-10&cluster=stack&project=p-1&id=x", UriKind.Relative));
        request.Headers.Add("Accept", "application/json");
        using var answer = await client.SendAsync(request, Serving.Ct);
        return (answer.StatusCode,
            answer.Headers.Location?.ToString() ?? await answer.Content.ReadAsStringAsync(Serving.Ct));
    }

    private static bool IsTurnedAway((HttpStatusCode Status, string Body) answer) => answer.Status switch
    {
        HttpStatusCode.Unauthorized => true,
        HttpStatusCode.Forbidden => answer.Body.Contains("scope, may not do this", StringComparison.Ordinal),
        HttpStatusCode.Redirect => answer.Body == "/sign-in",
        _ => false,
    };

    private static async Task<long> Refusals(Serving serving)
    {
        await serving.Exchange.Audit.FlushCounts(Serving.Ct);
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        await using var command = serving.Exchange.Database.CreateCommand(
            "select coalesce(sum(times), 0)::bigint from exchange.audit where result like 'access/%'");
        return (long)(await command.ExecuteScalarAsync(Serving.Ct))!;
    }
}
