using Exchange.Portal.Awards;
using Exchange.Portal.Awards.Reports;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>/v1/awards — awards of sponsors, how each stands, and what it paid in a period.</summary>
internal static class AwardsOverHttp
{
    private const string Example = """
        {"number":"NSF-2412345","pi":"ada@bu.edu","sponsor":"National Science Foundation","from":"2026-09-01",
         "to":"2029-09-01","budget":"25000.00 USD","projects":["stack/p-ada=50"]}
        """;

    /// <summary>What became of an award that a program sent.</summary>
    /// <param name="IsNew">False when it was so already.</param>
    internal sealed record AwardSet(string Number, PiId Pi, bool IsNew);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/awards", List).Reads<PageOf<AwardDocument>>(
            "GetAwards", "A PI's awards: budget, spent, remaining, and the forecast at the end.");
        app.MapGet(
            "/v1/awards/{award}",
            (HttpContext http, Composition exchange, string award, PiId pi, DateOnly? from, DateOnly? to) =>
                With(http, exchange, (pi, award), (from, to), report => new Tagged(AwardReportDocument.Of(report))))
            .Reads<AwardReportDocument>("GetAward", "What an award paid in a period, by month and project.");
        app.MapGet(
            "/v1/awards/{award}.csv",
            (HttpContext http, Composition exchange, string award, PiId pi, DateOnly? from, DateOnly? to) =>
                With(http, exchange, (pi, award), (from, to), report => Results.File(
                    report.Csv(), "text/csv; charset=utf-8", $"{report.FileName}.csv")))
            .ReadsFile("GetAwardCsv", "The same for the sponsor, as CSV.", "text/csv");
        app.MapGet(
            "/v1/awards/{award}.pdf",
            (HttpContext http, Composition exchange, string award, PiId pi, DateOnly? from, DateOnly? to) =>
                With(http, exchange, (pi, award), (from, to), report => Results.File(
                    report.Pdf(exchange.Clock.GetCurrentInstant()), "application/pdf", $"{report.FileName}.pdf")))
            .ReadsFile("GetAwardPdf", "The same for the sponsor, as PDF.", "application/pdf");
        app.MapPost("/v1/awards", Set).FinanceAct<AwardToSet, AwardSet>(
            "SetAward", "Enters an award of a PI, or gives it other terms.", Example);
    }

    private static async Task<IResult> List(
        HttpContext http, Composition exchange, PiId pi, string? cursor, int? limit) =>
        ReadRoute.IsForAll(http)
            ? new Tagged(PageOf<AwardDocument>.Cut(
                [
                    .. (await AwardStanding.Of(exchange, pi, exchange.Clock.GetCurrentInstant(), http.RequestAborted))
                        .Select(AwardDocument.Of),
                ], cursor, limit, one => one.Number))
            : new LandlordScope.Refused();

    private static async Task<IResult> With(
        HttpContext http, Composition exchange, (PiId Pi, string Number) award, (DateOnly? From, DateOnly? To) days,
        Func<AwardReport, IResult> answer)
    {
        if (!ReadRoute.IsForAll(http))
        {
            return new LandlordScope.Refused();
        }

        var found = (await AwardStanding.Of(
                exchange, award.Pi, exchange.Clock.GetCurrentInstant(), http.RequestAborted))
            .FirstOrDefault(one => one.Terms.Number == award.Number);
        if (found is null)
        {
            return new NotThere();
        }

        try
        {
            return answer(AwardReport.Of(found, Day(days.From), Day(days.To)));
        }
        catch (RefusedException e) when (e.Refusal.Code == "awards/period")
        {
            return Problem.Of(e.Refusal, StatusCodes.Status400BadRequest); // Nothing is in the way but the question.
        }
    }

    private static async Task<IResult> Set(HttpContext http, Composition exchange, CancellationToken ct)
    {
        if (await Body.Read<AwardToSet>(http, ct) is not { } asked)
        {
            return FinanceRoute.Malformed(Example);
        }

        try
        {
            return asked.Terms() is { } terms
                ? await FinanceRoute.Act(http, exchange, new SetAward(terms, Viewer.Needed(http).Actor),
                    isNew => new AwardSet(terms.Number, terms.Pi, isNew), ct)
                : FinanceRoute.Malformed(Example);
        }
        catch (RefusedException e)
        {
            return Problem.Of(e.Refusal, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static LocalDate? Day(DateOnly? day) => day is { } some ? LocalDate.FromDateOnly(some) : null;
}
