using System.CommandLine;
using Exchange.Portal.Commands;
using Exchange.Rating;

namespace Exchange.Portal.Cli;

/// <summary>exchange projects import | list | merge — who answers for which project.</summary>
internal static class Projects
{
    public static Command Command() =>
        new("projects", "Shows and imports projects and their PIs.") { Import(), List(), Merge() };

    private static Command Import()
    {
        var file = new Argument<string>("file")
        {
            Description = "ColdFront's JSON, or CSV: cluster,project,name,pi[,from].",
        };
        return new Command("import", "Reads who answers for projects from a file.") { file }.Does(async (verb, ct) =>
        {
            var path = verb.Get(file);
            var text = await Files.Read(path, ct);
            await using var exchange = await verb.Open(ct);
            var outcome = await exchange.Commands.Execute(
                new ImportProjects(text, path, Verb.By), Actors.Local(Verb.By), ct);
            return new(
                outcome, terminal => Tell(terminal, outcome),
                outcome.Contradictions.Count > 0 ? ExitCode.Refused : ExitCode.Done);
        });
    }

    private static void Tell(Terminal terminal, ImportProjects.ProjectsImported outcome)
    {
        terminal.Say($"{outcome.Told} projects in the file, {outcome.Changed} of them new or changed");
        foreach (var contradiction in outcome.Contradictions)
        {
            terminal.Say($"not taken: {contradiction}");
        }
    }

    private static Command List() =>
        new Command("list", "Lists the projects as they stand now.").Does(async (verb, ct) =>
    {
        await using var exchange = await verb.Open(ct);
        var rows = await ListProjects.Run(exchange.Journal, exchange.Institutions, verb.Clock.GetCurrentInstant(), ct);
        return new(rows, terminal => terminal.Table(
            ["cluster", "project", "name", "pi", "institution"],
            rows.Select(r => (IReadOnlyList<string>)[
                r.Cluster.Value, r.Project.Value, r.Name, r.Pi?.Value ?? "", r.Institution ?? ""])));
    });

    private static Command Merge()
    {
        var pi = new Argument<string>("pi") { Description = "The address that stays." };
        var alias = new Argument<string>("alias") { Description = "The other address of the same person." };
        return new Command("merge", "Says that two addresses are one person.") { pi, alias }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var merged = await exchange.Commands.Execute(
                new MergePis(
                    Files.Person(Files.Parsed<PiId>(verb.Get(pi))), Files.Person(Files.Parsed<PiId>(verb.Get(alias))),
                    Verb.By), Actors.Local(Verb.By), ct);
            return new(new { merged }, terminal => terminal.Say(
                merged > 0 ? $"{verb.Get(alias)} is {verb.Get(pi)}." : "That was known."));
        });
    }
}
