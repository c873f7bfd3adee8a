using System.Collections.Immutable;
using System.IO.Enumeration;
using Exchange.Facts;
using Exchange.Rating;

namespace Exchange.Invoicing.Profiles;

/// <summary>What some accounts of the exchange's ledger are called in an ERP's.</summary>
/// <param name="Match">Accounts of the exchange, as 'receivable:pi:*'; '*' stands for any text.</param>
/// <param name="Account">The ledger account, as Workday and PeopleSoft know it.</param>
/// <param name="Name">The name, as QuickBooks knows it.</param>
/// <param name="Tags">Worktags or ChartFields of each line, as 'fund'.</param>
public sealed record ChartAccount(
    string Match, string Account, string Name, ImmutableSortedDictionary<string, string> Tags);

/// <summary>What is written with the lines of a project: its charge string, field by field.</summary>
/// <param name="Match">The project, as 'stack/p-17' or with '*' for any text.</param>
public sealed record ChartProject(string Match, ImmutableSortedDictionary<string, string> Tags);

/// <summary>How entries are written for an ERP: its accounts, and charge strings. Stored as it is here.</summary>
public sealed record ChartOfAccounts(
    ImmutableArray<ChartAccount> Accounts, ImmutableArray<ChartProject> Projects)
{
    /// <summary>The name of the one fact.</summary>
    public const string Name = "exchange";

    public static readonly FactKind<ChartOfAccounts> Facts = new("chart", _ => Name, Says) { DecidesMoney = false };

    /// <summary>The worktags of Workday and the ChartFields of PeopleSoft that a line may have.</summary>
    public static ImmutableArray<string> Known { get; } =
    [
        "activity", "alternate_account", "assignee", "business_unit", "class", "cost_center", "department",
        "designated", "function", "fund", "gift", "grant", "internal_reference", "loan", "location", "operating_unit",
        "product", "program", "project", "region", "revenue_category", "spend_category",
    ];

    /// <summary>Workday's company, PeopleSoft's business unit.</summary>
    public string Company { get; init; } = "";

    /// <summary>The ledger, or type of ledger.</summary>
    public string Ledger { get; init; } = "ACTUALS";

    /// <summary>Workday's journal source.</summary>
    public string Source { get; init; } = "";

    /// <summary>The first that matches an account; null for none.</summary>
    public ChartAccount? Of(string account) => Accounts.FirstOrDefault(
        one => FileSystemName.MatchesSimpleExpression(one.Match, account, ignoreCase: false));

    /// <summary>The charge string of a project, by the first that matches it.</summary>
    public ImmutableSortedDictionary<string, string> OfProject(string project) => Projects.FirstOrDefault(
        one => FileSystemName.MatchesSimpleExpression(one.Match, project, ignoreCase: false))?.Tags
        ?? ImmutableSortedDictionary<string, string>.Empty;

    /// <exception cref="RefusedException">It is no chart of accounts; file and line are named.</exception>
    public static ChartOfAccounts Parse(string yaml, string file)
    {
        var root = YamlMap.Read(yaml, file);
        var map = root.Map("chart") ?? throw root.Missing("chart");
        root.NoOthers();
        var chart = new ChartOfAccounts(
            [.. map.Maps("accounts").Select(OneAccount)], [.. map.Maps("projects").Select(OneProject)])
        {
            Company = map.Required("company"),
            Ledger = map.Word("ledger") ?? "ACTUALS",
            Source = map.Required("source"),
        };
        map.NoOthers();
        return chart.Accounts.Length == 0 ? throw map.Bad("accounts", "at least one entry") : chart;
    }

    private static ChartAccount OneAccount(YamlMap map)
    {
        var account = map.Required("account");
        var one = new ChartAccount(map.Required("match"), account, map.Word("name") ?? account, Tags(map));
        map.NoOthers();
        return one;
    }

    private static ChartProject OneProject(YamlMap map)
    {
        var one = new ChartProject(map.Required("project"), Tags(map));
        map.NoOthers();
        return one;
    }

    private static ImmutableSortedDictionary<string, string> Tags(YamlMap map)
    {
        if (map.Map("tags") is not { } tags)
        {
            return ImmutableSortedDictionary<string, string>.Empty;
        }

        foreach (var key in tags.Keys().Where(key => !Known.Contains(key)))
        {
            throw tags.Bad(key, $"one of {string.Join(", ", Known)}");
        }

        return tags.Keys().ToImmutableSortedDictionary(key => key, tags.Required, StringComparer.Ordinal);
    }

    private static IEnumerable<(string What, string Says)> Says(ChartOfAccounts chart, BillingMonth month) =>
    [
        .. ProfileText.Said(("company", chart.Company), ("ledger", chart.Ledger), ("source", chart.Source)),
        .. chart.Accounts.Select(one => (
            $"account of {one.Match}", $"{one.Account} {one.Name} {Said(one.Tags)}".Trim())),
        .. chart.Projects.Select(one => ($"charge string of {one.Match}", Said(one.Tags))),
    ];

    private static string Said(ImmutableSortedDictionary<string, string> tags) =>
        string.Join(" ", tags.Select(tag => $"{tag.Key}={tag.Value}"));
}
