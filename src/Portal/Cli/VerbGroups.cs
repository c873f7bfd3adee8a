using System.CommandLine;

namespace Exchange.Portal.Cli;

/// <summary>The verbs by what somebody is about to do, as the program's own help lists them.</summary>
internal static class VerbGroups
{
    private static readonly (string Title, string[] Verbs)[] Groups =
    [
        ("Run it", [
            "install", "doctor", "serve", "sign-in-link", "jobs", "mail", "lanes", "settings", "backup", "restore",
            "stop", "completion",
        ]),
        ("Take usage", ["ingest", "collect", "sources", "quarantine", "correct", "import"]),
        ("Set prices and funds", [
            "prices", "levels", "outages", "programs", "prepaid", "landlords", "directory", "projects", "people",
        ]),
        ("Sell and buy", [
            "offers", "quote", "quotes", "orders", "agreements", "leases", "capacity", "bids", "mandates",
        ]),
        ("See what it costs", ["search", "costs", "rate", "explain", "savings", "awards"]),
        ("Bill and collect", [
            "close", "adjustments", "invoices", "payments", "accounts", "payouts", "peers", "stripe", "ledger",
            "export",
        ]),
        ("Let programs in", ["keys", "webhooks"]),
        ("Check and measure", ["verify", "replay", "bench", "demo"]),
    ];

    private const string Rest = "More";

    /// <summary>Every verb that is shown, each under one heading; one that has none stands last.</summary>
    public static IReadOnlyList<(string Title, IReadOnlyList<Command> Verbs)> Of(Command root)
    {
        var shown = root.Subcommands.Where(verb => !verb.Hidden).ToList();
        var grouped = Groups.Select(group => (group.Title, Verbs: (IReadOnlyList<Command>)[.. group.Verbs.Select(
            name => shown.Find(verb => verb.Name == name || verb.Aliases.Contains(name))).OfType<Command>()])).ToList();
        var named = grouped.SelectMany(group => group.Verbs).ToHashSet();
        grouped.Add((Rest, [.. shown.Where(verb => !named.Contains(verb))]));
        return [.. grouped.Where(group => group.Verbs.Count > 0)];
    }

    /// <summary>The help of the program itself.</summary>
    public static void Write(RootCommand root, TextWriter output)
    {
        output.WriteLine(root.Description);
        output.WriteLine();
        output.WriteLine("Usage:");
        output.WriteLine("  exchange VERB [options]");
        var width = root.Subcommands.Max(verb => verb.Name.Length);
        foreach (var (title, verbs) in Of(root))
        {
            output.WriteLine();
            output.WriteLine($"{title}:");
            foreach (var verb in verbs)
            {
                output.WriteLine($"  {verb.Name.PadRight(width)}  {verb.Description}");
            }
        }

        output.WriteLine();
        output.WriteLine("Options of every verb:");
        var options = root.Options.Where(option => !option.Hidden).Select(option => (
            Name: option.HelpName is { } value ? $"{option.Name} {value}" : option.Name, option.Description)).ToList();
        foreach (var (name, description) in options)
        {
            output.WriteLine($"  {name.PadRight(options.Max(one => one.Name.Length))}  {description}");
        }

        output.WriteLine();
    }
}
