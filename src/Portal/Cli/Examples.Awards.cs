namespace Exchange.Portal.Cli;

/// <summary>Examples of lanes, people, search, mail of savings and awards.</summary>
internal static partial class Examples
{
    private static readonly Dictionary<string, string[]> OfAwards = new(StringComparer.Ordinal)
    {
        ["lanes list"] = ["exchange lanes list", "exchange lanes list --json"],
        ["lanes add"] = ["exchange lanes add west --in west"],
        ["lanes move"] = ["exchange lanes move nerc --to west", "exchange lanes move west --to west-2"],
        ["lanes spread"] = ["exchange lanes spread --dry-run", "exchange lanes spread"],
        ["people erase"] = ["exchange people erase ada@bu.edu --because \"asked on Nov 12, 2026\" --dry-run",
            "exchange people erase --from-list erased.csv"],
        ["people erased"] = ["exchange people erased", "exchange people erased --out erased.csv"],
        ["search"] = ["exchange search PI-2026-0080", "exchange find genome", "exchange search nerc/stack/vm/vm-1"],
        ["savings mail"] =
            ["exchange savings mail --pi ada@bu.edu --off", "exchange savings mail --pi ada@bu.edu"],
        ["awards list"] = ["exchange awards list --pi ada@bu.edu", "exchange awards list --json"],
        ["awards set"] =
        [
            "exchange awards set NSF-2412345 --pi ada@bu.edu --sponsor \"National Science Foundation\" " +
                "--from 2026-09-01 --to 2029-09-01 --budget 25000 --project stack/p-17 --project ocp-prod/ada=50",
            "exchange awards set NSF-2412345 --pi ada@bu.edu --sponsor \"National Science Foundation\" " +
                "--from 2026-09-01 --to 2029-09-01 --budget 30000 --project stack/p-17 --at 50 --at 90 " +
                "--forecast-at 100 --tell grants@bu.edu",
        ],
        ["awards remove"] = ["exchange awards remove NSF-2412345 --pi ada@bu.edu --because \"it was never granted\""],
        ["awards report"] =
        [
            "exchange awards report NSF-2412345 --pi ada@bu.edu --out reports",
            "exchange awards report NSF-2412345 --pi ada@bu.edu --from 2026-09-01 --to 2027-09-01 --out reports",
        ],
    };
}
