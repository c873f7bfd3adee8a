using System.Security.Cryptography;
using Exchange.Journal;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Web.Access;

/// <summary>
/// A session's life: its cookie is written anew every quarter of an hour, it ends after an hour without a request and
/// after twelve hours in any case, and once signed out it is over for every copy of the cookie.
/// </summary>
internal sealed class Sessions(NpgsqlDataSource database, IClock clock) : CookieAuthenticationEvents
{
    public static readonly TimeSpan Idle = TimeSpan.FromHours(1);
    public static readonly Duration MaxAge = Duration.FromHours(12);
    private static readonly Duration Rotated = Duration.FromMinutes(15);

    /// <summary>How far the clocks of two servers may be apart.</summary>
    public static readonly Duration Apart = Duration.FromMinutes(5);

    private const string Id = "exchange.session";
    private const string Began = "exchange.began";
    private const string Written = "exchange.written";

    /// <summary>Whoever signs in gets a new session, whatever they brought along.</summary>
    public override Task SigningIn(CookieSigningInContext context)
    {
        var now = Exchange.Text.Of(clock.GetCurrentInstant());
        var items = context.Properties.Items;
        items[Id] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        items[Began] = now;
        items[Written] = now;
        return Task.CompletedTask;
    }

    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        var now = clock.GetCurrentInstant();
        var items = context.Properties.Items;
        if (!items.TryGetValue(Id, out var id) || id is null || !items.TryGetValue(Began, out var began) ||
            !IsOf(Exchange.Text.Instant(began!), now) || Viewer.Of(context.Principal!) is null ||
            await IsOver(
                id, Viewer.Of(context.Principal!)!, Exchange.Text.Instant(began!), context.HttpContext.RequestAborted))
        {
            context.RejectPrincipal();
            return;
        }

        if (now - Exchange.Text.Instant(items[Written]!) > Rotated)
        {
            items[Written] = Exchange.Text.Of(now);
            context.ShouldRenew = true;
        }
    }

    /// <summary>
    /// Whether a session that began then goes on. One from times to come was begun under a clock that was set back
    /// since, and would last until that time comes.
    /// </summary>
    private static bool IsOf(Instant began, Instant now) => began - now <= Apart && now - began <= MaxAge;

    /// <summary>Ends the session of this request for good.</summary>
    public async Task End(HttpContext http, CancellationToken ct)
    {
        const string Sql = """
            with gone as (delete from exchange.ended_session where until < now())
            insert into exchange.ended_session (id, until) values ($1, now() + interval '13 hours')
            on conflict (id) do nothing
            """;

        var result = await http.AuthenticateAsync(Viewer.SessionScheme);
        if (result.Properties?.Items.TryGetValue(Id, out var id) == true && id is not null)
        {
            await database.Execute(Sql, [id], ct);
        }

        await http.SignOutAsync(Viewer.SessionScheme);
    }

    /// <summary>Whether it was signed out, or is of somebody who was erased since it began.</summary>
    private async Task<bool> IsOver(string id, Viewer viewer, Instant began, CancellationToken ct)
    {
        const string Sql = """
            select exists (select from exchange.ended_session where id = $1)
                or exists (select from journal.erased
                           where at >= $3 and hash = any(select sha256(salt || convert_to(lower(address), 'UTF8'))
                                                         from unnest($2::text[]) as address))
            """;
        string[] addresses = [viewer.Pi?.Value ?? "", viewer.Actor.Split(':', 2)[^1]];
        await using var command = database.Statement(Sql, [id, addresses, began]);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }
}
