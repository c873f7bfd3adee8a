using System.Globalization;
using Exchange.Journal;
using Exchange.Portal.Awards;
using Exchange.Portal.Awards.Reports;
using Exchange.Portal.Commands;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /pi/awards/NUMBER — how an award stands, what it paid by month and project in the sponsor's period, as a page, PDF
/// and CSV; and its terms.
/// </summary>
public sealed partial class AwardPage
{
    /// <summary>How an award stands, what its report says, and what its fields hold.</summary>
    public sealed record Standing(string Number, string Sponsor, (LocalDate From, LocalDate Last) Time)
    {
        public required bool IsAfterCredits { get; init; }

        /// <summary>Why the days that were asked for make no report; null where they do.</summary>
        public string? Wrong { get; init; }

        public required Figures Figures { get; init; }

        public required Plot Remaining { get; init; }

        public required SponsorReport Report { get; init; }

        public required ITable Thresholds { get; init; }

        public required string Edition { get; init; }

        public required AwardTyped Typed { get; init; }
    }

    /// <summary>What was spent of a budget until an instant, and what will be.</summary>
    public sealed record Figures(Money Budget, Money Spent, Instant? AsOf, Money Remaining, Money? ADay)
    {
        public Forecast? Forecast { get; init; }

        public required int DaysLeft { get; init; }

        /// <summary>Whether the budget lasts, and how good that is.</summary>
        public required (string Text, string Kind) State { get; init; }
    }

    /// <summary>What the sponsor is told about some days.</summary>
    public sealed record SponsorReport(string From, string Last, string Pdf, string Csv, IListing Lines);

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
            return (AwardReport.Of(
                award, QueryValue.Day(http, "from"), QueryValue.Day(http, "last")?.PlusDays(1)), null);
        }
        catch (RefusedException e)
        {
            return (AwardReport.Of(award, null, null), e.Refusal);
        }
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, string number, Form form, CancellationToken ct)
    {
        if (await Find(http, exchange, number, ct) is not { } award)
        {
            return new NotThere();
        }

        var (report, wrong) = Report(http, award);
        var listing = Lines(report);
        if (listing.Answer(http) is { } file)
        {
            return file;
        }

        var edition = await ETag.Of(exchange, [AwardBook.Fold.StreamOf(AwardBook.Id)], ct);
        var (terms, last) = (award.Terms, AwardsPage.Iso(report.To.PlusDays(-1)));
        return Page.Of<AwardPage, Standing>(
            http, $"Award {number}", new(number, terms.Sponsor, (terms.From, terms.To.PlusDays(-1)))
            {
                IsAfterCredits = terms.Rules.AfterCredits,
                Wrong = wrong?.Message,
                Figures = FiguresOf(award),
                Remaining = AwardChart.Of(award, exchange.Clock.GetCurrentInstant().InUtc().Date),
                Report = new(AwardsPage.Iso(report.From), last, File(report, "pdf"), File(report, "csv"), listing),
                Thresholds = Thresholds(award),
                Edition = edition.Version,
                Typed = AwardForms.Typed(terms, []),
            }, form, wrong is null ? null : StatusCodes.Status400BadRequest);
    }

    private static Figures FiguresOf(AwardStanding award) => new(
        award.Terms.Budget, award.Burn.Spent, award.AsOf, award.Remaining, award.Burn.ADay?.Expected)
    {
        Forecast = award.Burn.Forecast,
        DaysLeft = award.Burn.DaysLeft,
        State = AwardsPage.Word(award),
    };

    private static string File(AwardReport report, string kind) =>
        $"{AwardsPage.Href(report.Terms.Number)}.{kind}?from={AwardsPage.Iso(report.From)}" +
        $"&last={AwardsPage.Iso(report.To.PlusDays(-1))}";

    private static Listing<AwardLine> Lines(AwardReport report) => new("lines", "Costs by month and project",
        report.Lines,
        [
            new("Month", line => Cell.Words(Show.Of(line.Month)), Plain: line => $"{line.Month}",
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
        Foot = Table.Foot("Total", 6, report.Total),
    };

    private static TableOf<AwardEvent.Passed> Thresholds(AwardStanding award) => new(
        "Passed thresholds", award.Award.Told.Reverse().ToList(),
        [
            Column<AwardEvent.Passed>.Words("Threshold", one => $"{one.Percent} %"),
            Column<AwardEvent.Passed>.Words("Of", one => one.IsForecast ? "forecast" : "spent"),
            Column<AwardEvent.Passed>.Amount("Reached", one => one.Reached),
            Column<AwardEvent.Passed>.Amount("Budget", one => one.Budget),
            Column<AwardEvent.Passed>.Time("On", one => one.At),
        ], "");
}
