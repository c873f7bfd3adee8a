using System.CommandLine;
using Exchange.Journal;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Cli;

/// <summary>exchange people erase | erased — takes a person's address and name out of what is shown.</summary>
internal static class PeopleVerbs
{
    public static Command Command() => new("people", "Erases a person's address and name; amounts stay under a token.")
    {
        Erase(), Erased(),
    };

    private static readonly Argument<string?> Address = new("address")
    {
        Description = "Any address of the person; all that are merged with it are erased too.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Because = new("--because")
    {
        Description = "Why, as it stays in the journal. Names in it are erased too.",
        HelpName = "REASON",
    };

    private static readonly Option<string[]> Names = new("--name")
    {
        Description = "What the person is called beside what the directory says.",
        HelpName = "NAME",
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Says what would be touched, and changes nothing.",
    };

    private static readonly Option<string?> FromList = new("--from-list")
    {
        Description = "Erases again in a copy that was put back: a file of 'exchange people erased --out'.",
        HelpName = "FILE",
    };

    private static Command Erase() => new Command(
        "erase", "Erases a person from pages, exports, documents, mail and answers.")
    {
        Address, Because, Names, DryRun, FromList,
    }.Does(async (verb, ct) =>
    {
        await using var exchange = await verb.Open(ct);
        if (verb.Get(FromList) is { } file)
        {
            var again = await ErasedList.Apply(
                exchange, await Files.Read(file, ct), file,
                verb.Get(Because) ?? "erased before a copy was put back", Verb.By, ct);
            return new(new { erased = again }, terminal => terminal.Say(
                $"{again} people of {file} were in this journal, and are erased."));
        }

        var done = await verb.Terminal.Progress("Erasing …", _ => exchange.Commands.Execute(
            new ErasePerson(
                exchange, Files.Parsed<PiId>(verb.Get(Address) ?? ""), verb.Get(Names) ?? [],
                verb.Get(Because) ?? "", Verb.By, verb.Get(DryRun)), Actors.Local(Verb.By), ct));
        return new(done, terminal => Tell(terminal, done));
    });

    private static void Tell(Terminal terminal, PersonErased done)
    {
        terminal.Say(
            $"{done.Events} events, {done.Streams} streams, {done.Blocks} blocks of closes, {done.Documents} " +
            $"documents and {done.Rows} rows of mail and answers {(done.IsDone ? "were" : "would be")} touched.");
        terminal.Say(done.IsDone
            ? $"The person is {string.Join(", ", done.Tokens)} from now on. What was printed, mailed or taken out " +
                "before, backups, logs and readings are not in reach: see docs/operating/erasing-people.md."
            : "Nothing was changed. Without --dry-run it is, and cannot be taken back.");
    }

    private static Command Erased()
    {
        var file = new Option<string?>("--out")
        {
            Description = "Writes by what they are known again in a copy that is put back; keep it beside backups.",
            HelpName = "FILE",
        };
        return new Command("erased", "Lists who was erased, by token.") { file }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var rows = await exchange.Journal.Read<ErasureEvent>(ErasureEvent.Stream, ct);
            if (verb.Get(file) is { } path)
            {
                await File.WriteAllTextAsync(path, await ErasedList.Write(exchange.Database, ct), ct);
            }

            var erased = rows.OfType<ErasureEvent.Erased>().ToList();
            return new(erased, terminal => terminal.Table(
                ["token", "at", "by", "because"],
                erased.Select(one => (IReadOnlyList<string>)[
                    one.Token, Exchange.Text.Of(one.At), one.By, one.Reason])));
        });
    }
}
