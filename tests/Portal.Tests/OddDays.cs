using System.Net;
using System.Reflection;
using System.Text.RegularExpressions;
using Exchange.Portal.Keys;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Days of which nothing can be said, and texts that are no days, at every address that reads one: each is refused with
/// what was asked and what to do. A report of another day than the one that was meant looks as right as any.
/// </summary>
public partial class OddDays
{
    private static readonly string[] Names = ["asOf", "at", "on", "from", "to", "until", "last", "compare"];

    private static readonly string[] Odd =
    [
        "9999-12-31", "9999-12-01", "2199-12-31", "2041-01-01", "1999-12-31", "0001-01-01", "-0044-03-15", "2026-02-30",
        "2026-11-31", "11/30/2026", "1/2/26", "20261105", "31.10.2026", "2026-11-05T12:00", "9999-12-31T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z", "-9998-01-01T00:00:00Z", "9999-01-01/9999-02-01", "1000-01-01/1000-02-01",
    ];

    /// <summary>
    /// An address reads a name where it refuses what is no day at all. Seen to fail: the explorer, its files and its API
    /// answered the year 9999 with 500 and the years 2041 and 2199 with figures.
    /// </summary>
    [Fact]
    public async Task Every_address_that_reads_a_day_refuses_one_of_which_nothing_can_be_said()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        await AwardsOfSponsors.Enter(serving);
        HttpClient[] everybody =
        [
            await serving.As("finance"), await serving.As("operator"), await serving.As("ada"), await serving.As("nerc"),
            await serving.As("subsidy"), await serving.WithKey(KeyScope.Read, null),
            await serving.WithKey(KeyScope.Finance, null),
        ];
        var (reads, wrong) = (new HashSet<string>(StringComparer.Ordinal), new List<string>());
        foreach (var route in Routes(serving))
        {
            if (await WhoReads(everybody, route) is not var (client, address))
            {
                continue;
            }

            foreach (var name in Names)
            {
                var no = await Ask(client, address, name, "no-day");
                if (no.Status != HttpStatusCode.BadRequest || no.Text.Contains("unknown-name", StringComparison.Ordinal))
                {
                    continue;
                }

                reads.Add($"{route.RoutePattern.RawText} {name}");
                foreach (var odd in Odd.Where(odd => name == "compare" || !odd.Contains("01/", StringComparison.Ordinal)))
                {
                    var (status, text) = await Ask(client, address, name, odd);
                    if (status != HttpStatusCode.BadRequest || !SaysWhatToDo().IsMatch(text))
                    {
                        wrong.Add($"{address} {name}={odd}: {(int)status} {Hostile.Start(text)}");
                    }
                }
            }
        }

        Assert.Equal([], wrong);
        string[] some =
        [
            "/finance/ageing asOf", "/finance/accounts asOf", "/finance/reports asOf", "/finance/settings asOf",
            "/subsidy/report asOf", "/operator/audit from", "/operator/audit to", "/costs from", "/costs to", "/costs compare",
            "/costs.csv from", "/costs/changes from", "/v1/costs from", "/v1/costs/changes compare", "/v1/settings on",
            "/v1/accounts/{account} until", "/v1/prices/{landlord} at", "/v1/awards/{award} to", "/pi/awards/{number} last",
            "/finance/customers/{account} from", "/finance/customers/{account}/statement.pdf until",
        ];
        Assert.Equal([], some.Except(reads));
        Array.ForEach(everybody, client => client.Dispose());
    }

    /// <summary>Days that can be asked for are, and a range that ends before it begins is none of them.</summary>
    [Fact]
    public async Task Days_that_can_be_asked_for_are_answered_as_they_were_asked()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        foreach (var (day, words) in ((string, string)[])
            [("2000-01-01", "2000-01-01"), ("2026-11-04", "2026-11-04"), ("2036-11-30", "2036-11-30"), ("", "2026-11-05")])
        {
            var (status, text) = await Ask(finance, "/finance/ageing", "asOf", day);
            Assert.Equal((day, HttpStatusCode.OK), (day, status));
            Assert.Contains($"value=\"{words}\"", text, StringComparison.Ordinal);
        }

        var (back, said) = await Ask(
            finance, "/finance/customers/pi%3Aben%40mit.edu?from=2026-11-05", "until", "2026-11-04");
        Assert.Equal(HttpStatusCode.BadRequest, back);
        Assert.Contains("From 2026-11-05 until 2026-11-04 is no day.", said, StringComparison.Ordinal);
    }

    /// <summary>Whoever is let in, with what the address needs; null where nobody is answered.</summary>
    private static async Task<(HttpClient Client, string Address)?> WhoReads(HttpClient[] everybody, RouteEndpoint route)
    {
        var path = route.RoutePattern.RawText!;
        var address = Parameter().Replace(path, of => of.Value.Trim('{', '}') switch
        {
            "account" => "pi%3Aben%40mit.edu",
            "award" => "NSF-2412345",
            "landlord" => "nerc",
            "month" => "2026-10",
            "number" when path.Contains("/awards/", StringComparison.Ordinal) => "NSF-2412345",
            "number" => "PI-2026-0001",
            _ => "p-ada",
        });
        var needed = (route.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? [])
            .Where(one => route.RoutePattern.GetParameter(one.Name!) is null)
            .Select(one => one.ParameterType == typeof(BillingMonth) ? $"{one.Name}=2026-10"
                : one.ParameterType == typeof(PiId) ? $"{one.Name}=ada@bu.edu" : null).OfType<string>();
        address += $"?{string.Join('&', needed)}";
        foreach (var client in everybody)
        {
            using var answer = await client.GetAsync(new Uri(address, UriKind.Relative), Serving.Ct);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return (client, address);
            }
        }

        return null;
    }

    private static async Task<(HttpStatusCode Status, string Text)> Ask(
        HttpClient client, string address, string name, string value)
    {
        var join = address.Contains('?', StringComparison.Ordinal) ? "&" : "?";
        using var answer = await client.GetAsync(
            new Uri($"{address}{join}{name}={Uri.EscapeDataString(value)}", UriKind.Relative), Serving.Ct);
        return (answer.StatusCode, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Serving.Ct)));
    }

    private static IEnumerable<RouteEndpoint> Routes(Serving serving) =>
        ((IEndpointRouteBuilder)serving.App).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") == true);

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("Write |is not one of the (days|months)|is a day in UTC|Ask for fewer|Write it in UTC")]
    private static partial Regex SaysWhatToDo();
}
