using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Funds;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /subsidy/enrol — a list of PIs as CSV: first what each of its lines would do, with what is wrong beside it; then all
/// of it, or nothing.
/// </summary>
public sealed partial class EnrolPage
{
    private const string Path = "/subsidy/enrol";
    private const int MaxListLength = 500_000;
    private const int MaxShown = 500;

    /// <summary>A list that is typed, what it would do, and what of it is left to be confirmed.</summary>
    /// <param name="Month">The first month that is offered.</param>
    public sealed record Enrolment(string Edition, IReadOnlyList<string> Programmes, BillingMonth Month)
    {
        /// <summary>Null until a list is looked at.</summary>
        public Preview? Preview { get; init; }

        /// <summary>What was looked at and is right: what is on the screen is what is done.</summary>
        public Reviewed? Reviewed { get; init; }
    }

    /// <summary>What each line would do, those that are wrong first.</summary>
    public sealed record Preview(int Count, int Shown, ITable Lines);

    /// <summary>A list that can be taken as it is.</summary>
    public sealed record Reviewed(string Programme, BillingMonth From, string List);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.SeeSubsidy).ExcludeFromDescription();
        app.MapPost(Path, Post).RequireAuthorization(Permissions.DecideSubsidy).ChecksForm()
            .TakesUpTo(BodySizes.Pasted)
            .Edits(Streams).ExcludeFromDescription();
    }

    /// <summary>Whatever the payer decides on: which programme it will be is chosen on the page.</summary>
    private static List<string> Streams(HttpContext http, Composition exchange) =>
        [.. SubsidyPage.Payable(http, exchange).Select(p => Fund.Fold.StreamOf(p.Id))];

    private static async Task<IResult> Get(
        HttpContext http, Composition exchange, IClock clock, CancellationToken ct) =>
        Draw(http, await Offered(http, exchange, clock.GetCurrentInstant(), ct), Form.Empty);

    private static async Task<Enrolment> Offered(
        HttpContext http, Composition exchange, Instant now, CancellationToken ct) => new(
            (await ETag.Of(exchange, Streams(http, exchange), ct)).Version,
            [.. SubsidyPage.Payable(http, exchange).Select(p => p.Id)], BillingMonth.Of(now));

    private static async Task<IResult> Post(HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var (programme, from, list) = await Read(form, http, exchange, ct);
        var lines = list.Length <= MaxListLength ? EnrolMany.Read(list) : [];
        if (lines.Count is 0 or > EnrolMany.MaxPis)
        {
            form.Wrong("list", $"Give 1 to {EnrolMany.MaxPis} lines like 'ada@bu.edu' or 'ada@bu.edu,150.00'.");
        }

        var offered = await Offered(http, exchange, clock.GetCurrentInstant(), ct);
        if (!form.IsRight || form.Typed("do") == "edit")
        {
            return Draw(http, offered, form);
        }

        var fund = await exchange.Journal.State(Fund.Fold, programme!.Id, ct);
        var wrong = lines.Count(line => line.Wrong is not null);
        if (wrong > 0)
        {
            form.Wrong("list", $"{wrong} of {lines.Count} lines cannot be taken: mend them below. Nobody was " +
                "enrolled.");
        }
        else if (form.Typed("do") == "commit")
        {
            var refusal = await Commit(http, exchange, programme, lines, from!.Value, ct);
            if (refusal is null)
            {
                return Results.Redirect($"/subsidy?month={from}");
            }

            form.Wrong("list", refusal.Message);
        }

        return Draw(http, offered with
        {
            Preview = Of(fund, lines, from!.Value),
            Reviewed = form.IsRight ? new(programme.Id, from.Value, list) : null,
        }, form);
    }

    private static async Task<(Programme? Programme, BillingMonth? From, string List)> Read(
        Form form, HttpContext http, Composition exchange, CancellationToken ct)
    {
        var programme = SubsidyPage.Payable(http, exchange).FirstOrDefault(p => p.Id == form.Typed("programme"));
        var from = form.Value<BillingMonth>("from", "The first month");
        if (programme is null)
        {
            form.Wrong("programme", "There is no such program of yours.");
        }

        if (from is { } month && !await DecideSubsidy.IsOpen(exchange.Journal, month, ct))
        {
            form.Wrong("from", $"{month} is closed. Choose a month that is still open.");
        }

        return (programme, from, form.Typed("file") is { Length: > 0 } file ? file : form.Typed("list"));
    }

    private static Task<Refusal?> Commit(
        HttpContext http, Composition exchange, Programme programme, IReadOnlyList<EnrolLine> lines, BillingMonth from,
        CancellationToken ct)
    {
        var by = Viewer.Needed(http).Actor;
        return exchange.Commands.Try(
            new ChangeFund(
                programme, [ProgrammeKind.Subsidy], "subsidy enroll",
                $"{lines.Count} PIs in {programme.Id} from {from}",
                (fund, now) => EnrolMany.Rule(fund, lines, from, by, now)), http, ct);
    }

    private static IResult Draw(HttpContext http, Enrolment enrolment, Form form) =>
        Page.Of<EnrolPage, Enrolment>(http, "Enroll PIs", enrolment, form);

    private static Preview Of(Fund fund, IReadOnlyList<EnrolLine> lines, BillingMonth from)
    {
        var shown = lines.OrderBy(line => line.Wrong is null).Take(MaxShown).ToList();
        return new(lines.Count, shown.Count, new TableOf<EnrolLine>("Each line", shown,
        [
            Column<EnrolLine>.Number("Line", l => (decimal)l.Number),
            Column<EnrolLine>.Words("As given", l => l.Text),
            new("What it comes to", l => l.Wrong is { } why ? Wrong(why) : Cell.Tag(Does(fund, l, from), "good")),
        ], ""));
    }

    private static string Does(Fund fund, EnrolLine line, BillingMonth from)
    {
        var pi = line.Pi!.Value;
        var known = fund.IsEnrolled(pi, from);
        return line.Amount is not { } amount ? known ? "is enrolled already" : "will be enrolled"
            : fund.CapOf(pi, from) == amount && known ? "is so already"
            : $"{(known ? "will get" : "will be enrolled with")} {Show.Of(amount)} a month";
    }
}
