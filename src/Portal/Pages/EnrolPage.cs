using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Funds;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /subsidy/enrol — a list of PIs as CSV: first what each of its lines would do, with what is wrong beside it; then all
/// of it, or nothing.
/// </summary>
internal static class EnrolPage
{
    private const int MaxListLength = 500_000;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/subsidy/enrol", Get).RequireAuthorization(Permissions.SeeSubsidy).ExcludeFromDescription();
        app.MapPost("/subsidy/enrol", Post).RequireAuthorization(Permissions.DecideSubsidy).ChecksForm()
            .TakesUpTo(BodySizes.Pasted)
            .Edits(Streams).ExcludeFromDescription();
    }

    /// <summary>Whatever the payer decides on: which programme it will be is chosen on the page.</summary>
    private static List<string> Streams(HttpContext http, Composition exchange) =>
        [.. SubsidyPage.Payable(http, exchange).Select(p => Fund.Fold.StreamOf(p.Id))];

    private static async Task<IResult> Get(
        HttpContext http, Composition exchange, IClock clock, CancellationToken ct) =>
        Draw(http, exchange, clock, Form.Empty, await Seen(http, exchange, ct), Html.None);

    private static Task<ETag> Seen(HttpContext http, Composition exchange, CancellationToken ct) =>
        ETag.Of(exchange, Streams(http, exchange), ct);

    private static async Task<IResult> Post(HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var now = clock.GetCurrentInstant();
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

        var list = form.Typed("file") is { Length: > 0 } file ? file : form.Typed("list");
        var lines = list.Length <= MaxListLength ? EnrolMany.Read(list) : [];
        if (lines.Count is 0 or > EnrolMany.MaxPis)
        {
            form.Wrong("list", $"Give 1 to {EnrolMany.MaxPis} lines like 'ada@bu.edu' or 'ada@bu.edu,150.00'.");
        }

        var edition = await Seen(http, exchange, ct);
        if (!form.IsRight || form.Typed("do") == "edit")
        {
            return Draw(http, exchange, clock, form, edition, Html.None);
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

        var preview = Preview(fund, lines, from!.Value);
        return form.IsRight
            ? Review(http, form, preview, Html.Of($"""
                {edition.Hidden}{Form.Hidden("programme", programme.Id)}{Form.Hidden("from", $"{from}")}
                <dl class="facts"><dt>Program</dt><dd>{programme.Id}</dd>
                <dt>From</dt><dd>{Show.Of(from.Value)}</dd></dl>
                {Form.Reviewed("list", "The list", list)}
                <p><button class="main" name="do" value="commit">Enroll {Show.Of((long)lines.Count)} PIs</button>
                <button name="do" value="edit">Edit list</button></p>
                """))
            : Draw(http, exchange, clock, form, edition, Html.Of($"{preview}<h2>Edit the list</h2>"));
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

    private static IResult Draw(
        HttpContext http, Composition exchange, IClock clock, Form form, ETag edition, Html below) =>
        Layout.Page(http, "Enroll PIs", Html.Of($"""
            <p class="crumbs"><a href="/subsidy">Subsidy</a></p>
            {form.Summary()}
            {below}
            {Form.Post(http, "/subsidy/enrol", Html.Of($"""
            {edition.Hidden}{form.Choice("programme", "Program", SubsidyPage.Payable(http, exchange)
                .Select(p => (p.Id, p.Id)), "")}
            {form.Input("from", "From", "The first month, as 2026-10.", longest: 7,
                otherwise: BillingMonth.Of(clock.GetCurrentInstant()).ToString())}
            {form.Area("list", "The list", "CSV: an address a line, and after a comma the amount a month where it is " +
                "not that of the terms.", MaxListLength)}
            <div class="field"><label for="file">Or a file of such lines</label>
            <input id="file" name="file" type="file" accept=".csv,text/csv,text/plain"></div>
            <p><button class="main" name="do" value="look">See what it would do</button></p>
            """), holdsFiles: true)}
            """), form.Status);

    /// <summary>What was looked at, read only, so that what is on the screen is what is done.</summary>
    private static IResult Review(HttpContext http, Form form, Html preview, Html fields) =>
        Layout.Page(http, "Enroll PIs", Html.Of($"""
            <p class="crumbs"><a href="/subsidy">Subsidy</a></p>
            {form.Summary()}
            {preview}
            {Form.Post(http, "/subsidy/enrol", fields)}
            """), form.Status);

    private static Html Preview(Fund fund, IReadOnlyList<EnrolLine> lines, BillingMonth from)
    {
        var shown = lines.OrderBy(line => line.Wrong is null).Take(500).ToList();
        return Html.Of($"""
            <h2>What it would do</h2>
            {Html.If(lines.Count > shown.Count, () => Html.Of($"""
            <p class="lead">The first {shown.Count} of {lines.Count} lines.</p>
            """))}
            {Table.Of("Each line", shown, [
                Column<EnrolLine>.Number("Line", l => (decimal)l.Number),
                Column<EnrolLine>.Words("As given", l => l.Text),
                new("What it comes to", l => l.Wrong is { } why ? Html.Of($"{Tag.Of("wrong", good: false)} {why}")
                    : Html.Of($"{Tag.Of(Does(fund, l, from), "good")}")),
            ], "")}
            """);
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
