using System.CommandLine;
using Exchange.Journal;
using Exchange.Market.Auctions;
using Exchange.Portal.Commands;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>exchange bids open | ask | place | withdraw | list | clear — auctions of nodes.</summary>
internal static class BidVerbs
{
    public static Command Command() => new("bids", "Auctions nodes: sealed asks and bids, cleared at one price.")
    {
        Open(), Ask(), Place(), Withdraw(), List(), Clear(),
    };

    /// <summary>An auction as the list shows it: what was asked and bid is told once it is cleared.</summary>
    private sealed record AuctionRow(
        string Id, Period Period, Instant ClosesAt, string State, int Asks, int Bids, Money? Price,
        IReadOnlyList<NodeFill> Fills);

    private static Command Open()
    {
        var (from, until, closes) = (
            Needed("--from", "From when on the nodes are used."), Needed("--until", "Until when."),
            Needed("--closes-at", "Until when asks and bids are taken."));
        return new Command("open", "Opens an auction of nodes for a time.") { from, until, closes }.Does(
            async (verb, ct) =>
            {
                var (start, end) = (verb.Get(from)!.Value, verb.Get(until)!.Value);
                if (start >= end)
                {
                    throw new RefusedException(
                        new("auction/wrong", "Nodes are used until after they begin.", "--until"));
                }

                await using var exchange = await verb.Open(ct);
                var terms = await AuctionsFor.Open(
                    exchange, new(start, end), verb.Get(closes)!.Value, Actors.Local(Verb.By), ct);
                return new(terms, terminal => terminal.Say(
                    $"{terms.Id} takes asks and bids until {Text.Of(terms.ClosesAt)}."));
            });
    }

    private static Command Ask()
    {
        var (id, price) = (Auctioned(), Price("The least for a node and hour."));
        var landlord = Settings.KnownNeeded<LandlordId>("--landlord", "L", "Whose nodes they are.");
        var cluster = Settings.Needed<ClusterId>("--cluster", "C", "Where they are.");
        var nodes = new Option<string[]>("--node")
        {
            Description = "A node; may be given again.",
            HelpName = "N",
            Required = true,
        };
        var shape = new Option<string>("--shape")
        {
            Description = "What the price sheet asks of a node, as readings have it.",
            HelpName = "JSON",
            DefaultValueFactory = _ => "{}",
        };
        return new Command("ask", "Puts nodes up for a least price.")
        {
            id, landlord, cluster, nodes, price, shape,
        }.Does((verb, ct) =>
        {
            var ask = new NodeAsk(
                "", verb.Get(landlord), verb.Get(cluster), [.. verb.Get(nodes)], verb.Get(price),
                Files.Parsed<Metering.Shape>(verb.Get(shape)).ToString());
            return Change(verb, exchange => AuctionsFor.Ask(
                exchange, verb.Get(id), ask, Actors.Local(Verb.By), ct), ct);
        });
    }

    private static Command Place()
    {
        var (id, price) = (Auctioned(), Price("The most for a node and hour."));
        var project = Settings.KnownNeeded<ProjectId>("--project", "P", "Which project would hold them.");
        var nodes = new Option<int>("--nodes") { Description = "How many.", HelpName = "N", Required = true };
        return new Command("place", "Bids for nodes.") { id, project, nodes, price }.Does((verb, ct) => Change(
            verb, exchange => AuctionsFor.Bid(
                exchange, verb.Get(id), new("", verb.Get(project), verb.Get(nodes), verb.Get(price)), null,
                Actors.Local(Verb.By), ct), ct));
    }

    private static Command Withdraw()
    {
        var id = Auctioned();
        var which = new Argument<string>("which") { Description = "The number of the ask or the bid." };
        return new Command("withdraw", "Takes an ask or a bid back, before the auction closes.") { id, which }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                await AuctionsFor.Withdraw(
                    exchange, verb.Get(id), verb.Get(which), null, Actors.Local(Verb.By), ct);
                return new(new { id = verb.Get(which) }, terminal => terminal.Say($"{verb.Get(which)} is withdrawn."));
            });
    }

    private static Command List() => new Command("list", "Lists auctions, and what came of those that are over.").Does(
        async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var now = verb.Clock.GetCurrentInstant();
            var rows = new List<AuctionRow>();
            foreach (var id in (await exchange.Journal.State(AuctionList.Fold, AuctionList.Id, ct)).All)
            {
                var auction = await exchange.Journal.State(Auction.Fold, id, ct);
                var (terms, over) = (auction.Needed(), auction.Outcome);
                rows.Add(new(
                    id, terms.Period, terms.ClosesAt,
                    over is not null ? "cleared" : now < terms.ClosesAt ? "open" : "closed", auction.Asks.Length,
                    auction.Bids.Length, over?.Price, over is null ? [] : [.. over.Fills]));
            }

            return new(rows, terminal => terminal.Table(
                ["id", "from", "until", "closes at", "state", "asks", "bids", "price", "leases"],
                rows.Select(row => (IReadOnlyList<string>)[
                    row.Id, Text.Of(row.Period.Start), Text.Of(row.Period.End), Text.Of(row.ClosesAt), row.State,
                    $"{row.Asks}", $"{row.Bids}", $"{row.Price}",
                    string.Join(' ', row.Fills.Select(fill => fill.Lease))])));
        });

    private static Command Clear()
    {
        var id = Auctioned();
        return new Command("clear", "Clears an auction that has closed: each fill becomes a lease.") { id }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                var over = await AuctionsFor.Clear(exchange, verb.Get(id), Actors.Local(Verb.By), ct);
                return new(new { over.Price, over.Fills }, terminal =>
                {
                    terminal.Table(["ask", "bid", "nodes", "lease"], over.Fills.Select(fill =>
                        (IReadOnlyList<string>)[fill.Ask, fill.Bid, string.Join(' ', fill.Nodes), fill.Lease]));
                    terminal.Say(over.Price is { } price
                        ? $"{verb.Get(id)} cleared at {price} for a node and hour."
                        : $"{verb.Get(id)} is over, and nothing was sold.");
                });
            });
    }

    private static async Task<Answer> Change(
        Verb verb, Func<Composition, Task<string>> say, CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        var id = await say(exchange);
        return new(new { id }, terminal => terminal.Say(
            $"{id} is taken; nobody is told of it before the auction closes."));
    }

    private static Argument<string> Auctioned() =>
        new("auction") { Description = "The number of the auction, as A-7F3K2M9Q." };

    private static Option<Money> Price(string description) => new("--per-hour")
    {
        Description = description,
        HelpName = "MONEY",
        Required = true,
        CustomParser = argument => Settings.Amount(argument),
    };

    private static Option<Instant?> Needed(string name, string description)
    {
        var option = Settings.Instant(name, description);
        option.Required = true;
        return option;
    }
}
