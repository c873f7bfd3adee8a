using System.Collections.Immutable;
using System.CommandLine;
using Exchange.Market.Commands;
using Exchange.Market.Leases;
using Exchange.Portal.Commands;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>exchange leases … — nodes that landlords lend, and what two parties agree on about them.</summary>
internal static class LeaseVerbs
{
    public static Command Command() => new("leases", "Shows leases of nodes, and what both sides say of them.")
    {
        List(), Declare(), Release(), Offer(),
        Answer("accept", "Accepts what the other side proposed.", [], (of, _, deal) =>
            LeaseDeal.Accept(deal, of.Side, of.By, of.Now)),
        Answer("decline", "Says no to what is proposed, or takes it back.", [Because], (of, verb, deal) =>
            LeaseDeal.Decline(deal, of.Side, verb.Get(Because), of.By, of.Now)),
        Answer("extend", "Proposes that a lease lasts longer.", [At("--until")], (of, verb, deal) => Change(
            deal, new(LeaseChangeKind.Extend, verb.Get(At("--until"))!.Value, null), of)),
        Answer("end", "Proposes that a lease ends before its time.", [At("--from")], (of, verb, deal) => Change(
            deal, new(LeaseChangeKind.End, verb.Get(At("--from"))!.Value, null), of)),
        Answer("transfer", "Proposes that another project holds a lease.", [At("--from"), To],
            (of, verb, deal) => Change(
                deal, new(LeaseChangeKind.Transfer, verb.Get(At("--from"))!.Value, verb.Get(To)), of)),
        Answer("reprice", "Proposes another price of a lease.", [At("--from"), PerHour], (of, verb, deal) => Change(
            deal, new(LeaseChangeKind.Reprice, verb.Get(At("--from"))!.Value, null) { PerHour = verb.Get(PerHour) },
            of)),
        Answer("reclaim", "Takes a lease back, with the notice that was agreed.", [At("--from"), Because],
            (of, verb, deal) => LeaseDeal.Reclaim(
                deal, verb.Get(At("--from"))!.Value, verb.Get(Because), of.By, of.Now), isSided: false),
    };

    private sealed record About(LeaseSide Side, string By, Instant Now);

    private static readonly Dictionary<string, Option<Instant?>> Instants = new(StringComparer.Ordinal);

    private static Option<string> Because { get; } =
        new("--because") { Description = "Why; the other side sees it.", HelpName = "TEXT", Required = true };

    private static Option<decimal> PerHour { get; } = new("--per-hour")
    {
        Description = "Dollars for a node and hour from then on.",
        HelpName = "N",
        Required = true,
    };

    private static Option<ProjectId> To { get; } =
        Settings.Needed<ProjectId>("--project", "P", "Which project holds it then.");

    private static Option<Instant?> At(string name)
    {
        if (!Instants.TryGetValue(name, out var option))
        {
            Instants[name] = option = Settings.Instant(
                name, name == "--until" ? "Until when." : "From when on.");
            option.Required = true;
        }

        return option;
    }

    private static Decision<LeaseEvent> Change(LeaseDeal deal, LeaseChange change, About of) =>
        LeaseDeal.Propose(deal, change, of.Side, of.By, of.Now);

    private static Command List() => new Command("list", "Lists leases by their beginning: a calendar.").Does(
        async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var rows = await LeasesFor.Rows(exchange, null, ct);
            return new(rows, terminal => terminal.Table(
                [
                    "id", "landlord", "cluster", "nodes", "lessor", "holder", "from", "until", "per hour", "state",
                    "asked",
                ],
                rows.Select(row => (IReadOnlyList<string>)[
                    row.Id, row.Landlord.Value, row.Cluster.Value, string.Join(' ', row.Nodes), row.Lessor,
                    row.Holder.Value, Text.Of(row.From), Text.Of(row.Until),
                    PriceOf(row), row.State, row.Asked])));
        });

    private static string PriceOf(LeaseRow row) => row.IsOwn ? "own use"
        : (row.PerHour is { } rate ? Text.Of(rate) : "list") +
            string.Concat(row.Repriced.Select(one => $", {Text.Of(one.PerHour)} from {Text.Of(one.From)}"));

    public static Command Declare()
    {
        var (landlord, cluster, nodes) = (Whose(), Where(), Nodes());
        var (from, until) = (Required("--from", "From when on."), Required("--until", "Until when."));
        return new Command("declare", "Says which nodes a landlord lends, and when.")
        {
            landlord, cluster, nodes, from, until,
        }.Does((verb, ct) => Lend(verb, verb.Get(landlord), "declare nodes", now => DeclaredNodes.Declare(
            verb.Get(cluster), [.. verb.Get(nodes)], Between(verb.Get(from)!.Value, verb.Get(until)!.Value), Verb.By,
            now), ct));
    }

    public static Command Release()
    {
        var (landlord, cluster, nodes, from) = (Whose(), Where(), Nodes(), Required("--from", "From when on."));
        return new Command("release", "Says that nodes are lent to nobody new; what is agreed stays.")
        {
            landlord, cluster, nodes, from,
        }.Does((verb, ct) => Lend(verb, verb.Get(landlord), "release nodes", now => DeclaredNodes.Release(
            verb.Get(cluster), [.. verb.Get(nodes)], verb.Get(from)!.Value, Verb.By, now), ct));
    }

    private static async Task<Answer> Lend(
        Verb verb, LandlordId landlord, string act, Func<Instant, Decision<CapacityEvent>> rule, CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        var declared = await exchange.Commands.Execute(
            new DeclareNodes(landlord, act, rule), Actors.Local(Verb.By), ct);
        return new(declared.All, terminal => terminal.Table(
            ["cluster", "node", "from", "until"],
            declared.All.Select(one => (IReadOnlyList<string>)[
                one.Cluster.Value, one.Node, Text.Of(one.Period.Start), Text.Of(one.Period.End)])));
    }

    private static Command Offer()
    {
        var (landlord, cluster, nodes, project) = (Whose(), Where(), Nodes(), To);
        var (from, until) = (Required("--from", "From when on."), Required("--until", "Until when."));
        var price = new Option<decimal?>("--per-hour")
        {
            Description = "Dollars for a node and hour; the price sheet's, when it is not given.",
            HelpName = "N",
        };
        var notice = new Option<int>("--notice-days") { Description = "Days before it is reclaimed.", HelpName = "N" };
        var parent = new Option<string?>("--parent")
        {
            Description = "The lease that it is sublet from.",
            HelpName = "ID",
        };
        var shape = new Option<string>("--shape")
        {
            Description = "What the price sheet asks of a node, as readings have it.",
            HelpName = "JSON",
            DefaultValueFactory = _ => "{}",
        };
        var own = new Option<bool>("--own") { Description = "The landlord's own use: held, and free." };
        var side = Side();
        return new Command("offer", "Proposes a lease or a sublease; the other side accepts it.")
        {
            landlord, cluster, nodes, project, from, until, price, notice, parent, shape, own, side,
        }.Does(async (verb, ct) =>
        {
            var period = Between(verb.Get(from)!.Value, verb.Get(until)!.Value);
            var terms = new Lease(
                "", verb.Get(landlord), verb.Get(cluster), [.. verb.Get(nodes)], verb.Get(parent),
                [new(verb.Get(project), period.Start)], period, verb.Get(price), verb.Get(notice))
            {
                Shape = Files.Parsed<Metering.Shape>(verb.Get(shape)).ToString(),
                IsOwn = verb.Get(own),
            };
            await using var exchange = await verb.Open(ct);
            var deal = await LeasesFor.Propose(
                exchange, terms, new(verb.Get(side), Verb.By, (_, _) => true), Actors.Local(Verb.By), ct);
            return Tell(deal);
        });
    }

    private static Command Answer(
        string name, string what, ImmutableArray<Option> options,
        Func<About, Verb, LeaseDeal, Decision<LeaseEvent>> rule, bool isSided = true)
    {
        var id = new Argument<string>("id") { Description = "The number of the lease, as L-7F3K2M9Q." };
        var side = Side();
        var command = new Command(name, what) { id };
        foreach (var option in options)
        {
            command.Add(option);
        }

        if (isSided)
        {
            command.Add(side);
        }

        return command.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var speaker = new LeaseSpeaker(isSided ? verb.Get(side) : LeaseSide.Lessor, Verb.By, (_, _) => true);
            return Tell(await LeasesFor.Answer(
                exchange, verb.Get(id), speaker, $"{name} lease",
                (deal, now) => rule(new(speaker.Side, Verb.By, now), verb, deal), Actors.Local(Verb.By), ct));
        });
    }

    private static Answer Tell(LeaseDeal deal) => new(
        new { lease = deal.Needed(), state = deal.State, waits = deal.Pending?.Change?.Words },
        terminal => terminal.Say($"{deal.Needed().Id} is {deal.State}" + (deal.Pending is { } pending
            ? $"; it waits for the {(pending.Side == LeaseSide.Lessor ? "lessee" : "lessor")}." : ".")));

    private static Period Between(Instant from, Instant until) => from < until ? new(from, until)
        : throw new RefusedException(new("lease/wrong", "A lease ends after it begins.", "--until"));

    private static Option<LandlordId> Whose() =>
        Settings.KnownNeeded<LandlordId>("--landlord", "L", "Whose nodes they are.");

    private static Option<ClusterId> Where() => Settings.Needed<ClusterId>("--cluster", "C", "Where they are.");

    private static Option<string[]> Nodes() => new("--node")
    {
        Description = "A node; may be given again.",
        HelpName = "N",
        Required = true,
    };

    private static Option<Instant?> Required(string name, string what)
    {
        var option = Settings.Instant(name, what);
        option.Required = true;
        return option;
    }

    private static Option<LeaseSide> Side() => new("--for")
    {
        Description = "For which side: lessor or lessee.",
        HelpName = "SIDE",
        Required = true,
    };
}
