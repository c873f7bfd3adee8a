using System.CommandLine;
using System.CommandLine.Help;
using Exchange.Portal.Installing;

namespace Exchange.Portal.Cli;

/// <summary>The verbs of 'exchange', and how a line typed by a person becomes one of them.</summary>
internal static class CommandLine
{
    /// <summary>What the library says of a line whose first word is no verb, before it says so of the word.</summary>
    private const string NoVerb = "Required command was not provided.";

    public static RootCommand Root()
    {
        var root = new RootCommand(
            "The exchange: meters what was used in shared research clouds, rates it, and invoices it.")
        {
            Settings.Data, Settings.Database, Settings.Bare, Settings.Json,
        };
        foreach (var verb in Verbs())
        {
            root.Add(verb);
        }

        Examples.AddTo(root);
        return root;
    }

    public static async Task<int> Run(IReadOnlyList<string> args, Terminal terminal, CancellationToken ct = default)
    {
        SettingsFile.Load();
        var parsed = Root().Parse(args.Count == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction and not HelpWithExamples && !IsCompletion(args))
        {
            terminal.Failed(
                [.. parsed.Errors.Where(e => parsed.UnmatchedTokens.Count == 0 || e.Message != NoVerb).Select(
                    e => new Refusal("usage", $"{e.Message}{Suggestions.For(parsed)} See 'exchange --help'."))],
                args.Contains("--json"));
            return ExitCode.WrongUsage;
        }

        Verb.SpeaksTo.Value = terminal;
        var invocation = new InvocationConfiguration
        {
            Output = terminal.Output,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
        };
        return await parsed.InvokeAsync(invocation, ct);
    }

    /// <summary>Whether a shell asks what fits; what was typed so far need not be right.</summary>
    private static bool IsCompletion(IReadOnlyList<string> args) =>
        args.Count > 0 && args[0].StartsWith("[suggest", StringComparison.Ordinal);

    private static IEnumerable<Command> Verbs() =>
    [
        Ingest.Command(),
        Collect.Command(), SourceVerbs.Command(),
        Prices.Command(), OutageVerbs.Command(), LevelVerbs.Command(),
        Rate.Command(), CostVerb.Command(), SearchVerb.Command(), SavingVerbs.Command(),
        AwardVerbs.Command(), AskForQuote.Command(),
        OfferVerbs.Command(), OrderVerbs.Command(), LeaseVerbs.Command(), CapacityVerbs.Command(),
        MandateVerbs.Command(), BidVerbs.Command(),
        QuoteVerbs.Command(),
        QuoteVerbs.Agreements(),
        Projects.Command(), DirectoryVerbs.Command(), PeopleVerbs.Command(), LandlordVerbs.Command(),
        ImportNerc.Command(),
        Export.Command(),
        Close.Command(), AdjustmentVerbs.Command(),
        Invoices.Command(), Payments.Command(), Accounts.Command(), PayoutVerbs.Command(), PeerVerbs.Command(),
        SettingsVerbs.Command(), LedgerVerbs.Command(),
        Programmes.Command(), Prepaid.Command(), Mailing.Command(), StripeVerbs.Command(),
        JobVerbs.Command(), LaneVerbs.Command(),
        Explaining.Command(),
        Verify.Command(),
        Replay.Command(),
        BackupVerbs.Backup(), BackupVerbs.Restore(),
        Keys.Command(), Webhooks.Command(),
        Demonstration.Command(),
        Quarantine.Command(), Correct.Command(),
        Serve.Command(), SignInLink.Command(), Install.Command(), Doctor.Command(), Completion.Command(),
        Bench.Command(),
        Stop.Command(),
    ];
}
