using Exchange.Invoicing;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>The forms on a landlord's page of service levels that declare an outage or take one back.</summary>
public sealed partial class OutagesBox
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/landlord/outages", Declare).RequireAuthorization(Permissions.PublishSheets).ChecksForm().Makes()
            .ExcludeFromDescription();
        app.MapPost("/landlord/outages/withdraw", Withdraw).RequireAuthorization(Permissions.PublishSheets).ChecksForm()
            .Edits((_, _) => [ExchangeLists.Fold.StreamOf(ExchangeLists.Id)]).ExcludeFromDescription();
    }

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
