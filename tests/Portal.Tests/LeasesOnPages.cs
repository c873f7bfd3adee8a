using System.Net;
using Exchange.Market.Commands;
using Exchange.Market.Leases;
using Exchange.Portal.Commands;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A landlord lends nodes, a PI accepts and sublets, and only the parties and finance see and answer.</summary>
public class LeasesOnPages
{
    private const string Page = "/leases";

    [Fact]
    public async Task A_lease_is_accepted_by_its_lessee_sublet_and_reclaimed_with_notice()
    {
        await using var serving = await UsedMonth.Start();
        await serving.Exchange.Commands.Execute(
            new DeclareNodes(Serving.Nerc, "declare nodes", now => DeclaredNodes.Declare(
                new("stack"), ["N1", "N2"], new(At(0), At(100)), "nerc", now)), Actors.Local("test"), Serving.Ct);
        var lease = await Offer(serving, "p-ada", ["N1", "N2"], null);
        using var ada = await serving.As("ada");
        using var ben = await serving.As("ben");
        using var nerc = await serving.As("nerc");
        using var finance = await serving.As("finance");
        Assert.Contains("lessee: agree", await Text(ada), StringComparison.Ordinal);
        Assert.Contains(lease, await Text(nerc), StringComparison.Ordinal);
        Assert.DoesNotContain(lease, await Text(ben), StringComparison.Ordinal);

        Assert.Empty((await Agreed(serving)).Leases);
        using (var own = await UsedMonth.Submit(nerc, Page, Page, ("lease", lease), ("do", "accept"), ("because", "")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, own.StatusCode); // Nobody accepts what they proposed.
        }

        using (var accepted = await UsedMonth.Submit(ada, Page, Page, ("lease", lease), ("do", "accept"), ("because", "")))
        {
            Assert.Equal(Page, accepted.Headers.Location?.ToString());
        }

        var sub = await Offer(serving, "p-ben", ["N2"], lease);
        using (var accepted = await UsedMonth.Submit(ben, Page, Page, ("lease", sub), ("do", "accept"), ("because", "")))
        {
            Assert.Equal(Page, accepted.Headers.Location?.ToString());
        }

        Assert.Equal(2, (await Agreed(serving)).Leases.Length);
        Assert.DoesNotContain(sub, await Text(nerc), StringComparison.Ordinal); // What is sublet is between those two.
        Assert.Contains(sub, await Text(ada), StringComparison.Ordinal);
        Assert.Contains(sub, await Text(finance), StringComparison.Ordinal);

        using (var early = await Reclaim(nerc, lease, At(3)))
        {
            Assert.Contains("days of notice", await early.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        }

        using var reclaimed = await Reclaim(nerc, lease, At(20));
        Assert.Equal(Page, reclaimed.Headers.Location?.ToString());
        Assert.All((await Agreed(serving)).Leases, one => Assert.Equal(At(20), one.Period.End));
        Assert.Contains("a course begins", await Text(ada), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> Reclaim(HttpClient client, string lease, Instant from) => UsedMonth.Submit(
        client, Page, Page, ("lease", lease), ("do", "reclaim"), ("because", "a course begins"),
        ("from", Exchange.Text.Of(from)));

    private static Instant At(int days) => BillingMonth.Of(UsedMonth.Now).End + Duration.FromDays(days);

    private static async Task<string> Text(HttpClient client) =>
        WebUtility.HtmlDecode(await client.GetStringAsync(new Uri(Page, UriKind.Relative), Serving.Ct));

    private static async Task<Agreements> Agreed(Serving serving) =>
        (await LoadPriceBooks.Run(serving.Exchange.Journal, Serving.Ct)).Agreements;

    private static async Task<string> Offer(
        Serving serving, string project, string[] nodes, string? parent) => (await LeasesFor.Propose(
            serving.Exchange,
            new("", Serving.Nerc, new("stack"), [.. nodes], parent, [new(new(project), At(5))], new(At(5), At(40)), 1, 40),
            new(LeaseSide.Lessor, "nerc", (_, _) => true), Actors.Local("test"), Serving.Ct)).Needed().Id;
}
