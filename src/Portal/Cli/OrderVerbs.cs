using System.CommandLine;
using Exchange.Market.Orders;
using Exchange.Market.Reading;
using Exchange.Portal.Commands;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>exchange orders list | place | approve | reject | cancel | fulfill — what was ordered of quotes.</summary>
internal static class OrderVerbs
{
    public static Command Command() => new("orders", "Places orders for saved quotes, and answers them.")
    {
        List(), Place(), Approve(),
        Answer("reject", "Rejects an order.", "Why; the other side sees it.",
            (order, of) => Order.Reject(order, of.Side, of.Text, of.By, of.Now), isSided: true),
        Answer("cancel", "Cancels an order that was not fulfilled.", "Why; the other side sees it.",
            (order, of) => Order.Cancel(order, of.Text, of.By, of.Now), isSided: false),
        Answer("fulfill", "Records that the landlord gave what was ordered.", "What it is there, as a lease's id.",
            (order, of) => Order.Fulfill(order, of.Text, of.By, of.Now), isSided: false),
    };

    private sealed record About(Approver Side, string Text, string By, Instant Now);

    private static Command List()
    {
        var landlord = Settings.Known<LandlordId>("--landlord", "L", "Only those that this landlord provides.");
        var project = Settings.Known<ProjectId>("--project", "P", "Only those of this project.");
        return new Command("list", "Lists orders and whose approval they await.") { landlord, project }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                await exchange.Projections.CatchUp(ct);
                await using var connection = await exchange.Database.OpenConnectionAsync(ct);
                var rows = await OrderList.Run(
                    connection, new(Landlord: verb.Get(landlord), Project: verb.Get(project)), ct);
                return new(rows, terminal => terminal.Table(
                    ["id", "quote", "project", "landlord", "cluster", "from", "until", "total", "state", "awaits"],
                    rows.Select(row => (IReadOnlyList<string>)[
                        row.Id, row.Quote, row.Project.Value, row.Landlord.Value, row.Cluster.Value,
                        Text.Of(row.Period.Start), Text.Of(row.Period.End), $"{row.Total}", row.State,
                        string.Join(", ", row.Awaits)])));
            });
    }

    private static Command Place()
    {
        var quote = new Argument<string>("quote") { Description = "The number of the quote, as Q-7F3K2M9Q." };
        var part = new Option<int>("--part")
        {
            Description = "Which place of a quote over several, from 1.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        return new Command("place", "Orders what was quoted; its budget is reserved.") { quote, part }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                var terms = await OrdersFor.Place(
                    exchange, verb.Get(quote), verb.Get(part) - 1, null, Actors.Local(Verb.By), ct);
                return new(terms, terminal => terminal.Say(
                    $"{terms.Id}: {terms.Total} at {terms.Landlord}, {terms.Cluster} for {terms.Project}; awaits " +
                    $"{string.Join(", ", terms.Needs.Select(Order.Named))}."));
            });
    }

    private static Command Approve()
    {
        var (id, side) = (Id(), Side());
        return new Command("approve", "Approves an order for one side; the last approval locks the prices.")
        {
            id, side,
        }.Does((verb, ct) => Run(
            verb, verb.Get(id), (verb.Get(side), ""), "approve order",
            (order, of) => Order.Approve(order, of.Side, of.By, of.Now), ct));
    }

    private static Command Answer(
        string name, string what, string text, Func<Order, About, Decision<OrderEvent>> rule, bool isSided)
    {
        var (id, side) = (Id(), Side());
        var said = new Option<string>(name == "fulfill" ? "--reference" : "--because")
        {
            Description = text,
            HelpName = "TEXT",
            Required = true,
        };
        var command = new Command(name, what) { id, said };
        if (isSided)
        {
            command.Add(side);
        }

        return command.Does((verb, ct) => Run(
            verb, verb.Get(id), (isSided ? verb.Get(side) : Approver.Landlord, verb.Get(said)), $"{name} order", rule,
            ct));
    }

    private static async Task<Answer> Run(
        Verb verb, string id, (Approver Side, string Text) said, string act,
        Func<Order, About, Decision<OrderEvent>> rule, CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        var order = await OrdersFor.Answer(
            exchange, id, new(said.Side, Verb.By, _ => true), act,
            (before, now) => rule(before, new(said.Side, said.Text, Verb.By, now)), Actors.Local(Verb.By));
        return new(
            new { order = order.Needed(), state = order.State, awaits = order.Awaits.ToList() },
            terminal => terminal.Say($"{id} is {order.State.ToString().ToLowerInvariant()}" +
                (order.Awaits.Any() ? $"; awaits {string.Join(", ", order.Awaits.Select(Order.Named))}." : ".")));
    }

    private static Argument<string> Id() => new("id") { Description = "The number of the order, as O-7F3K2M9Q." };

    private static Option<Approver> Side() => new("--for")
    {
        Description = "For which side: pi, payer or landlord.",
        HelpName = "SIDE",
        Required = true,
    };
}
