using Exchange.Journal;
using Exchange.Metering;
using Exchange.Portal.Collecting;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /operator/keys — every API key of the exchange: whose it is, what it opens, when usage last came by it; revoked here
/// when its secret is known to others.
/// </summary>
public sealed partial class KeysOfAllPage
{
    public const string Path = "/operator/keys";
    private const string Revoking = $"{Path}/revoke";

    /// <summary>Every key of the exchange, and how many are in use.</summary>
    public sealed record Keys(long Valid, IListing All);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.KeepAllKeys).ExcludeFromDescription();
        app.MapPost(Revoking, Revoke).RequireAuthorization(Permissions.KeepAllKeys).ChecksForm().Edits(Streams)
            .ExcludeFromDescription();
    }

    private static Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct) =>
        Draw(http, exchange, Form.Empty, ct);

    private static async Task<IReadOnlyList<string>?> Streams(
        HttpContext http, Composition exchange, CancellationToken ct)
    {
        var id = (await Form.Read(http, ct)).Typed("id");
        return (await All(exchange, ct)).Any(key => key.Id == id) ? [ApiKey.Fold.StreamOf(id)] : null;
    }

    private static async Task<IResult> Revoke(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var id = form.Typed("id");
        if ((await All(exchange, ct)).All(key => key.Id != id))
        {
            return new NotThere();
        }

        if (!form.IsRight)
        {
            return await Draw(http, exchange, form, ct);
        }

        var revoke = new RevokeKey(exchange.Keys, id, Viewer.Needed(http).Actor)
        {
            Permission = Permissions.KeepAllKeys,
        };
        return await exchange.Commands.Try(revoke, http, ct) is { } refusal
            ? Problem.Of(refusal)
            : Results.Redirect(Path);
    }

    private static async Task<IReadOnlyList<KeyRing.StoredKey>> All(Composition exchange, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        return await exchange.Keys.List(ct);
    }

    private static async Task<IResult> Draw(HttpContext http, Composition exchange, Form form, CancellationToken ct)
    {
        var keys = (await All(exchange, ct)).Reverse().ToList();
        var heard = (await WatchSources.All(exchange, ct)).ToLookup(one => one.Reporter, StringComparer.Ordinal);
        var valid = keys.Where(key => key.RevokedAt is null).Select(key => ApiKey.Fold.StreamOf(key.Id)).ToList();
        var editions = await ETag.Each(exchange, valid, ct);
        var listing = new Listing<KeyRing.StoredKey>("keys", "Keys, the newest first", keys,
        [
            Column<KeyRing.StoredKey>.Words("Key", k => k.Id),
            Column<KeyRing.StoredKey>.Words("For", k => k.Name),
            Column<KeyRing.StoredKey>.Words("Landlord", k => k.Landlord?.Value ?? "the exchange"),
            Column<KeyRing.StoredKey>.Words("Scope", k => k.Scope.ToString().ToLowerInvariant()),
            Column<KeyRing.StoredKey>.Time("Made", k => k.CreatedAt),
            Column<KeyRing.StoredKey>.Time("Last usage", k => LastHeard(heard[$"key:{k.Id}"])),
            Column<KeyRing.StoredKey>.Words("Institution", k => k.Institution ?? ""),
            new("State", k => KeyState.Cell(Revoking, k.Id, k.RevokedAt, editions),
                Plain: k => KeyState.Plain(k.RevokedAt), Key: k => k.RevokedAt),
        ], "There is no key yet.");
        return listing.Answer(http) ??
            Page.Of<KeysOfAllPage, Keys>(http, "API keys", new(valid.Count, listing), form);
    }

    private static Instant? LastHeard(IEnumerable<HeardSource> sources) =>
        sources.Select(one => (Instant?)one.At).Max();
}
