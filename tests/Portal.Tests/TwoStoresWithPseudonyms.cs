using System.Collections.Immutable;
using System.Net;
using Exchange.Invoicing.Explaining;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// FAULTS D4: a group of the life sciences keeps data on two stores that must not be able to join what they know. Each
/// asks every door of a landlord, with its own names and the other's. What both were answered and a third store with
/// another customer was not would join them: there is nothing. Seen to fail with the title on the page of readings, the
/// PI in the answer to who gave what was ordered, who approved in a form that came too late, and owners among causes.
/// </summary>
public class TwoStoresWithPseudonyms
{
    private static readonly string[] Telling =
        ["ada@bu.edu", "person:ada", "person:bea", StoresApart.Title, "Boston University"];

    [Fact]
    public async Task No_door_tells_either_store_who_the_group_is_or_that_the_other_has_it_too()
    {
        var (serving, stores) = await StoresApart.Start();
        await using var _ = serving;
        var told = new List<Answered>();
        foreach (var store in stores)
        {
            told.Add(await Everything(serving, store, stores));
        }

        var names = new List<string>();
        foreach (var (store, answered) in stores.Zip(told))
        {
            using var key = await serving.WithKey(KeyScope.Read, store.Landlord);
            var name = (await TheApi.Json(key, "/v1/charges?month=2026-10")).GetProperty("items")[0]
                .GetProperty("customer").GetString()!;
            Assert.StartsWith("customer-", name, StringComparison.Ordinal);
            var doors = answered.Texts.Where(text => text.Text.Contains(name, StringComparison.Ordinal))
                .Select(text => text.Where.Split('?')[0]).Distinct().ToList();
            Assert.All(
                (string[])["/v1/charges", "/v1/costs", "/v1/explain", "/v1/orders", "/v1/quotes/saved", "/v1/mandates",
                    "/v1/exports/charges", "/charge", "/orders", "/quotes/saved", "/costs"],
                door => Assert.Contains(doors, where => where == door));
            names.Add(name);
        }

        Assert.Equal(3, names.Distinct().Count());
        Assert.Equal([],
            from pair in ((int Of, int Other)[])[(0, 1), (1, 0)]
            from word in (string[])[.. Telling, names[pair.Other], stores[pair.Other].Project.Value]
            from text in told[pair.Of].Texts
            where text.Text.Contains(word, StringComparison.Ordinal) &&
                !text.Where.Contains(word, StringComparison.Ordinal) && !IsPublic(text.Where)
            select $"{stores[pair.Of].Landlord} read {word} at {text.Where}");
        Assert.Equal([], told[0].Cells.Keys.Intersect(told[1].Cells.Keys).Except(told[2].Cells.Keys)
            .Select(cell => $"{cell} at {told[0].Cells[cell]} and {told[1].Cells[cell]}"));
        Assert.True(told[0].Cells.Count > 500, $"{told[0].Cells.Count} cells were answered.");
    }

    /// <summary>Terms of programs name institutions, to everybody.</summary>
    private static bool IsPublic(string where) => where.StartsWith("/v1/programmes", StringComparison.Ordinal);

    [Fact]
    public async Task Nothing_is_quoted_or_auctioned_that_would_have_one_number_at_both()
    {
        var (serving, stores) = await StoresApart.Start();
        await using var _ = serving;
        var apart = await Assert.ThrowsAsync<RefusedException>(() => KeepQuote.Save(
            serving.Exchange,
            new(
                [.. stores.Take(2).Select(store => new Rating.QuotedUsage(
                    store.Kind, Metering.Shape.Parse("{}"), Duration.FromHours(10)))],
                stores[0].Project, null, null, UsedMonth.Now, 14),
            null, Actors.Local("test"), Serving.Ct));
        Assert.Equal("quote/apart", apart.Refusal.Code);
        var auction = await AuctionsFor.Open(
            serving.Exchange, new(Instant.FromUtc(2027, 2, 1, 0, 0), Instant.FromUtc(2027, 2, 2, 0, 0)),
            Instant.FromUtc(2027, 1, 1, 0, 0), Actors.Local("test"), Serving.Ct);
        Assert.Equal("auction/apart", (await Assert.ThrowsAsync<RefusedException>(() => AuctionsFor.Ask(
            serving.Exchange, auction.Id, new("", stores[0].Landlord, stores[0].Cluster, ["node-a"], new(50), "{}"),
            Actors.Local("test"), Serving.Ct))).Refusal.Code);
    }

    [Fact]
    public async Task What_explains_an_adjustment_names_no_owner_and_no_fund()
    {
        var names = new Confidential(
            new("stora"),
            await Pseudonyms.Of(new MemoryJournal(new StoppedClock(UsedMonth.Now)), new("stora"), Serving.Ct));
        var unit = new Unit("GiB-hour");
        var shown = names.Of(new Explanation(
            "2026-10:stora:sa-1:lab-aaa:Volume:stora/x/2026-01-01#1", StoresApart.Title, "ada@bu.edu", "Volume",
            new(1, unit), new(1, unit), new(100), "stora/x/2026-01-01#1", "", "", "", [], [], Money.Zero)
        {
            Causes =
            [
                new Cause("owner", "pi:ada@bu.edu answers for lab-aaa; it was billed to pi:ben@mit.edu"),
                new Cause("late-reading", "urn:stora 17 in block 4"),
            ],
        });
        var text = System.Text.Json.JsonSerializer.Serialize(shown, Text.Json);
        Assert.All((string[])["ada@", "ben@", StoresApart.Title], word =>
            Assert.DoesNotContain(word, text, StringComparison.Ordinal));
        Assert.Contains("urn:stora 17 in block 4", text, StringComparison.Ordinal);
    }

    /// <summary>Every route that a landlord may read, as people and as a program, and what acts answer.</summary>
    private static async Task<Answered> Everything(Serving serving, StoreApart store, StoreApart[] stores)
    {
        var answered = new Answered();
        using var person = await StoresApart.As(serving, store);
        using var read = await serving.WithKey(KeyScope.Read, store.Landlord);
        var random = new Random(17);
        foreach (var (client, roles) in ((HttpClient, Role)[])[(person, Role.Landlord), (read, Role.ReadKey)])
        {
            foreach (var route in ((IEndpointRouteBuilder)serving.App).DataSources.SelectMany(one => one.Endpoints)
                .OfType<RouteEndpoint>().Where(one => IsRead(one, roles)))
            {
                for (var drawn = 0; drawn < 3; drawn++)
                {
                    var of = drawn < 2 ? store : stores[random.Next(stores.Length)];
                    await answered.Ask(client, Path(route, of, store, drawn, random), of == store);
                }
            }
        }

        await answered.Ask(person, $"/charge/readings?month=2026-10&id={Charge(store)}" +
            $"&resource={Uri.EscapeDataString($"{store.Landlord}/{store.Cluster}/volume/volume-{store.Letter}10")}");
        Assert.Contains($"volume-{store.Letter}10", answered.Texts[^1].Text, StringComparison.Ordinal);
        foreach (var report in (string[])["charges?", "focus?", "focus?focus=1.3&", "settlement?"])
        {
            await answered.Ask(read, $"/v1/exports/{report}month=2026-10");
        }

        foreach (var group in (string[])["pi", "project", "sku"])
        {
            await answered.Ask(read, $"/v1/costs?from=2026-10&to=2026-11&group_by={group}");
            await answered.Ask(person, $"/costs?from=2026-10&to=2026-11&group_by={group}");
        }

        await Acts(serving, store, person, answered);
        return answered;
    }

    private static async Task Acts(Serving serving, StoreApart store, HttpClient person, Answered answered)
    {
        using (var late = await UsedMonth.Submit(
            person, $"/orders/{store.Order}", $"/orders/{store.Order}/answer", ("version", "0"), ("do", "reject"),
            ("because", $"reason {store.Letter}")))
        {
            Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
            await answered.Take("/orders/answer", late);
        }

        using var prices = await serving.WithKey(KeyScope.Prices, store.Landlord);
        using var given = await prices.PostAsync(
            new Uri($"/v1/orders/{store.Order}/fulfilled", UriKind.Relative),
            Serving.Json($$"""{"reference":"rack-{{store.Letter}}"}""", "application/json"), Serving.Ct);
        Assert.Equal(HttpStatusCode.OK, given.StatusCode);
        await answered.Take("/v1/orders/fulfilled", given);
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        await using var told = serving.Exchange.Database.CreateCommand("""
            select d.body from exchange.webhook_delivery d join exchange.webhook w on w.id = d.webhook
            where w.landlord = $1
            """);
        told.Parameters.Add(new() { Value = store.Landlord.Value });
        await using var rows = await told.ExecuteReaderAsync(Serving.Ct);
        while (await rows.ReadAsync(Serving.Ct))
        {
            answered.Take("webhook", "application/json", System.Text.Encoding.UTF8.GetBytes(rows.GetString(0)));
        }

        Assert.Contains(answered.Texts, text => text.Where == "webhook" && text.Text.Contains(store.Order,
            StringComparison.Ordinal));
    }

    private static bool IsRead(RouteEndpoint route, Role role) =>
        (route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Contains("GET") &&
        route.Metadata.GetMetadata<IAllowAnonymous>() is null &&
        route.Metadata.GetMetadata<IAuthorizeData>()?.Policy is { } act && Permissions.Allows(act, role);

    private static string Charge(StoreApart of) => Uri.EscapeDataString(
        $"2026-10:{of.Landlord}:{of.Cluster}:{of.Project}:Volume {of.Letter}:{of.SheetId}");

    /// <summary>The route with names of a store, its own or another's, and drawn ones beside.</summary>
    private static string Path(RouteEndpoint route, StoreApart of, StoreApart own, int drawn, Random random)
    {
        var raw = route.RoutePattern.RawText!;
        var id = raw.Contains("quotes", StringComparison.Ordinal) ? of.Quote
            : raw.Contains("orders", StringComparison.Ordinal) ? of.Order
            : raw.Contains("leases", StringComparison.Ordinal) ? of.Lease
            : raw.Contains("explain", StringComparison.Ordinal) || raw == "/charge" ? Charge(of)
            : raw.Contains("sheet", StringComparison.Ordinal)
                ? Uri.EscapeDataString(of.SheetId)
            : of.Project.Value;
        var month = drawn < 2 ? "2026-10" : "2026-11";
        string? Of(string name) => name switch
        {
            "id" => id,
            "month" => month,
            "landlord" => of.Landlord.Value,
            "project" => of.Project.Value,
            "cluster" => of.Cluster.Value,
            "report" => "charges",
            "kind" => "landlord",
            "q" or "search" => drawn == 0 ? of.Project.Value : random.Next(2) == 0 ? "ada" : "Genomes",
            "from" => "2026-10",
            "to" => "2026-11",
            "sku" => $"Volume {of.Letter}",
            "service" => $"disks-{of.Letter}",
            _ => null,
        };
        foreach (var parameter in route.RoutePattern.Parameters)
        {
            raw = raw.Replace($"{{{parameter.Name}}}", Of(parameter.Name) ?? "x", StringComparison.Ordinal);
        }

        var names = drawn == 0 && of == own && !raw.Contains("explain", StringComparison.Ordinal) && raw != "/charge"
            ? QueryNames.Of(route).Where(name =>
                name is "month" or "q" or "id" or "service" or "sku" or "project" or "landlord")
            : QueryNames.Of(route);
        return raw + '?' + string.Join('&', names.Where(name => Of(name) is not null)
            .Select(name => $"{name}={Of(name)}"));
    }
}
