using System.CommandLine;
using Exchange.Portal.Commands;
using Exchange.Portal.Webhooks;

namespace Exchange.Portal.Cli;

/// <summary>exchange webhooks add | list | log | replay | remove — who is told of what happens.</summary>
internal static class Webhooks
{
    public static Command Command() => new("webhooks", "Manages webhooks: signed events, sent until they are accepted.")
    {
        Add(), List(), Log(), Replay(), Remove(),
    };

    private static Command Add()
    {
        var url = new Option<string>("--url") { Description = "Where to; https.", HelpName = "URL", Required = true };
        var events = new Option<string[]>("--event")
        {
            Description = "Of what; may be given again. Everything, without one.",
            HelpName = "E",
        };
        events.AcceptOnlyFromAmong([.. WebhookPayload.Events(null)]);
        var owner = Owner();
        return new Command("add", "Registers an address and shows the secret that signs, once.")
        {
            url, owner, events,
        }.Does(async (verb, ct) =>
        {
            var whose = OwnerOf(verb.Get(owner));
            await using var exchange = await verb.Open(ct);
            var made = await exchange.Commands.Execute(
                new RegisterWebhook(
                    exchange.Database, verb.Get(url), whose, verb.Get(events) ?? [], mayBePlain: false, Verb.By),
                Actors.Local(Verb.By), ct);
            return new(made, terminal =>
            {
                terminal.Say(made.Secret);
                terminal.Error.WriteLine(
                    $"This is the secret of webhook {made.Id}. It is shown this one time and signs what is sent.");
            });
        });
    }

    private static Command List() => new Command("list", "Lists the webhooks.").Does(async (verb, ct) =>
    {
        await using var exchange = await verb.Open(ct);
        await exchange.Projections.CatchUp(ct);
        await using var connection = await exchange.Database.OpenConnectionAsync(ct);
        var webhooks = await WebhookBook.List(connection, ct);
        return new(webhooks, terminal => terminal.Table(
            ["id", "landlord", "address", "told of"],
            webhooks.Select(w => (IReadOnlyList<string>)[
                w.Id, w.Landlord?.Value ?? "*", w.Url, string.Join(' ', w.Events)])));
    });

    private static Command Log()
    {
        var id = new Argument<string?>("id") { Description = "Of one webhook.", DefaultValueFactory = _ => null };
        return new Command("log", "Lists what was told, newest first.") { id }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await exchange.Projections.CatchUp(ct);
            await using var connection = await exchange.Database.OpenConnectionAsync(ct);
            var told = await WebhookBook.Deliveries(connection, verb.Get(id), long.MaxValue, 1000, ct);
            if (told.Count == 0 && verb.Get(id) is { } one &&
                !(await WebhookBook.List(connection, ct)).Any(webhook => webhook.Id == one))
            {
                throw new RefusedException(new(
                    "webhook/unknown", $"There is no webhook '{one}'. 'exchange webhooks list' shows all."));
            }

            return new(told, terminal => terminal.Table(
                ["webhook", "position", "event", "state", "attempts", "why"],
                told.Select(d => (IReadOnlyList<string>)[
                    d.Webhook, $"{d.Position}", d.Event, d.State, $"{d.Attempts}", d.Why])));
        });
    }

    private static Command Replay()
    {
        var id = Id();
        var owner = Owner();
        var after = new Option<long>("--after") { Description = "Only what is after this position.", HelpName = "N" };
        return new Command("replay", "Tells a webhook again of what happened.") { id, owner, after }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                var again = await exchange.Commands.Execute(
                    new ReplayWebhook(
                        exchange.Database, verb.Get(id), OwnerOf(verb.Get(owner)), verb.Get(after)),
                    Actors.Local(Verb.By), ct);
                return new(new { again }, terminal => terminal.Say($"{again} events are told again."));
            });
    }

    private static Command Remove()
    {
        var id = Id();
        var owner = Owner();
        return new Command("remove", "Deletes a webhook.") { id, owner }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            _ = await exchange.Commands.Execute(
                new RemoveWebhook(exchange.Database, verb.Get(id), OwnerOf(verb.Get(owner)), Verb.By),
                Actors.Local(Verb.By), ct);
            return new(new { removed = verb.Get(id) }, terminal => terminal.Say($"{verb.Get(id)} is removed."));
        });
    }

    private static Argument<string> Id() => new("id") { Description = "Its id, as 'webhooks list' shows it." };

    private static Option<string> Owner() => new("--landlord")
    {
        Description = "Whose it is; '*' is the exchange itself.",
        HelpName = "L",
        DefaultValueFactory = _ => "*",
    };

    private static LandlordId? OwnerOf(string text) => text == "*" ? null
        : LandlordId.TryParse(text, null, out var landlord) ? landlord
        : throw new RefusedException(new("key/bad-landlord", $"'{text}' is not a landlord's name."));
}
