using System.Globalization;
using Exchange.Journal;
using Exchange.Portal.Awards;
using Exchange.Portal.Awards.Reports;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Portal.Pages;

/// <summary>
/// /pi/awards/NUMBER — how an award stands, what it paid by month and project in the sponsor's period, as a page, PDF
/// and CSV; and its terms.
/// </summary>
internal static class AwardPage
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/pi/awards/{number}", Get).RequireAuthorization(Permissions.SeeSpending).ExcludeFromDescription();
        app.MapGet("/pi/awards/{number}.csv", Csv).RequireAuthorization(Permissions.SeeSpending)
            .ExcludeFromDescription();
        app.MapGet("/pi/awards/{number}.pdf", Pdf).RequireAuthorization(Permissions.SeeSpending)
            .ExcludeFromDescription();
        app.MapPost("/pi/awards/{number}", Post).RequireAuthorization(Permissions.SetBudget).ChecksForm()
            .Edits(Streams).ExcludeFromDescription();
    }

    private static async Task<IReadOnlyList<string>?> Streams(
        HttpContext http, Composition exchange, CancellationToken ct) =>
        (await exchange.Journal.State(AwardBook.Fold, AwardBook.Id, ct)).Find(
            Viewer.Needed(http).Pi!.Value, $"{http.Request.RouteValues["number"]}") is null
            ? null : [AwardBook.Fold.StreamOf(AwardBook.Id)];

    private static Task<IResult> Get(HttpContext http, Composition exchange, string number, CancellationToken ct) =>
        Draw(http, exchange, number, Form.Empty, ct);

    private static Task<IResult> Csv(HttpContext http, Composition exchange, string number, CancellationToken ct) =>
        With(http, exchange, number, report => Results.File(
            report.Csv(), "text/csv; charset=utf-8", $"{report.FileName}.csv"), ct);

    private static Task<IResult> Pdf(HttpContext http, Composition exchange, string number, CancellationToken ct) =>
        With(http, exchange, number, report => Results.File(
            report.Pdf(exchange.Clock.GetCurrentInstant()), "application/pdf", $"{report.FileName}.pdf"), ct);

    private static async Task<IResult> With(
        HttpContext http, Composition exchange, string number, Func<AwardReport, IResult> file, CancellationToken ct)
    {
        if (await Find(http, exchange, number, ct) is not { } award)
        {
            return new NotThere();
        }

        var (report, wrong) = Report(http, award);
        return wrong is null ? file(report) : Problem.Of(wrong, StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> Post(
        HttpContext http, Composition exchange, string number, CancellationToken ct)
    {
        var (form, viewer) = (await Form.Read(http, ct), Viewer.Needed(http));
        if (form.Typed("do") == "remove")
        {
            AwardForms.Note(form, form.IsRight ? await exchange.Commands.Try(
                new RemoveAward(viewer.Pi!.Value, number, form.Typed("reason"), viewer.Actor), http, ct) : null);
            return form.IsRight ? Results.Redirect(AwardsPage.Path) : await Draw(http, exchange, number, form, ct);
        }

        if (AwardForms.Read(form, viewer.Pi!.Value, number) is { } terms)
        {
            AwardForms.Note(form, await exchange.Commands.Try(new SetAward(terms, viewer.Actor), http, ct));
        }

        return form.IsRight
            ? Results.Redirect(AwardsPage.Href(number)) : await Draw(http, exchange, number, form, ct);
    }

    private static async Task<AwardStanding?> Find(
        HttpContext http, Composition exchange, string number, CancellationToken ct) =>
        (await AwardStanding.Of(
            exchange, Viewer.Needed(http).Pi!.Value, exchange.Clock.GetCurrentInstant(), ct))
        .FirstOrDefault(one => one.Terms.Number == number);

    /// <summary>The report of the days that the address asks for, or of all, with what is wrong with them.</summary>
    private static (AwardReport Report, Refusal? Wrong) Report(HttpContext http, AwardStanding award)
    {
        try
        {
            return (AwardReport.Of(award, Day(http, "from"), Day(http, "last")?.PlusDays(1)), null);
        }
        catch (RefusedException e)
        {
            return (AwardReport.Of(award, null, null), e.Refusal);
        }
    }

    private static LocalDate? Day(HttpContext http, string name) =>
        http.Request.Query[name].ToString() is not { Length: > 0 } text ? null
        : LocalDatePattern.Iso.Parse(text) is { Success: true, Value: { Year: < 9999 } day } ? day
        : throw new RefusedException(new(
            "awards/period", $"'{(text.Length > 30 ? text[..30] : text)}' is no day. Write it as 2026-09-01.", name));

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, string number, Form form, CancellationToken ct)
    {
        if (await Find(http, exchange, number, ct) is not { } award)
        {
            return new NotThere();
        }

        var (report, wrong) = Report(http, award);
        var listing = Lines(report);
        if (listing.IsAskedFor(http))
        {
            return listing.Csv(http);
        }

        var edition = await ETag.Of(exchange, [AwardBook.Fold.StreamOf(AwardBook.Id)], ct);
        return Layout.Page(http, $"Award {number}", Html.Of($"""
            <p class="crumbs"><a href="{AwardsPage.Path}">Awards</a></p>
            <p class="lead">{award.Terms.Sponsor}, {Show.Date(award.Terms.From)} to
            {Show.Date(award.Terms.To.PlusDays(-1))}. {(award.Terms.Rules.AfterCredits ? "After" : "Before")}
            credits.</p>
            {form.Summary()}
            {Html.If(wrong is not null, () => Html.Of($"""
            <div class="note-box bad" role="alert"><p>{wrong!.Message}</p></div>
            """))}
            {Figures(award)}
            {AwardChart.Of(award, exchange.Clock.GetCurrentInstant().InUtc().Date)}
            <h2>Report for the sponsor</h2>
            {Asked(report)}
            {listing.Of(http)}
            <p><a class="button" href="{File(report, "pdf")}">Download PDF</a>
            <a class="button" href="{File(report, "csv")}">Download CSV</a></p>
            {Thresholds(award)}
            <h2>Edit award</h2>
            {Form.Post(http, AwardsPage.Href(number), Html.Of($"""
            {edition.Hidden}{AwardForms.Fields(form, award.Terms, [])}
            <p><button class="main" name="do" value="set">Save award</button></p>
            {form.Input("reason", "Reason for removing", "The journal keeps what the award was.", longest: 500)}
            <p><button name="do" value="remove">Remove award</button></p>
            """))}
            """), wrong is null ? form.Status : StatusCodes.Status400BadRequest);
    }

    private static Html Figures(AwardStanding award)
    {
        var (terms, burn) = (award.Terms, award.Burn);
        return Html.Of($"""
            {Card.Row(
                Card.Of("Budget", Show.Of(terms.Budget)),
                Card.Of("Spent", Show.Of(burn.Spent), Html.Of(
                    $"{Show.Share(burn.Spent, terms.Budget)}{(award.AsOf is { } at ? $", as of {Show.Of(at)}" : "")}")),
                Card.Of("Remaining", Show.Of(award.Remaining), AwardsPage.State(award)),
                Card.Of("A day", burn.ADay is { } day ? Show.Of(day.Expected) : "–",
                    Html.Of($"as the last seven went")),
                Card.Of("Forecast", burn.Forecast is { } coming ? Show.Of(coming.Expected) : "–", Html.Of(
                    $"at its end, {burn.DaysLeft} days from now{(burn.Forecast is { } band && burn.DaysLeft > 0
                        ? $"; low {Show.Of(band.Low)}, high {Show.Of(band.High)}" : "")}")))}
            {Chart.Gauge("Budget", burn.Spent, terms.Budget)}
            """);
    }

    private static Html Asked(AwardReport report) => Html.Of($"""
        <form class="find" method="get"><div><label for="report-from">First day</label>
        <input id="report-from" name="from" type="date" value="{AwardsPage.Iso(report.From)}"></div>
        <div><label for="report-last">Last day</label>
        <input id="report-last" name="last" type="date" value="{AwardsPage.Iso(report.To.PlusDays(-1))}"></div>
        <button>Show</button></form>
        """);

    private static string File(AwardReport report, string kind) =>
        $"{AwardsPage.Href(report.Terms.Number)}.{kind}?from={AwardsPage.Iso(report.From)}" +
        $"&last={AwardsPage.Iso(report.To.PlusDays(-1))}";

    private static Listing<AwardLine> Lines(AwardReport report) => new("lines", "Costs by month and project",
        report.Lines,
        [
            new("Month", line => Html.Of($"{Show.Of(line.Month)}"), Plain: line => $"{line.Month}",
                Key: line => $"{line.Month}"),
            Column<AwardLine>.Words("Project", line => line.Project),
            Column<AwardLine>.Amount("Cost", line => line.Cost),
            Column<AwardLine>.Amount("Credits", line => line.Credits),
            Column<AwardLine>.Amount("Net", line => line.Net),
            Column<AwardLine>.Number("Share", line => string.Create(
                CultureInfo.InvariantCulture, $"{line.Percent:0.##} %"), line => line.Percent),
            Column<AwardLine>.Amount("Amount", line => line.Amount),
        ], "Its projects cost nothing in this time.")
    {
        Foot = Table.Foot("Total", 6, Html.Of($"{Show.Of(report.Total)}")),
    };

    private static Html Thresholds(AwardStanding award) => Html.If(award.Award.Told.Count > 0, () => Html.Of($"""
        <h2>Passed thresholds</h2>
        {Table.Of("Passed thresholds", award.Award.Told.Reverse().ToList(), [
            Column<AwardEvent.Passed>.Words("Threshold", one => $"{one.Percent} %"),
            Column<AwardEvent.Passed>.Words("Of", one => one.IsForecast ? "forecast" : "spent"),
            Column<AwardEvent.Passed>.Amount("Reached", one => one.Reached),
            Column<AwardEvent.Passed>.Amount("Budget", one => one.Budget),
            Column<AwardEvent.Passed>.Time("On", one => one.At),
        ], "")}
        """));
}
