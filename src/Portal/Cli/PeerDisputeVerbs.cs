using System.CommandLine;
using Exchange.Market.Peers;
using Exchange.Portal.Commands;
using Exchange.Portal.Peers;

namespace Exchange.Portal.Cli;

/// <summary>
/// exchange peers disputes | dispute | withdraw-dispute | answer-dispute — lines that one of two exchanges disputes.
/// </summary>
internal static class PeerDisputeVerbs
{
    public static Command Disputes()
    {
        var name = Name();
        return new Command("disputes", "Lists the lines that either exchange disputes.") { name }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                return Tell(await PeersFor.Known(exchange, verb.Get(name), ct));
            });
    }

    public static Command Dispute()
    {
        var (name, month) = (Name(), Settings.Month());
        var project = Settings.Needed<ProjectId>("--project", "P", "Whose line.");
        var line = Text("--line", "LINE", "Which line, as 'peers differences' names it.");
        var because = Text("--because", "TEXT", "Why; the other exchange reads it.");
        return new Command("dispute", "Disputes a line of another exchange's statement; 'peers send' says it.")
        {
            name, month, project, line, because,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            return Tell(await PeersFor.Dispute(
                exchange, verb.Get(name),
                new(verb.Get(month), verb.Get(project), verb.Get(line), verb.Get(because)), Actors.Local(Verb.By), ct));
        });
    }

    public static Command Withdraw()
    {
        var name = Name();
        var number = new Argument<long>("number") { Description = "Of the dispute, as 'peers disputes' shows it." };
        var because = Text("--because", "TEXT", "Why; the other exchange reads it.");
        return new Command("withdraw-dispute", "Says that a dispute of this exchange is over.")
        {
            name, number, because,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            return Tell(await PeersFor.Withdraw(
                exchange, verb.Get(name), verb.Get(number), verb.Get(because), Actors.Local(Verb.By), ct));
        });
    }

    public static Command Answer()
    {
        var name = Name();
        var number = new Argument<long>("number") { Description = "Of the dispute, as 'peers disputes' shows it." };
        var because = Text("--because", "TEXT", "What came of it; the other exchange reads it.");
        return new Command(
            "answer-dispute", "Says what came of another exchange's dispute, so that its month can be settled.")
        {
            name, number, because,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            return Tell(await PeersFor.Answer(
                exchange, verb.Get(name), verb.Get(number), verb.Get(because), Actors.Local(Verb.By), ct));
        });
    }

    private static Answer Tell(Peer peer)
    {
        var rows = PeersFor.Disputes(peer);
        return new(rows, terminal => terminal.Table(
            ["number", "by", "month", "project", "what", "asked", "here", "state", "reason", "answer"],
            rows.Select(row => (IReadOnlyList<string>)[
                $"{row.Number}", row.IsOurs ? "this exchange" : peer.Terms!.Name, row.Month.ToString(),
                row.Project.Value, row.What, row.Asked.ToString(), row.Here.ToString(), row.State, row.Reason,
                row.Answer ?? ""])));
    }

    private static Argument<string> Name() => new("peer") { Description = "The other exchange, as 'mit'." };

    private static Option<string> Text(string name, string help, string what) =>
        new(name) { Description = what, HelpName = help, Required = true };
}
