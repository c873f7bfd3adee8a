using System.CommandLine;
using Exchange.Market.Commands;
using Exchange.Market.Peers;
using Exchange.Portal.Commands;
using Exchange.Portal.Peers;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>exchange peers … — other exchanges: their keys, what each asks of the other, and settling net.</summary>
internal static class PeerVerbs
{
    public static Command Command() => new("peers", "Shows other exchanges, and exchanges signed statements with them.")
    {
        Key(), List(), Admit(), Rekey(), Suspend(), Months(), Draw(), Statement(), Send(), Receive(), Differences(),
        PeerDisputeVerbs.Disputes(), PeerDisputeVerbs.Dispute(), PeerDisputeVerbs.Withdraw(),
        PeerDisputeVerbs.Answer(), Settle(),
    };

    private static Command Key()
    {
        var renew = new Option<bool>("--new")
        {
            Description = "Signs by another key from now on; have the others take it first, by 'peers rekey'.",
        };
        return new Command("key", "Prints the public key by which this exchange signs.") { renew }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                var key = verb.Get(renew)
                    ? (await exchange.Commands.Noted("renew signing key", "exchange", token =>
                        SigningKey.Renew(exchange.Database, token), ct)).Public
                    : await PeersFor.PublicKey(exchange, ct);
                return new(new { key }, terminal => terminal.Say(key));
            });
    }

    private static Command Rekey()
    {
        var (name, key) = (Name(), Text("--key", "KEY", "Its new public key."));
        var until = Settings.Instant("--old-until", "Until when what the old key signed is taken.");
        until.Required = true;
        return new Command("rekey", "Takes another key of an exchange, beside the old one for a time.")
        {
            name, key, until,
        }.Does((verb, ct) => Agree(
            verb, verb.Get(name), "change key of peer",
            (peer, now) => Peer.ChangeKey(peer, verb.Get(key), verb.Get(until)!.Value, Verb.By, now),
            $"{verb.Get(name)} signs by its new key; the old one is good until {Exchange.Text.Of(
                verb.Get(until)!.Value)}.", ct));
    }

    private static Command List() => new Command("list", "Lists the other exchanges.").Does(async (verb, ct) =>
    {
        await using var exchange = await verb.Open(ct);
        List<PeerRow> rows = [.. (await PeersFor.All(exchange, ct)).Select(of => PeersFor.Row(of.Peer))];
        return new(rows, terminal => terminal.Table(
            ["peer", "address", "account here", "sells as", "from", "state", "waiting", "why"],
            rows.Select(row => (IReadOnlyList<string>)[
                row.Name, row.Url, row.Pi?.Value ?? "", row.Landlord?.Value ?? "", row.From.ToString(), row.State,
                $"{row.Waiting}", row.Why ?? ""])));
    });

    private static Command Admit()
    {
        var (name, from) = (Name(), Settings.Needed<BillingMonth>("--from", "MONTH", "The first month of statements."));
        var knownAs = Text("--known-as", "NAME", "What it calls this exchange.");
        var url = Text("--url", "URL", "Where it is.");
        var key = Text("--key", "BASE64", "Its public key, as 'exchange peers key' prints it there.");
        var pi = Settings.Value<PiId>("--pi", "PI", "Who stands for it as a customer here.");
        var landlord = Settings.Value<LandlordId>("--landlord", "L", "As whom it sells here.");
        var metered = new Option<bool>("--metered-here")
        {
            Description = "What is used there is metered and priced here too: its statements are compared, not billed.",
        };
        var inside = new Option<bool>("--private")
        {
            Description = "Its address may be in a private network, and without TLS.",
        };
        return new Command("admit", "Admits another exchange by its key, or agrees otherwise with it.")
        {
            name, knownAs, url, key, pi, landlord, from, metered, inside,
        }.Does(async (verb, ct) =>
        {
            var terms = new PeerTerms(
                verb.Get(name), verb.Get(knownAs), verb.Get(url), verb.Get(key), verb.Get(pi), verb.Get(landlord),
                verb.Get(from), verb.Get(metered), verb.Get(inside));
            return await Agree(
                verb, terms.Name, "admit peer", (peer, now) => Peer.Admit(peer, terms, Verb.By, now),
                $"{terms.Name} is admitted. Its statements are taken from now on.", ct);
        });
    }

    private static Command Suspend()
    {
        var (name, because) = (Name(), Text("--because", "TEXT", "Why."));
        return new Command("suspend", "Sends nothing to another exchange and takes nothing from it any more.")
        {
            name, because,
        }.Does((verb, ct) => Agree(
            verb, verb.Get(name), "suspend peer",
            (peer, now) => Peer.Suspend(peer, verb.Get(because), Verb.By, now),
            $"{verb.Get(name)} is suspended. 'exchange peers admit' admits it again.", ct));
    }

    private static async Task<Answer> Agree(
        Verb verb, string name, string act, Func<Peer, Instant, Decision<PeerEvent>> rule, string said,
        CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        var peer = await exchange.Commands.Execute(new AdmitPeer(name, act, rule), Actors.Local(Verb.By), ct);
        return new(peer.Terms!, terminal => terminal.Say(said));
    }

    private static Command Months()
    {
        var name = Name();
        return new Command("months", "Shows what two exchanges ask of each other, month by month.") { name }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                return Tell(PeersFor.Months(await PeersFor.Known(exchange, verb.Get(name), ct)));
            });
    }

    private static Command Draw()
    {
        var (name, month) = (Name(), Settings.Month());
        return new Command("draw", "Asks another exchange for what its account was billed of a closed month.")
        {
            name, month,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var drawn = await PeersFor.Draw(
                exchange, verb.Get(name), verb.Get(month), Actors.Local(Verb.By), ct);
            return new(
                new { drawn?.Sequence, drawn?.Total, drawn?.Lines, drawn?.Sha256 }, terminal => terminal.Say(
                    drawn is null ? "Nothing was billed, so nothing is asked."
                        : $"Statement {drawn.Sequence}: {drawn.Lines} lines, {drawn.Total}. 'exchange peers send' " +
                            "sends it."));
        });
    }

    private static Command Statement()
    {
        var (name, month) = (Name(), Settings.Month());
        return new Command("statement", "Prints the signed statement of a month, to be carried by hand.")
        {
            name, month,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var drawn = (await PeersFor.Known(exchange, verb.Get(name), ct)).DrawnOf(verb.Get(month)) ??
                throw new RefusedException(new(
                    "peer/nothing", $"Nothing was asked for {verb.Get(month)}. 'exchange peers draw' asks.",
                    verb.Get(name)));
            var text = PeerStatement.SignedAgain(drawn.Text, await SigningKey.Own(exchange.Database, ct));
            return new(new { statement = text }, terminal => terminal.Say(text.TrimEnd('\n')));
        });
    }

    private static Command Send() => new Command("send", "Draws what is due and sends what waits, now.").Does(
        async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var said = await SendStatements.Run(exchange, ct);
            return new(new { said }, terminal => terminal.Say(said));
        });

    private static Command Receive()
    {
        var name = Name();
        var file = new Argument<string>("file") { Description = "A statement as it was sent; '-' is standard input." };
        return new Command("receive", "Takes a statement that was carried by hand.") { name, file }.Does(
            async (verb, ct) =>
            {
                var text = verb.Get(file) == "-"
                    ? await new StreamReader(verb.Terminal.Input()).ReadToEndAsync(ct)
                    : await File.ReadAllTextAsync(verb.Get(file), ct);
                await using var exchange = await verb.Open(ct);
                var isNew = await PeersFor.Receive(exchange, verb.Get(name), text, Actors.Local(Verb.By), ct);
                return new(new { isNew }, terminal => terminal.Say(isNew
                    ? "Taken. 'exchange peers differences' compares it with what was billed here."
                    : "It was here before; nothing changed."));
            });
    }

    private static Command Differences()
    {
        var (name, month) = (Name(), Settings.Month());
        return new Command("differences", "Names the lines of a month on which two exchanges do not agree.")
        {
            name, month,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var lines = await PeersFor.Differences(exchange, verb.Get(name), verb.Get(month), ct);
            return new(lines, terminal =>
            {
                terminal.Table(
                    ["project", "what", "asked", "here", "difference", "quantity asked", "quantity here"],
                    lines.Select(line => (IReadOnlyList<string>)[
                        line.Project.Value, line.What, line.Asked.ToString(), line.Here.ToString(),
                        line.Difference.ToString(), line.AskedQuantity?.ToString() ?? "",
                        line.QuantityHere?.ToString() ?? ""]));
                terminal.Say(lines.Count == 0 ? "Both exchanges agree on every line."
                    : $"{lines.Count} lines differ, by {Money.Sum(lines.Select(line => line.Difference))}.");
            }, lines.Count == 0 ? ExitCode.Done : ExitCode.Refused);
        });
    }

    private static Command Settle()
    {
        var (name, month) = (Name(), Settings.Month());
        return new Command("settle", "Sets what two exchanges ask of each other for a month against each other.")
        {
            name, month,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            return Tell([await PeersFor.Settle(
                exchange, verb.Get(name), verb.Get(month), Actors.Local(Verb.By), ct)]);
        });
    }

    private static Answer Tell(IReadOnlyList<PeerMonth> months) => new(months, terminal => terminal.Table(
        ["month", "asked", "owed", "net", "state"],
        months.Select(row => (IReadOnlyList<string>)[
            row.Month.ToString(), row.Asked.ToString(), row.Owed.ToString(), row.Net.ToString(), row.State])));

    private static Argument<string> Name() => new("peer") { Description = "The other exchange, as 'mit'." };

    private static Option<string> Text(string name, string help, string what) =>
        new(name) { Description = what, HelpName = help, Required = true };
}
