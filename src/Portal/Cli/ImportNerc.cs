using System.CommandLine;
using Exchange.Nerc;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Cli;

/// <summary>
/// exchange import nerc — keeps the files that NERC's monthly scripts read, and the rules of their day.
/// </summary>
internal static class ImportNerc
{
    public static Command Command() =>
        new("import", "Imports the files of a month from another billing system.") { Nerc() };

    private static Command Nerc()
    {
        var options = new NercOptions();
        return new Command("nerc", "Keeps the files of a month of NERC's pipeline; what is not named is empty.")
        {
            options.Month, options.Services, options.ColdFront, options.PiLedger, options.Aliases,
            options.NonbillablePis, options.NonbillableProjects, options.PrepayCredits, options.PrepayDebits,
            options.PrepayProjects, options.PrepayContacts, options.OpenReceivables, options.LastNumbers,
        }.Does((verb, ct) => Import(verb, options, ct));
    }

    private static async Task<Answer> Import(Verb verb, NercOptions options, CancellationToken ct)
    {
        var month = verb.Get(options.Month);
        await using var exchange = await verb.Open(ct);
        var done = await verb.Terminal.Progress("Reading …", _ => exchange.Commands.Execute(
            new ImportNercMonth(month, options.Paths(verb), Rules(), Verb.By), Actors.Local(Verb.By), ct));
        foreach (var (path, isNumbers) in ((string?, bool)[])[
            (verb.Get(options.LastNumbers), true), (verb.Get(options.OpenReceivables), false)])
        {
            if (path is not null)
            {
                await DirectoryVerbs.TakenOver(exchange, isNumbers, await Files.Read(path, ct), path, ct);
            }
        }

        return new(done, terminal => Tell(terminal, month, done));
    }

    /// <summary>The month, and the files that NERC's scripts read of it.</summary>
    private sealed class NercOptions
    {
        public Option<BillingMonth> Month { get; } = Settings.Month();

        public Option<string[]> Services { get; } = new("--services")
        {
            Description = "The service invoices; their order decides which line is credited first.",
            HelpName = "FILE",
            Required = true,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
        };

        public Option<string> ColdFront { get; } = new("--coldfront")
        {
            Description = "ColdFront's allocations, JSON: who answers for which project.",
            HelpName = "FILE",
            Required = true,
        };

        public Option<string?> PiLedger { get; } =
            File("--pi-ledger", "What new PIs were granted and have used: PI.csv.");

        public Option<string?> Aliases { get; } = File("--aliases", "Addresses of one PI: alias.csv.");

        public Option<string?> NonbillablePis { get; } =
            File("--nonbillable-pis", "PIs who are not billed, or not for some SU types: pi.yaml.");

        public Option<string?> NonbillableProjects { get; } =
            File("--nonbillable-projects", "Projects that are not billed: projects.yaml.");

        public Option<string?> PrepayCredits { get; } =
            File("--prepay-credits", "What prepay groups paid in, CSV.");

        public Option<string?> PrepayDebits { get; } = File("--prepay-debits", "What prepay groups used, CSV.");

        public Option<string?> PrepayProjects { get; } =
            File("--prepay-projects", "Which projects prepay groups pay for, CSV.");

        public Option<string?> PrepayContacts { get; } =
            File("--prepay-contacts", "Whom to ask about prepay groups, CSV.");

        public Option<string?> OpenReceivables { get; } = File(
            "--open-receivables", "What is open of earlier invoices: number,account,month,due,amount.");

        public Option<string?> LastNumbers { get; } =
            File("--last-numbers", "The last numbers that were given: series,last.");

        public NercPaths Paths(Verb verb) => new()
        {
            Services = verb.Get(Services),
            ColdFront = verb.Get(ColdFront),
            PiLedger = verb.Get(PiLedger),
            Aliases = verb.Get(Aliases),
            NonbillablePis = verb.Get(NonbillablePis),
            NonbillableProjects = verb.Get(NonbillableProjects),
            PrepayCredits = verb.Get(PrepayCredits),
            PrepayDebits = verb.Get(PrepayDebits),
            PrepayProjects = verb.Get(PrepayProjects),
            PrepayContacts = verb.Get(PrepayContacts),
        };

        private static Option<string?> File(string name, string what) =>
            new(name) { Description = what, HelpName = "FILE" };
    }

    private static string Rules() => DataLocation.Pricing ?? throw new RefusedException(new(
        "world/no-pricing",
        "The folder 'pricing' with the programs and institutions is not beside the program. Set EXCHANGE_HOME to " +
        "the folder that holds it."));

    private static void Tell(Terminal terminal, BillingMonth month, ImportNercMonth.NercImported done)
    {
        terminal.Say(done.Changed
            ? $"{month}: {done.Lines} lines of {done.Files} files are kept as version {done.Version}."
            : $"{month}: these {done.Files} files are kept as version {done.Version} already; nothing changed.");
        foreach (var note in done.Notes)
        {
            terminal.Say($"Look at this: {note}");
        }
    }
}
