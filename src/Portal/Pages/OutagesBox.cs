using Exchange.Invoicing;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>The forms on a landlord's page of service levels that declare an outage or take one back.</summary>
internal static class OutagesBox
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/landlord/outages", Declare).RequireAuthorization(Permissions.PublishSheets).ChecksForm().Makes()
            .ExcludeFromDescription();
        app.MapPost("/landlord/outages/withdraw", Withdraw).RequireAuthorization(Permissions.PublishSheets).ChecksForm()
            .Edits((_, _) => [ExchangeLists.Fold.StreamOf(ExchangeLists.Id)]).ExcludeFromDescription();
    }

    public static Html Of(HttpContext http, Form form, IReadOnlyList<Outage> outages, ETag edition) => Html.Of($"""
        {form.Summary()}
        {Form.Post(http, "/landlord/outages", Html.Of($"""
        <h3>Declare an outage</h3>
        {form.Input("name", "Name", "As power-7. An outage of this name is told otherwise.")}
        {form.Input("clusters", "Clusters", "Separated by blanks.")}
        {form.Input("from", "From", "UTC, as 2026-10-14T12:00:00Z.", longest: 30)}
        {form.Input("until", "Until", "Leave it empty while the outage lasts.", longest: 30)}
        {form.Input("reason", "Reason")}
        {form.Choice("kind", "Kind", Enum.GetValues<OutageKind>().Select(
            one => (ServiceLevel.Word(one), ServiceLevel.Word(one))), "failure")}
        <p><button class="main">Declare outage</button></p>
        """))}
        {Html.If(outages.Count > 0, () => Form.Post(http, "/landlord/outages/withdraw", Html.Of($"""
        {edition.Hidden}
        <h3>Withdraw an outage</h3>
        {form.Choice("outage", "Outage", outages.Select(one => (one.Name, one.Name)), outages[0].Name)}
        {form.Input("because", "Reason for withdrawing")}
        <p><button>Withdraw outage</button></p>
        """)))}
        """);

    private static async Task<IResult> Declare(HttpContext http, View view, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var viewer = Viewer.Needed(http);
        var (name, reason) = (form.Line("name", "The name"), form.Line("reason", "The reason"));
        var clusters = form.Line("clusters", "The list of clusters").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var from = When(form, "from", "The beginning");
        var until = form.Typed("until").Trim().Length == 0 ? null : When(form, "until", "The end");
        if (form.IsRight)
        {
            var outage = new Outage(
                name, viewer.Landlord!.Value,
                [.. clusters.Select(one => new ClusterId(Name.Of(one)))],
                from!.Value, until, Outage.KnownToAll)
            {
                Reason = reason,
                Kind = ServiceLevel.KindOf(form.Typed("kind")) ?? OutageKind.Failure,
            };
            Note(form, "name", await exchange.Commands.Try(
                ChangeOutage.Declare(outage, viewer.Actor, Permissions.PublishSheets), http, ct));
        }

        return form.IsRight
            ? Results.Redirect("/landlord/levels")
            : await LevelsPage.Draw(http, view, exchange, form, ct);
    }

    private static async Task<IResult> Withdraw(HttpContext http, View view, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var viewer = Viewer.Needed(http);
        var (name, reason) = (form.Line("outage", "The outage"), form.Line("because", "The reason"));
        if (form.IsRight)
        {
            Note(form, "outage", await exchange.Commands.Try(
                ChangeOutage.Withdraw(
                    viewer.Landlord!.Value, name, reason, viewer.Actor, Permissions.PublishSheets), http, ct));
        }

        return form.IsRight
            ? Results.Redirect("/landlord/levels")
            : await LevelsPage.Draw(http, view, exchange, form, ct);
    }

    private static void Note(Form form, string field, Refusal? refusal)
    {
        if (refusal is not null)
        {
            form.Wrong(field, refusal.Message);
        }
    }

    private static Instant? When(Form form, string name, string what)
    {
        var typed = form.Line(name, what, 30);
        try
        {
            return Exchange.Text.Instant(typed);
        }
        catch (FormatException)
        {
            form.Wrong(name, $"{what} is an instant in UTC like 2026-10-14T12:00:00Z; '{typed}' is not.");
            return null;
        }
    }
}
