using Exchange.Metering;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /operator/quarantine/NAME — one reading that was set aside, with the reason; it is released, corrected or as it
/// came, or discarded for good.
/// </summary>
public sealed partial class QuarantinedPage
{
    private const int MaxReadingLength = 100_000;

    /// <summary>A reading that was set aside, and the version that a decision is about.</summary>
    public sealed record SetAside(QuarantinedReading Reading, string Edition);

    public static void Map(IEndpointRouteBuilder app)
    {
        const string One = $"{QuarantinePage.Path}/{{name}}";
        app.MapGet(One, Get).RequireAuthorization(Permissions.SeeMeters).ExcludeFromDescription();
        app.MapPost(One, Decide).RequireAuthorization(Permissions.DecideQuarantine).ChecksForm()
            .Edits((http, _) => [Stream(http)]).ExcludeFromDescription();
    }

    private static string Stream(HttpContext http) => $"quarantine-{http.Request.RouteValues["name"]}";

    private static async Task<IResult> Get(HttpContext http, Composition exchange, string name, CancellationToken ct) =>
        await Find(exchange.Meter, name, ct) is { } found ? await Draw(http, exchange, found, Form.Empty, ct)
            : new NotThere();

    private static async Task<IResult> Decide(
        HttpContext http, Composition exchange, string name, CancellationToken ct)
    {
        if (await Find(exchange.Meter, name, ct) is not { } found)
        {
            return new NotThere();
        }

        var form = await Form.Read(http, ct);
        return form.Typed("do") == "correct"
            ? await Correct(http, exchange, found, form, ct)
            : await ReleaseOrDiscard(http, exchange, found, form, ct);
    }

    private static async Task<IResult> ReleaseOrDiscard(
        HttpContext http, Composition exchange, QuarantinedReading found, Form form, CancellationToken ct)
    {
        var (name, by, act) = (found.Name, Viewer.Needed(http).Actor, form.Typed("do"));
        var because = act == "discard" ? form.Line("because", "The reason", 500) : "";
        if (act is not ("release" or "discard"))
        {
            form.Wrong("text", "Say whether to release it, to take it as a correction or to discard it.");
        }
        else if (act == "release" && form.Typed("text").Length > MaxReadingLength)
        {
            form.Wrong("text", $"A reading has at most {MaxReadingLength} characters.");
        }

        if (form.IsRight)
        {
            var refusal = act == "release"
                ? await exchange.Commands.Try(
                    new ReleaseReading(exchange.Meter, name, Corrected(form, found), by), http, ct)
                : await exchange.Commands.Try(new DiscardReading(exchange.Meter, name, because, by), http, ct);
            if (refusal is null)
            {
                return Results.Redirect(QuarantinePage.Path);
            }

            form.Wrong(act == "release" ? "text" : "because", refusal.Message);
        }

        return await Draw(http, exchange, found, form, ct);
    }

    private static async Task<IResult> Correct(
        HttpContext http, Composition exchange, QuarantinedReading found, Form form, CancellationToken ct)
    {
        var reason = form.Line("reason", "The reason", 500);
        if (form.IsRight && await exchange.Commands.Try(
            new CorrectFromQuarantine(exchange.Meter, found.Name, reason, Viewer.Needed(http).Actor), http, ct)
                is { } refusal)
        {
            form.Wrong("reason", refusal.Message);
        }

        return form.IsRight
            ? Results.Redirect(QuarantinePage.Path)
            : await Draw(http, exchange, found, form, ct);
    }

    /// <summary>Null when nothing in it was changed: then it is taken as it came.</summary>
    private static string? Corrected(Form form, QuarantinedReading found)
    {
        var text = form.Typed("text").ReplaceLineEndings("\n").Trim();
        return text.Length == 0 || text == found.Misfit.Text.ReplaceLineEndings("\n").Trim() ? null : text;
    }

    private static async Task<QuarantinedReading?> Find(Meter meter, string name, CancellationToken ct) =>
        name.Length == 0 ? null
            : await meter.SetAside(new("", 1) { Name = name }, ct) is [var found, ..] ? found
            : null;

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, QuarantinedReading found, Form form, CancellationToken ct)
    {
        var edition = await ETag.Of(exchange, [Stream(http)], ct);
        return Page.Of<QuarantinedPage, SetAside>(
            http, $"Quarantined reading {found.Name}", new(found, edition.Version), form);
    }
}
