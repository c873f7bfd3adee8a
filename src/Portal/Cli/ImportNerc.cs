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
        var month = Settings.Month();
        var services = new Option<string[]>("--services")
        {
            Description = "The service invoices; their order decides which line is credited first.",
            HelpName = "FILE",
            Required = true,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
        };
        var coldfront = new Option<string>("--coldfront")
        {
            Description = "ColdFront's allocations, JSON: who answers for which project.",
            HelpName = "FILE",
            Required = true,
        };
        var ledger = File("--pi-ledger", "What new PIs were granted and have used: PI.csv.");
        var aliases = File("--aliases", "Addresses of one PI: alias.csv.");
        var freePis = File("--nonbillable-pis", "PIs who are not billed, or not for some SU types: pi.yaml.");
        var freeProjects = File("--nonbillable-projects", "Projects that are not billed: projects.yaml.");
        var credits = File("--prepay-credits", "What prepay groups paid in, CSV.");
        var debits = File("--prepay-debits", "What prepay groups used, CSV.");
        var projects = File("--prepay-projects", "Which projects prepay groups pay for, CSV.");
        var contacts = File("--prepay-contacts", "Whom to ask about prepay groups, CSV.");
        var receivables = File(
            "--open-receivables", "What is open of earlier invoices: number,account,month,due,amount.");
        var numbers = File("--last-numbers", "The last numbers that were given: series,last.");
        return new Command("nerc", "Keeps the files of a month of NERC's pipeline; what is not named is empty.")
        {
            month, services, coldfront, ledger, aliases, freePis, freeProjects, credits, debits, projects, contacts,
            receivables, numbers,
        }.Does(async (verb, ct) =>
        {
            var paths = new NercPaths
            {
                Services = verb.Get(services),
                ColdFront = verb.Get(coldfront),
                PiLedger = verb.Get(ledger),
                Aliases = verb.Get(aliases),
                NonbillablePis = verb.Get(freePis),
                NonbillableProjects = verb.Get(freeProjects),
                PrepayCredits = verb.Get(credits),
                PrepayDebits = verb.Get(debits),
                PrepayProjects = verb.Get(projects),
                PrepayContacts = verb.Get(contacts),
            };
            await using var exchange = await verb.Open(ct);
            var done = await verb.Terminal.Progress("Reading …", _ => exchange.Commands.Execute(
                new ImportNercMonth(verb.Get(month), paths, Rules(), Verb.By), Actors.Local(Verb.By), ct));
            foreach (var (path, isNumbers) in ((string?, bool)[])[
                (verb.Get(numbers), true), (verb.Get(receivables), false)])
            {
                if (path is not null)
                {
                    await DirectoryVerbs.TakenOver(exchange, isNumbers, await Files.Read(path, ct), path, ct);
                }
            }

            return new(done, terminal => Tell(terminal, verb.Get(month), done));
        });
    }

    private static Option<string?> File(string name, string what) =>
        new(name) { Description = what, HelpName = "FILE" };

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
