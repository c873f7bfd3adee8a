using System.Net;
using Exchange.Portal.Keys;
using Exchange.Testing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Invariant 7: walks every route that can be read, as everybody, with names of their own things and of others'.
/// Whatever the route answers, what is marked as another's is not in it; and every refusal is in the audit log. In a short
/// run each asks a route by itself, with names of Ada's and with names of Ben's. Seen to fail with pages that read as the
/// server itself.
/// </summary>
public class WhoSeesWhat
{
    private sealed record Somebody(string Name, HttpClient Client, string? Pi, LandlordId? Landlord, bool SeesAll);

    [Fact]
    public async Task Nobody_reads_what_is_another_s_on_any_route_whatever_they_ask_for()
    {
        await using var serving = await Filled.Start();
        var everybody = await Everybody(serving);
        var (asked, seen, refused) = (0, 0, 0L);
        foreach (var route in ReadableRoutes(serving))
        {
            List<string> paths = [.. Paths(route)];
            foreach (var somebody in everybody)
            {
                foreach (var path in Draws.Of(paths, $"{paths[0]} {somebody.Name}", few: 2).Prepend(paths[0]).Distinct())
                {
                    using var answer = await somebody.Client.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
                    var body = await answer.Content.ReadAsStringAsync(Serving.Ct);
                    asked++;
                    Assert.True((int)answer.StatusCode < 500, $"{somebody.Name} {path}: {answer.StatusCode} {body}");
                    foreach (var foreign in Foreign(somebody))
                    {
                        Assert.False(
                            body.Contains(foreign, StringComparison.Ordinal), $"{somebody.Name} read {foreign} at {path}");
                    }

                    seen += body.Contains("-marked-", StringComparison.Ordinal) ? 1 : 0;
                    refused += answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                        or HttpStatusCode.NotFound ? 1 : 0;
                }
            }
        }

        Assert.True(asked > 100 && seen > 10, $"Of {asked} answers {seen} said anything.");
        Assert.Equal(refused, await Refusals(serving));
    }

    [Theory]
    [InlineData("ada", "/pi/project?month=2026-10&cluster=stack&project=p-ben")]
    [InlineData("ada", "/charge?month=2026-10&id=2026-10:nerc:stack:p-ben:SKU of nerc:nerc/vms/2026-01-01%231")]
    [InlineData("nerc", "/charge?month=2026-10&id=2026-10:other:stack:p-ben:SKU of other:other/vms/2026-01-01%231")]
    public async Task Reaching_for_another_s_thing_by_its_name_is_answered_as_if_there_were_none_and_noted(
        string who, string path)
    {
        await using var serving = await Filled.Start();
        using var client = await serving.As(who);
        using var theirs = await client.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
        using var nobodys = await client.GetAsync(
            new Uri(path.Replace("p-ben", "p-none", StringComparison.Ordinal), UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, theirs.StatusCode);
        Assert.Equal(
            await nobodys.Content.ReadAsStringAsync(Serving.Ct), await theirs.Content.ReadAsStringAsync(Serving.Ct));
        Assert.Equal(2, await Refusals(serving));
    }

    private static async Task<IReadOnlyList<Somebody>> Everybody(Serving serving) =>
    [
        new("Ada", await serving.As("ada"), "ada", null, false),
        new("Ben", await serving.As("ben"), "ben", null, false),
        new("landlord nerc", await serving.As("nerc"), null, Serving.Nerc, false),
        new("landlord other", await serving.As("other"), null, Serving.Other, false),
        new("finance", await serving.As("finance"), null, null, true),
        new("operator", await serving.As("operator"), null, null, false),
        new("subsidy", await serving.As("subsidy"), null, null, false),
        new("key of nerc", await serving.WithKey(KeyScope.Read, Serving.Nerc), null, Serving.Nerc, false),
        new("key of other", await serving.WithKey(KeyScope.Read, Serving.Other), null, Serving.Other, false),
        new("key of the exchange", await serving.WithKey(KeyScope.Read, null), null, null, true),
        new("usage key of nerc", await serving.WithKey(KeyScope.Usage, Serving.Nerc), null, Serving.Nerc, false),
    ];

    /// <summary>The marks somebody may not see. A landlord's project names and a PI's services are their business.</summary>
    private static IEnumerable<string> Foreign(Somebody who)
    {
        foreach (var (_, mark) in Filled.Pis.Where(p => !who.SeesAll && who.Landlord is null && p.Mark != who.Pi))
        {
            yield return Filled.NameOf(mark);
        }

        foreach (var landlord in Filled.Landlords.Where(l => !who.SeesAll && who.Pi is null && l != who.Landlord))
        {
            yield return Filled.ServiceOf(landlord);
        }
    }

    private static IEnumerable<RouteEndpoint> ReadableRoutes(Serving serving) =>
        from endpoint in ((IEndpointRouteBuilder)serving.App).DataSources.SelectMany(s => s.Endpoints)
            .OfType<RouteEndpoint>()
        let methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        where methods.Contains("GET") && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null
        select endpoint;

    /// <summary>The route as it is, and with every pair of a PI's and a landlord's names in path and query.</summary>
    private static IEnumerable<string> Paths(RouteEndpoint route) =>
        (from pi in Filled.Pis
         from landlord in Filled.Landlords
         let id = Uri.EscapeDataString(Filled.IdOf(pi.Mark, landlord))
         let path = route.RoutePattern.RawText!.Replace("{month}", "2026-10", StringComparison.Ordinal)
             .Replace("{id}", $"p-{pi.Mark}", StringComparison.Ordinal)
             .Replace("{landlord}", landlord.Value, StringComparison.Ordinal)
         from query in (string[])
         [
             "",
             $"?month=2026-10&cluster=stack&project=p-{pi.Mark}&id={id}&landlord={landlord}&pi={pi.Pi}",
             $"?month=2026-10&id={id}",
         ]
         select path + Known(route, query)).Distinct(StringComparer.Ordinal);

    /// <summary>Programs are refused names that a route does not know, so they send those that it does.</summary>
    private static string Known(RouteEndpoint route, string query) =>
        !route.RoutePattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal) || query.Length == 0 ? query
        : '?' + string.Join('&', query[1..].Split('&').Where(pair =>
            Web.QueryNames.Of(route).Contains(pair.Split('=')[0])));

    private static async Task<long> Refusals(Serving serving)
    {
        await serving.Exchange.Audit.FlushCounts(Serving.Ct);
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        await using var command = serving.Exchange.Database.CreateCommand(
            "select coalesce(sum(times), 0)::bigint from exchange.audit where result like 'access/%'");
        return (long)(await command.ExecuteScalarAsync(Serving.Ct))!;
    }
}
