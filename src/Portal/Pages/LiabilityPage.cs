using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Portal.Funds;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /subsidy/report — what a payer has committed, what was used and is left, PI by PI and month by month, as of any
/// day; who runs out first; as a page, PDF and CSV.
/// </summary>
public sealed partial class LiabilityPage
{
    /// <summary>What a payer committed, what of it was used, and who runs out first.</summary>
    public sealed record Report(Choice Asked, Sums Sums, IListing Rows)
    {
        /// <summary>Whose month will not last; null where a day of the past is shown.</summary>
        public required ITable? First { get; init; }

        public required string Pdf { get; init; }
    }

    /// <summary>What was asked for, and the programs that can be.</summary>
    public sealed record Choice(IReadOnlyList<string> Programmes, string Programme, BillingMonth From, BillingMonth To)
    {
        public required LocalDate AsOf { get; init; }
    }

    /// <summary>What the rows come to.</summary>
    public sealed record Sums(Money Committed, Money Used, Money Left, Money Forecast);

    private const int MaxMonths = 36;

    /// <summary>What was asked for.</summary>
    private sealed record Asked(Programme Programme, BillingMonth From, BillingMonth To, LocalDate AsOf);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/subsidy/report", Get).RequireAuthorization(Permissions.SeeSubsidy).ExcludeFromDescription();
        app.MapGet("/subsidy/report.pdf", Pdf).RequireAuthorization(Permissions.SeeSubsidy).ExcludeFromDescription();
    }

    private static async Task<IResult> Get(HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        if (Read(http, exchange, now) is not { } asked)
        {
            return new NotThere();
        }

        var report = await Of(exchange, asked, now, ct);
        var listing = List(report);
        if (listing.Answer(http) is { } file)
        {
            return file;
        }

        var first = report.Rows.Where(row => row.RunsOut is not null && row.Month.End > now).OrderBy(row => row.RunsOut)
            .ThenByDescending(row => row.Used.Cents).ToList();
        return Page.Of<LiabilityPage, Report>(http, $"Liability of {asked.Programme.Id}", new(
            new(
                [.. SubsidyPage.Payable(http, exchange).Select(one => one.Id)], asked.Programme.Id, asked.From,
                asked.To)
            {
                AsOf = asked.AsOf,
            }, Sum(report), listing)
        {
            First = asked.AsOf >= now.InUtc().Date ? First([.. first.Take(20)]) : null,
            Pdf = $"/subsidy/report.pdf?{Query(asked)}",
        });
    }

    private static Sums Sum(Liability report) => new(
        Money.Sum(report.Rows.Select(r => r.Committed)), Money.Sum(report.Rows.Select(r => r.Used)),
        Money.Sum(report.Rows.Select(r => r.Left)), Money.Sum(report.Rows.Select(r => r.Forecast)));

    private static TableOf<LiabilityRow> First(IReadOnlyCollection<LiabilityRow> rows) => new(
        "PIs whose month will not last", rows,
        [
            Column<LiabilityRow>.Words("PI", r => r.Pi.Value),
            Column<LiabilityRow>.Words("Month", r => Show.Of(r.Month)),
            new("Runs out", r => r.Left.IsZero ? Cell.Tag("used up", good: false)
                : Cell.Words(Show.Of(r.RunsOut!.Value.InUtc().Date))),
            Column<LiabilityRow>.Amount("Committed", r => r.Committed),
            Column<LiabilityRow>.Amount("Used", r => r.Used),
            Column<LiabilityRow>.Amount("Remaining", r => r.Left),
        ], "Nobody will use up an open month.");

    private static async Task<IResult> Pdf(HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        if (Read(http, exchange, now) is not { } asked)
        {
            return new NotThere();
        }

        var report = await Of(exchange, asked, now, ct);
        var sums = Sum(report);
        var pdf = TablePdf.Draw(
            $"{asked.Programme.Payer}: liability of {asked.Programme.Id}, {asked.From} to {asked.To}, as of " +
            $"{Exchange.Text.Of(report.AsOf)}",
            Exchange.Text.Of(report.AsOf),
            ["Month", "PI", "Institution", "State", "Committed", "Used", "Remaining", "Forecast"],
            [
                .. report.Rows.Select(r => (IReadOnlyList<string?>)[
                    r.Month.ToString(), r.Pi.Value, r.Institution, State(r), Show.Of(r.Committed), Show.Of(r.Used),
                    Show.Of(r.Left), Show.Of(r.Forecast)]),
                ["Total", null, null, null, Show.Of(sums.Committed), Show.Of(sums.Used), Show.Of(sums.Left),
                    Show.Of(sums.Forecast)],
            ]);
        return Results.File(pdf, "application/pdf", $"liability-{asked.Programme.Id}-{asked.To}.pdf");
    }

    /// <summary>To the end of the day that was asked for; of today, to now.</summary>
    private static Task<Liability> Of(Composition exchange, Asked asked, Instant now, CancellationToken ct) =>
        Liability.Of(
            exchange, asked.Programme, asked.From, asked.To, AsOf.End(asked.AsOf), now, ct);

    /// <summary>Null when it is no programme of theirs.</summary>
    /// <exception cref="FormatException">What is asked cannot be read, or ends before it begins.</exception>
    private static Asked? Read(HttpContext http, Composition exchange, Instant now)
    {
        var query = http.Request.Query;
        var id = query["programme"].ToString();
        var programme = SubsidyPage.Payable(http, exchange).FirstOrDefault(one => id.Length == 0 || one.Id == id);
        var to = QueryValue.Month(http, "to") ?? BillingMonth.Of(now);
        var from = QueryValue.Month(http, "from") ?? to.Previous.Previous;
        var asOf = QueryValue.Day(http, "asOf") ?? now.InUtc().Date;
        if (from > to || to.MonthsSince(from) >= MaxMonths)
        {
            throw new FormatException(
                $"From {from} to {to} are not 1 to {MaxMonths} months. Ask for fewer, the first one first.");
        }

        return programme is null ? null : new(programme, from, to, asOf);
    }

    private static string Query(Asked asked) =>
        $"programme={Uri.EscapeDataString(asked.Programme.Id)}&from={asked.From}&to={asked.To}" +
        $"&asOf={AsOf.Text(asked.AsOf)}";

    private static string State(LiabilityRow row) =>
        row.IsSuspended ? "suspended" : row.IsClosed ? "closed" : "open";

    private static Listing<LiabilityRow> List(Liability report) => new("liability", "Liability", report.Rows,
    [
        Column<LiabilityRow>.Month("Month", r => r.Month),
        Column<LiabilityRow>.Words("PI", r => r.Pi.Value),
        Column<LiabilityRow>.Words("Institution", r => r.Institution),
        new("State", r => Cell.Tag(State(r), State(r) switch { "closed" => "good", "open" => "", _ => "warn" }),
            Plain: State, Key: State),
        Column<LiabilityRow>.Amount("Committed", r => r.Committed),
        Column<LiabilityRow>.Amount("Used", r => r.Used),
        Column<LiabilityRow>.Amount("Remaining", r => r.Left),
        Column<LiabilityRow>.Amount("Forecast", r => r.Forecast),
    ], "Nothing was committed or used in these months, as far as was known on that day.")
    {
        Foot = Sum(report) is var sums
            ? Table.Foot("Total", 4, sums.Committed, sums.Used, sums.Left, sums.Forecast) : null,
    };
}
