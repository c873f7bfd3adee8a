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
        var (name, landlord) = (Name(), Landlord());
        var institution = new Option<string?>("--institution")
        {
            Description = "Of whose people alone it reads, at every landlord; with '--scope read'.",
            HelpName = "I",
        };
        var scope = new Option<KeyScope>("--scope")
        {
            Description = "What it opens: usage, prices, read or finance.",
            Required = true,
        };
        scope.AcceptOnlyFromAmong("usage", "prices", "read", "finance");
        var command = new Command("create", "Makes a key and shows it, once.") { name, landlord, institution, scope };
        return command.Does(async (verb, ct) =>
        {
            var whose = Whose(verb.Get(landlord), verb.Get(institution));
            await using var exchange = await verb.Open(ct);
            var made = await exchange.Commands.Execute(
                new CreateKey(verb.Get(name), whose, verb.Get(scope), Verb.By)
                {
                    Institution = await Known(exchange, verb.Get(institution), ct),
                }, Actors.Local(Verb.By), ct);
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

    private static Option<string> Name() => new("--name")
    {
        Description = "What the key is for.",
        HelpName = "N",
        Required = true,
    };

    private static Option<string?> Landlord() => new("--landlord")
    {
        Description = "Whose key it is; '*' for the exchange's own, of read and finance.",
        HelpName = "L",
    };

    /// <summary>Nobody's key is made by leaving something out.</summary>
    private static LandlordId? Whose(string? landlord, string? institution) => landlord switch
    {
        null when institution is null => throw new RefusedException(new(
            "usage/whose-key",
            "Say whose key it is: --landlord L, --institution I, or --landlord '*' for the exchange's own.")),
        null or "*" => null,
        _ => LandlordOf(landlord),
    };

    /// <summary>The institution as it is published; a slip would read nothing, and nobody would know why.</summary>
    private static async Task<string?> Known(Composition exchange, string? institution, CancellationToken ct) =>
        institution is not null &&
        await Verb.Unknown(exchange, NameKind.Institution, institution, "--institution", ct) is { } unknown
            ? throw new RefusedException(unknown)
            : institution;

    private static Command List() =>
        new Command("list", "Lists the keys, without their secrets.").Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await exchange.Projections.CatchUp(ct);
            var keys = await exchange.Keys.List(ct);
            return new(keys, terminal => terminal.Table(
                ["id", "name", "landlord", "institution", "scope", "created", "revoked"],
                keys.Select(k => (IReadOnlyList<string>)[
                    k.Id, k.Name, k.Landlord?.Value ?? "*", k.Institution ?? "", k.Scope.ToString().ToLowerInvariant(),
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
