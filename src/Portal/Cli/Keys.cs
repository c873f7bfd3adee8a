using System.CommandLine;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using Exchange.Portal.Names;

namespace Exchange.Portal.Cli;

/// <summary>exchange keys create | list | revoke — the API keys of collectors and scripts.</summary>
internal static class Keys
{
    public static Command Command() =>
        new("keys", "Creates, lists and revokes API keys.") { Create(), List(), Revoke() };

    private static Command Create()
    {
        var name = new Option<string>("--name")
        {
            Description = "What the key is for.",
            HelpName = "N",
            Required = true,
        };
        var landlord = new Option<string>("--landlord")
        {
            Description = "Whose key it is; '*' for the exchange's own, of read and finance.",
            HelpName = "L",
            Required = true,
        };
        var scope = new Option<KeyScope>("--scope")
        {
            Description = "What it opens: usage, prices, read or finance.",
            Required = true,
        };
        scope.AcceptOnlyFromAmong("usage", "prices", "read", "finance");
        var command = new Command("create", "Makes a key and shows it, once.") { name, landlord, scope };
        return command.Does(async (verb, ct) =>
        {
            var whose = verb.Get(landlord) == "*" ? (LandlordId?)null : LandlordOf(verb.Get(landlord));
            await using var exchange = await verb.Open(ct);
            var made = await exchange.Commands.Execute(
                new CreateKey(verb.Get(name), whose, verb.Get(scope), Verb.By), Actors.Local(Verb.By), ct);
            var unknown = whose is { } of // A key may come before its landlord; it may be a slip too.
                ? await Verb.Unknown(exchange, NameKind.Landlord, of.Value, "--landlord", ct) : null;
            return new(made, terminal =>
            {
                terminal.Say(made.Key);
                terminal.Error.WriteLine(
                    $"This is key {made.Id}. It is shown this one time; the exchange keeps only its hash.");
                if (unknown is not null)
                {
                    terminal.Error.WriteLine($"So far it is for nobody: {unknown.Message}");
                }
            });
        });
    }

    private static Command List() =>
        new Command("list", "Lists the keys, without their secrets.").Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await exchange.Projections.CatchUp(ct);
            var keys = await exchange.Keys.List(ct);
            return new(keys, terminal => terminal.Table(
                ["id", "name", "landlord", "scope", "created", "revoked"],
                keys.Select(k => (IReadOnlyList<string>)[
                    k.Id, k.Name, k.Landlord?.Value ?? "*", k.Scope.ToString().ToLowerInvariant(),
                    Exchange.Text.Of(k.CreatedAt), k.RevokedAt is { } at ? Exchange.Text.Of(at) : ""])));
        });

    private static Command Revoke()
    {
        var id = new Argument<string>("id") { Description = "The key's id, as 'keys list' shows it." };
        return new Command("revoke", "Revokes an API key.") { id }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            _ = await exchange.Commands.Execute(
                new RevokeKey(exchange.Keys, verb.Get(id), Verb.By), Actors.Local(Verb.By), ct);
            return new(new { revoked = verb.Get(id) }, terminal => terminal.Say($"Key {verb.Get(id)} is revoked."));
        });
    }

    private static LandlordId LandlordOf(string text) => LandlordId.TryParse(text, null, out var landlord)
        ? landlord
        : throw new RefusedException(new("key/bad-landlord", $"'{text}' is not a landlord's name."));
}
