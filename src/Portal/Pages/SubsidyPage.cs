using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Funds;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;
using ClosedMonths = Exchange.Invoicing.Kept.Months;

namespace Exchange.Portal.Pages;

/// <summary>
/// /subsidy — what a payer of subsidies committed, what was used and what is left, PI by PI; caps for many at once,
/// suspending and resuming.
/// </summary>
public sealed partial class SubsidyPage
{
    /// <summary>The subsidies of a payer, as they stand in a month.</summary>
    public sealed record Subsidies(BillingMonth Month, IReadOnlyList<One> All);

    /// <summary>A subsidy: what is committed and used, and by whom.</summary>
    public sealed record One(string Programme, BillingMonth Month, string Edition, IListing Pis, IListing ByMonth)
    {
        public required long Enrolled { get; init; }

        public required long Suspended { get; init; }

        public required Money Committed { get; init; }

        public required Money Used { get; init; }

        public required Instant AsOf { get; init; }

        /// <summary>What closes took from it in all.</summary>
        public required Money Owed { get; init; }

        /// <summary>What it paid by month; null before the first close.</summary>
        public Plot? Paid { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/subsidy", Get).RequireAuthorization(Permissions.SeeSubsidy).ExcludeFromDescription();
        app.MapPost("/subsidy/caps", SubsidyCaps.Post).RequireAuthorization(Permissions.DecideSubsidy).ChecksForm()
            .Edits(Streams)
            .ExcludeFromDescription();
        app.MapPost("/subsidy/suspension", Suspend).RequireAuthorization(Permissions.DecideSubsidy).ChecksForm()
            .Edits(Streams)
            .ExcludeFromDescription();
    }

    /// <summary>The subsidies that the viewer pays for.</summary>
    internal static IEnumerable<Programme> Payable(HttpContext http, Composition exchange) =>
        exchange.Programmes.Where(p => p.Kind == ProgrammeKind.Subsidy && p.Payer == Viewer.Needed(http).Payer);

    private static Task<IResult> Get(
        HttpContext http, Composition exchange, IClock clock, BillingMonth? month, CancellationToken ct) =>
        Draw(http, exchange, clock, month, Form.Empty, ct);

    private static async Task<IReadOnlyList<string>?> Streams(HttpContext http, Composition exchange,
        CancellationToken ct)
    {
        var wanted = (await Form.Read(http, ct)).Typed("programme");
        var own = exchange.Programmes.Any(p => p.Id == wanted && p.Payer == Viewer.Needed(http).Payer);
        return own ? [StreamOf(wanted)] : null;
    }

    private static string StreamOf(string programme) => Fund.Fold.StreamOf(programme);

    private static async Task<IResult> Suspend(
        HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var now = clock.GetCurrentInstant();
        var pi = form.Value<PiId>("pi", "The PI");
        var from = form.Value<BillingMonth>("from", "The month");
        var act = form.Typed("do");
        var subsidy = await Own(http, exchange, form, now, ct);
        if (act is not ("suspend" or "resume"))
        {
            form.Wrong("do", "Choose whether to suspend or to resume.");
        }

        if (pi is { } one && subsidy is not null && subsidy.Pis.All(p => p.Pi != one))
        {
            form.Wrong("pi", $"'{one}' is not enrolled.");
        }

        if (from is { } month && !await DecideSubsidy.IsOpen(exchange.Journal, month, ct))
        {
            form.Wrong("from", $"{month} is closed. Choose a month that is still open.");
        }

        if (form.IsRight && subsidy is not null)
        {
            var by = Viewer.Needed(http).Actor;
            var refusal = await exchange.Commands.Try(
                new ChangeFund(
                    subsidy.Programme, [ProgrammeKind.Subsidy], $"subsidy {act}", $"{pi} from {from}",
                    (fund, at) => act == "suspend"
                        ? Fund.Suspend(fund, pi!.Value, from!.Value, by, at)
                        : Fund.Resume(fund, pi!.Value, from!.Value, by, at)), http, ct);
            if (refusal is null)
            {
                return Results.Redirect("/subsidy");
            }

            form.Wrong("pi", refusal.Message);
        }

        return await Draw(http, exchange, clock, null, form, ct);
    }

    /// <summary>The subsidy that the form names, when it is the viewer's.</summary>
    internal static async Task<Subsidy?> Own(
        HttpContext http, Composition exchange, Form form, Instant now, CancellationToken ct)
    {
        var all = await Subsidy.Of(exchange, Viewer.Needed(http).Payer ?? "", BillingMonth.Of(now), now, ct);
        var own = all.FirstOrDefault(s => s.Programme.Id == form.Typed("programme"));
        if (own is null)
        {
            form.Wrong("caps", "There is no such program of yours.");
        }

        return own;
    }

    /// <param name="form">Empty, or what was typed and is not right.</param>
    internal static async Task<IResult> Draw(
        HttpContext http, Composition exchange, IClock clock, BillingMonth? month, Form form, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var shown = month ?? BillingMonth.Of(now);
        var months = await exchange.Kept.State(ClosedMonths.Fold, ClosedMonths.Id, ct);
        if (!months.IsClosed(shown) && shown < months.Last)
        {
            throw new FormatException(
                $"'month' cannot be '{shown}': nothing was billed of it, and {months.Last} is closed after it. The " +
                $"first month that was billed is {months.First}.");
        }

        var subsidies = await Subsidy.Of(exchange, Viewer.Needed(http).Payer ?? "", shown, now, ct);
        var editions = await ETag.Each(
            exchange, [.. subsidies.Select(s => StreamOf(s.Programme.Id))], ct);
        List<One> each =
        [
            .. subsidies.Select(s => Of(
                s, shown, editions.GetValueOrDefault(StreamOf(s.Programme.Id), ETag.Untouched))),
        ];
        var files = each.SelectMany(one => (IListing[])[one.Pis, one.ByMonth]).Select(listing => listing.Answer(http));
        return files.FirstOrDefault(file => file is not null) ?? Page.Of<SubsidyPage, Subsidies>(
            http, $"Subsidies in {Show.Of(shown)}", new(shown, each), form);
    }

    private static One Of(Subsidy subsidy, BillingMonth month, ETag edition) => new(
        subsidy.Programme.Id, month, edition.Version, List(subsidy), ByMonth(subsidy))
    {
        Enrolled = subsidy.Pis.Count,
        Suspended = subsidy.Pis.LongCount(p => p.IsSuspended),
        Committed = Money.Sum(subsidy.Pis.Select(p => p.Committed)),
        Used = Money.Sum(subsidy.Pis.Select(p => p.UsedInMonth)),
        AsOf = subsidy.AsOf,
        Owed = Money.Sum(subsidy.ByMonth.Select(m => m.Paid)),
        Paid = Paid(subsidy),
    };

    private static Plot? Paid(Subsidy subsidy)
    {
        var months = subsidy.ByMonth.OrderBy(m => m.Month).TakeLast(12).ToList();
        return months.Count == 0 ? null : new(
            $"paid-{subsidy.Programme.Id}", $"What {subsidy.Programme.Id} paid by month", "Month",
            [.. months.Select(m => Show.Of(m.Month))], [Series.Of("paid", months.Select(m => m.Paid))]);
    }

    private static Listing<(BillingMonth Month, Money Paid, int Pis)> ByMonth(Subsidy subsidy) => new(
        $"owed-{subsidy.Programme.Id}", "Paid by closed month", subsidy.ByMonth,
        [
            Column<(BillingMonth Month, Money Paid, int Pis)>.Month("Month", m => m.Month),
            Column<(BillingMonth Month, Money Paid, int Pis)>.Number("PIs", m => (decimal)m.Pis),
            Column<(BillingMonth Month, Money Paid, int Pis)>.Amount("Paid", m => m.Paid),
        ], "No closed month used it yet.");

    private static Listing<Enrolled> List(Subsidy subsidy) => new(
        $"pis-{subsidy.Programme.Id}", "PIs", subsidy.Pis,
        [
            Column<Enrolled>.Words("PI", p => p.Pi.Value),
            Column<Enrolled>.Words("Institution", p => p.Institution),
            Column<Enrolled>.State("State", p => p.IsSuspended ? "suspended" : p.IsCapped ? "capped" : "enrolled",
                p => !p.IsSuspended),
            Column<Enrolled>.Amount("Limit a month", p => p.Amount),
            Column<Enrolled>.Amount("Used", p => p.UsedInMonth),
            Column<Enrolled>.Amount("Remaining", p => p.Left),
            Column<Enrolled>.Amount("Total used", p => p.UsedInAll),
        ], "Nobody is enrolled yet.");
}
