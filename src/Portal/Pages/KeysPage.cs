using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Pages;

/// <summary>/landlord/keys — a landlord's own API keys: made, listed and revoked.</summary>
public sealed partial class KeysPage
{
    private const string Path = "/landlord/keys";

    /// <summary>The keys of a landlord, and one that was made just now.</summary>
    public sealed record Keys(IListing All, Made? Made);

    /// <summary>A new key, which is shown this one time.</summary>
    public sealed record Made(string Id, string Key);

    /// <summary>A key as its owner sees it.</summary>
    private sealed record KeyRow(string Id, string Name, string Scope, Instant CreatedAt, Instant? RevokedAt);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.KeepKeys).ExcludeFromDescription();
        app.MapPost(Path, Post).RequireAuthorization(Permissions.KeepKeys).ChecksForm().Makes()
            .ExcludeFromDescription();
        app.MapPost($"{Path}/revoke", Revoke).RequireAuthorization(Permissions.KeepKeys).ChecksForm()
            .Edits(Streams)
            .ExcludeFromDescription();
    }

    private static Task<IResult> Get(HttpContext http, Composition exchange, View view, CancellationToken ct) =>
        Draw(http, exchange, view, Form.Empty, null, ct);

    private static async Task<IResult> Post(
        HttpContext http, Composition exchange, View view, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var viewer = Viewer.Needed(http);
        var name = form.Line("name", "The name", Name.MaxLength);
        if (form.Typed("scope") is not ("usage" or "prices" or "read") ||
            !ListedWord.TryRead<KeyScope>(form.Typed("scope"), out var scope))
        {
            scope = KeyScope.Read;
            form.Wrong("scope", "Choose what the key opens.");
        }

        KeyRing.New? made = null;
        if (form.IsRight)
        {
            (made, var refusal) = await exchange.Commands.Ask(
                new CreateKey(name, viewer.Landlord, scope, viewer.Actor), http, ct);
            if (refusal is not null)
            {
                form.Wrong("name", refusal.Message);
            }
        }

        return await Draw(http, exchange, view, made is null ? form : Form.Empty, made, ct);
    }

    private static async Task<IReadOnlyList<string>?> Streams(
        HttpContext http, Composition exchange, CancellationToken ct)
    {
        await using var view = View.Of(http);
        var id = (await Form.Read(http, ct)).Typed("id");
        await exchange.Projections.CatchUp(ct);
        return (await Own(http, view, ct)).Any(key => key.Id == id) ? [ApiKey.Fold.StreamOf(id)] : null;
    }

    /// <summary>Only a key that this landlord sees can be revoked.</summary>
    private static async Task<IResult> Revoke(
        HttpContext http, Composition exchange, View view, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var id = form.Typed("id");
        await exchange.Projections.CatchUp(ct);
        if ((await Own(http, view, ct)).All(key => key.Id != id))
        {
            return new NotThere();
        }

        if (!form.IsRight)
        {
            return await Draw(http, exchange, view, form, null, ct);
        }

        return await exchange.Commands.Try(new RevokeKey(exchange.Keys, id, Viewer.Needed(http).Actor), http, ct)
            is { } refusal ? Problem.Of(refusal) : Results.Redirect(Path);
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, View view, Form form, KeyRing.New? made, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        var keys = await Own(http, view, ct);
        var editions = await ETag.Each(exchange, [.. keys.Select(k => ApiKey.Fold.StreamOf(k.Id))], ct);
        var listing = List(keys, editions);
        return listing.Answer(http) ?? Page.Of<KeysPage, Keys>(
            http, "API keys", new(listing, made is null ? null : new(made.Id, made.Key)), form);
    }

    private static Listing<KeyRow> List(
        IReadOnlyList<KeyRow> keys, IReadOnlyDictionary<string, ETag> editions) => new(
        "keys", "Keys of collectors and scripts", keys,
        [
            Column<KeyRow>.Words("Key", k => k.Id),
            Column<KeyRow>.Words("For", k => k.Name),
            Column<KeyRow>.Words("Scope", k => k.Scope.ToLowerInvariant()),
            Column<KeyRow>.Time("Made", k => k.CreatedAt),
            new("State", k => KeyState.Cell($"{Path}/revoke", k.Id, k.RevokedAt, editions),
                Plain: k => KeyState.Plain(k.RevokedAt), Key: k => k.RevokedAt),
        ], "There is no key yet.");

    private static async Task<IReadOnlyList<KeyRow>> Own(HttpContext http, View view, CancellationToken ct)
    {
        const string Sql = """
            select id, name, scope, created_at, revoked_at
            from exchange.api_key
            where landlord = $1
            order by created_at desc, id
            limit 1000
            """;

        await using var command = await view.Command(Sql, ct);
        command.Parameters.Add(new NpgsqlParameter { Value = Viewer.Needed(http).Landlord!.Value.Value });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<KeyRow>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetString(0), rows.GetString(1), rows.GetString(2),
                rows.GetFieldValue<Instant>(3),
                rows.IsDBNull(4) ? null : rows.GetFieldValue<Instant>(4)));
        }

        return found;
    }
}
