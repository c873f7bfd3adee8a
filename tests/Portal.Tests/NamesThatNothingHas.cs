using System.CommandLine;
using System.Text.Json;
using Exchange.Portal.Cli;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Whoever narrows by a landlord, project or PI that is not there misspelt it: every door says so with what there is,
/// and no door answers with nothing.
/// </summary>
public class NamesThatNothingHas
{
    private static readonly string[] Names =
        ["landlord", "project", "cluster", "pi", "service", "sku", "institution", "fund", "payer", "class"];

    /// <summary>Options of these names that make something, or say where it was used: it may be the first of it.</summary>
    private static readonly string[] Making =
    [
        "agreements reserve --cluster", "agreements reserve --sku", "agreements reserve --project",
        "agreements commit --cluster", "agreements commit --sku", "agreements commit --project",
        "agreements transfer --project", "agreements reprice --sku", "ingest --landlord", "ingest --cluster", "keys create --landlord",
        "keys create --institution", "bids ask --cluster", "leases declare --cluster",
        "capacity declare --cluster", "capacity release --cluster", "leases release --cluster", "leases offer --cluster", "leases offer --project", "leases transfer --project",
        "outages add --cluster", "peers dispute --project", "peers admit --pi", "peers admit --landlord",
        "programs cap --pi", "programs enroll --pi", "programs free --pi", "programs free --sku", "programs resume --pi",
        "programs suspend --pi", "awards set --project", "awards set --pi", "awards remove --pi", "awards report --pi",
        "directory affiliate --institution", "offers draft --institution", "offers draft --project",
        "prepaid cover --project", "levels publish --landlord", "levels publish --service",
        "webhooks add --landlord", "webhooks remove --landlord", "webhooks replay --landlord", "correct --landlord",
        "serve --cluster",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_verb_and_route_refuses_them()
    {
        await using var serving = await UsedMonth.Start();
        var database = serving.Exchange.Database.ConnectionString;
        await EveryVerb(database);
        await EveryRoute(serving);
        await WhatIsKnownIsTaken(database);
        await AnothersIsToldAsUnknown(serving);
    }

    /// <summary>Verb by verb the option is one that is looked up before the verb begins; a few are typed.</summary>
    private static async Task EveryVerb(string database)
    {
        var seen = 0;
        foreach (var (words, command) in Leaves(Cli.CommandLine.Root(), ""))
        {
            foreach (var option in command.Options.Where(one => Names.Contains(one.Name[2..]) &&
                one.ValueType != typeof(bool) && words != "costs" &&
                !Making.Contains($"{words} {one.Name}")))
            {
                Assert.True(option is IKnownNameOption, $"'{words} {option.Name}' may be a name that nothing has.");
                seen++;
            }
        }

        Assert.True(seen >= 25, $"{seen} options were looked at.");
        foreach (var line in (string[])[
            "costs --landlord nobody", "costs --project nobody", "costs --pi nobody@bu.edu", "costs --service nobody",
            "costs --class nobody --why", "export charges --month 2026-10 --out /nowhere --landlord nobody",
            "rate --month 2026-10 --project nobody", "savings list --pi nobody@bu.edu",
            "keys create --name x --institution Nowhere --scope read",
            "accounts show nobody@bu.edu", "accounts keep-credit institution:Nowhere", "accounts apply payer:nobody"])
        {
            var typed = await Typed.Line(line, database);
            Assert.True(
                typed.Exit == ExitCode.Refused && typed.Output.Length == 0 &&
                    typed.Errors.Contains("usage/unknown-", StringComparison.Ordinal),
                $"'{line}' ended with {typed.Exit}: {typed.Errors}{typed.Output}");
        }
    }

    private static IEnumerable<(string Words, Command Command)> Leaves(Command command, string words) =>
        command.Subcommands.Count == 0
            ? [(words, command)]
            : command.Subcommands.Where(one => !one.Hidden).SelectMany(
                one => Leaves(one, $"{words} {one.Name}".Trim()));

    private static async Task EveryRoute(Serving serving)
    {
        using var key = await serving.WithKey(KeyScope.Read, null);
        using var described = JsonDocument.Parse(await key.GetStringAsync(
            new Uri("/openapi/v1.json", UriKind.Relative), Ct));
        var (seen, wrong) = (0, new List<string>());
        foreach (var path in described.RootElement.GetProperty("paths").EnumerateObject()
            .Where(path => path.Value.TryGetProperty("get", out _)))
        {
            if (!path.Value.GetProperty("get").TryGetProperty("parameters", out var parameters))
            {
                continue;
            }

            var route = path.Name.Replace("{report}", "charges", StringComparison.Ordinal)
                .Replace("{id}", "p-ada", StringComparison.Ordinal).Replace("{award}", "a", StringComparison.Ordinal);
            var queries = parameters.EnumerateArray().Where(one => one.GetProperty("in").GetString() == "query")
                .Select(one => (Name: one.GetProperty("name").GetString()!,
                    IsNeeded: one.TryGetProperty("required", out var needed) && needed.GetBoolean())).ToList();
            foreach (var (name, _) in queries.Where(one => Names.Contains(one.Name)))
            {
                var others = queries.Where(one => one.IsNeeded && one.Name != name).Select(one => one.Name switch
                {
                    "landlord" => "landlord=nerc",
                    "project" => "project=p-ada",
                    var other => $"{other}={(other == "month" ? "2026-10" : "x")}",
                });
                if (route == "/v1/catalogue/check" && name is "service" or "sku")
                {
                    continue; // It answers that the landlord does not sell it.
                }

                using var answer = await key.GetAsync(
                    new Uri($"{route}?{string.Join('&', others.Append($"{name}=nobody"))}", UriKind.Relative), Ct);
                var said = await answer.Content.ReadAsStringAsync(Ct);
                seen++;
                if ((int)answer.StatusCode != 400 || !said.Contains("usage/unknown-", StringComparison.Ordinal))
                {
                    wrong.Add($"{route}?{name}=nobody: {(int)answer.StatusCode} {said}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(seen >= 35, $"{seen} names of queries were tried.");
    }

    /// <summary>What was published, told, used or charged is known, whatever comes of it.</summary>
    private static async Task WhatIsKnownIsTaken(string database)
    {
        foreach (var line in (string[])[
            "costs --from 2026-08 --to 2026-09 --landlord blockbank", "costs --from 2026-10 --project p-ada",
            "costs --from 2026-08 --to 2026-09 --pi ben@mit.edu", "costs --fund nerc-bu-subsidy --from 2026-08",
            "rate --month 2026-08 --project p-ben --cluster stack", "invoices list --pi Ada@BU.edu",
            "accounts show ada@bu.edu", "levels list --landlord gatefarm"])
        {
            await Typed.Done(line, database);
        }

        var slip = await Typed.Line("rate --month 2026-10 --landlord nrec", database);
        Assert.Contains(
            "usage/unknown-landlord: There is no landlord 'nrec'. Did you mean 'nerc'? There are blockbank, ",
            slip.Errors, StringComparison.Ordinal);
        var project = await Typed.Line("costs --project p-adda", database);
        Assert.Contains("Did you mean 'p-ada'? There are p-ada, p-ben.", project.Errors, StringComparison.Ordinal);
    }

    /// <summary>Ben's project is told to Ada, and to a landlord without charges of it, as one that nobody has.</summary>
    private static async Task AnothersIsToldAsUnknown(Serving serving)
    {
        using var ada = await serving.As("ada");
        using var other = await serving.WithKey(KeyScope.Read, Serving.Other);
        foreach (var (client, address) in ((HttpClient, string)[])[
            (ada, "/costs?from=2026-10-01&project="), (other, "/v1/charges?month=2026-10&project=")])
        {
            var (bens, nobodys) = (await Said(client, address + "p-ben"), await Said(client, address + "p-b-n"));
            Assert.Contains("There is no project", bens, StringComparison.Ordinal);
            Assert.Equal(nobodys, bens.Replace("p-ben", "p-b-n", StringComparison.Ordinal));
        }

        // Who its customers are is hidden from a landlord that knows them by pseudonyms: it is told of no person.
        using var nerc = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        foreach (var route in (string[])["savings", "invoices", "awards"])
        {
            var (customer, stranger) = (await Told(nerc, route, "ada@bu.edu"), await Told(nerc, route, "eve@bu.edu"));
            Assert.Equal(stranger, customer.Replace("ada@", "eve@", StringComparison.Ordinal));
        }

        using var own = await ada.GetAsync(new Uri("/costs?from=2026-08-01&project=p-ada", UriKind.Relative), Ct);
        Assert.Equal(200, (int)own.StatusCode);

        static async Task<string> Told(HttpClient client, string route, string pi)
        {
            using var answer = await client.GetAsync(new Uri($"/v1/{route}?pi={pi}", UriKind.Relative), Ct);
            return $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync(Ct)}";
        }

        static async Task<string> Said(HttpClient client, string address)
        {
            using var answer = await client.GetAsync(new Uri(address, UriKind.Relative), Ct);
            Assert.Equal(400, (int)answer.StatusCode);
            var text = await answer.Content.ReadAsStringAsync(Ct);
            var start = text.IndexOf("There is no project", StringComparison.Ordinal);
            return start < 0 ? text : text[start..text.IndexOfAny(['<', '"'], start)];
        }
    }

    [Theory]
    [InlineData("nrec", "nerc")]
    [InlineData("NERC", "nerc")]
    [InlineData("gatefram", "gatefarm")]
    [InlineData("nobody", null)]
    [InlineData("", null)]
    public void A_slip_is_near(string typed, string? meant) =>
        Assert.Equal(meant, NearWord.Of(typed, ["nerc", "blockbank", "gatefarm"]));
}
