using System.Net;
using System.Text.Json;
using Exchange.Portal.Keys;
using Exchange.Portal.ReadModels;
using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// The allocation portal of an institution reads what its own people are charged, at every landlord, and nothing of
/// anybody else: there were keys of one landlord and keys that read everything.
/// </summary>
public class KeysOfInstitutions
{
    private const string Bu = "Boston University";
    private const string Mit = "Massachusetts Institute of Technology";
    private const string Month = "month=2026-10";

    [Fact]
    public async Task What_its_people_are_charged_is_read_and_of_others_there_is_nothing()
    {
        await using var serving = await Start();
        using var all = await serving.WithKey(KeyScope.Read, null);
        using var bu = await serving.WithKey(KeyScope.Read, null, Bu);
        using var mit = await serving.WithKey(KeyScope.Read, null, Mit);
        using var nobody = await serving.WithKey(KeyScope.Read, null, "Boston");

        // Two landlords, 744 SU-hours at 0.013 each: 9.67.
        Assert.Equal(["ada 9.67 USD", "ada 9.67 USD", "ben 9.67 USD", "ben 9.67 USD"], await Charges(all));
        Assert.Equal(["ada 9.67 USD", "ada 9.67 USD"], await Charges(bu));
        Assert.Equal(["ben 9.67 USD", "ben 9.67 USD"], await Charges(mit));
        Assert.Empty(await Charges(nobody));
        Assert.Equal(["ada 9.67 USD"], await Charges(bu, "&landlord=nerc"));
        Assert.Equal( // As one that nobody has.
            HttpStatusCode.BadRequest, await TheApi.Status(bu, $"/v1/charges?{Month}&project=p-ben"));

        Assert.Equal(["p-ada"], await Projects(bu));
        Assert.Equal(["p-ben"], await Projects(mit));
        Assert.Empty(await Projects(nobody));

        Assert.Equal("19.34 USD", (await TheApi.Json(bu, $"/v1/projects/p-ada/spend?{Month}")).GetProperty("amount")
            .GetString());
        foreach (var path in (string[])["spend", "panel"])
        {
            Assert.Equal(HttpStatusCode.OK, await TheApi.Status(bu, $"/v1/projects/p-ada/{path}?{Month}"));
            Assert.Equal(HttpStatusCode.NotFound, await TheApi.Status(bu, $"/v1/projects/p-ben/{path}?{Month}"));
            Assert.Equal(HttpStatusCode.NotFound, await TheApi.Status(mit, $"/v1/projects/p-ada/{path}?{Month}"));
        }
    }

    /// <summary>A frame is opened without the key, and shows what the key may see and no more.</summary>
    [Fact]
    public async Task A_frame_that_it_asked_for_shows_its_own_people_too()
    {
        await using var serving = await Start();
        using var bu = await serving.WithKey(KeyScope.Read, null, Bu);
        using var anyone = serving.Anonymous();
        foreach (var (project, shown) in ((string, bool)[])[("p-ada", true), ("p-ben", false)])
        {
            var link = await TheApi.Json(bu, $"/v1/projects/{project}/panel-link?{Month}");
            var html = await anyone.GetStringAsync(new Uri(link.GetProperty("url").GetString()!), Serving.Ct);
            Assert.Equal(shown, html.Contains("19.34", StringComparison.Ordinal));
            Assert.DoesNotContain(Filled.NameOf("ben"), html, StringComparison.Ordinal);
        }
    }

    /// <summary>Whatever a query forgets; tables that know no institution show it nothing.</summary>
    [Fact]
    public async Task The_second_wall_stands_for_it_too()
    {
        await using var serving = await Start();
        var viewer = new Viewer("key:k1", "", Role.InstitutionKey) { Institution = Bu };
        foreach (var (table, count) in ((string, long)[])[
            ("charge", 2), ("day", 0), ("landlord_day", 0), ("sold", 0), ("costly", 0), ("audit", 0), ("api_key", 0),
            ("cost_sum", 0), ("credit", 0)])
        {
            await using var view = new View(serving.Exchange.Views, viewer);
            await using var command = await view.Command($"select count(*) from exchange.{table}", Serving.Ct);
            Assert.Equal((table, count), (table, (long)(await command.ExecuteScalarAsync(Serving.Ct))!));
        }
    }

    [Fact]
    public async Task It_reads_for_one_published_institution_and_writes_nothing()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        await Typed.Done($"directory publish {Product.File("pricing/institutions.yaml")}", database);
        var made = await Typed.Line("keys create --name coldfront --institution Bentley --scope read", database);
        Assert.Equal((ExitCode.Done, ""), (made.Exit, made.Exit == ExitCode.Done ? "" : made.Errors));
        var row = JsonDocument.Parse((await Typed.Done("keys list --json", database)).Output).RootElement[0];
        Assert.Equal("Bentley", row.GetProperty("institution").GetString());
        foreach (var (line, code, exit) in ((string, string, int)[])[
            ("--institution Bentley --scope usage", "key/reads-only", ExitCode.Refused),
            ("--institution Bentley --scope finance --landlord *", "key/reads-only", ExitCode.Refused),
            ("--institution Bentley --scope read --landlord nerc", "key/reads-only", ExitCode.Refused),
            ("--institution Bently --scope read", "Bently", ExitCode.Refused),
            ("--scope read", "usage/whose-key", ExitCode.WrongUsage)])
        {
            var typed = await Typed.Line($"keys create --name x {line}", database);
            Assert.Equal((line, exit), (line, typed.Exit));
            Assert.Contains(code, typed.Errors, StringComparison.Ordinal);
        }
    }

    private static async Task<Serving> Start()
    {
        var serving = await Serving.Start(new StoppedClock(Filled.Now));
        await WriteMonth.Run(
            serving.Exchange.Database, new(Filled.Month, Basis: "", Filled.Now),
            Filled.Charges().Select(charge => charge with { Institution = charge.Pi == Serving.Ada ? Bu : Mit }), [],
            MonthUse.None, Serving.Ct);
        await ImportProjects.Run(
            serving.Exchange.Journal, "cluster,project,name,pi\nstack,p-ada,A,ada@bu.edu\nstack,p-ben,B,ben@mit.edu\n",
            "projects.csv", "test", Filled.Month.Start, Serving.Ct);
        return serving;
    }

    private static async Task<string[]> Charges(HttpClient client, string more = "") =>
    [
        .. (await TheApi.Json(client, $"/v1/charges?{Month}{more}")).GetProperty("items").EnumerateArray()
            .Select(row => $"{row.GetProperty("project").GetString()![2..]} {row.GetProperty("amount").GetString()}")
            .Order(StringComparer.Ordinal),
    ];

    private static async Task<string[]> Projects(HttpClient client) =>
        [.. (await TheApi.Json(client, "/v1/projects")).GetProperty("items").EnumerateArray()
            .Select(row => row.GetProperty("project").GetString()!)];
}
