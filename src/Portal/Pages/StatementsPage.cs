using System.Globalization;
using Exchange.Invoicing.Payouts;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;

namespace Exchange.Portal.Pages;

/// <summary>
/// /landlord/statements and /finance/payouts/PAYEE/MONTH — a statement with the lines behind every figure; its payee
/// accepts it or disputes a line, finance says what came of that.
/// </summary>
public sealed partial class StatementsPage
{
    /// <summary>The statements of several payees who are one reader's, and what they come to.</summary>
    /// <param name="IsOfProjects">Whether they are a PI's, for what its projects sublet.</param>
    public sealed record Settled(bool IsOfProjects, Money Earned, Money PaidOut, IListing Statements)
    {
        public Money Open => Earned - PaidOut;
    }

    /// <summary>One statement, what was said of it, and the form in which its reader answers.</summary>
    public sealed record Answerable(PayeeStatement Statement, string Href, IListing Lines)
    {
        public required (string Href, string Text) Above { get; init; }

        /// <summary>What was disputed and what came of it.</summary>
        public required IReadOnlyList<ITable> Said { get; init; }

        public required bool IsFinance { get; init; }

        /// <summary>What may be disputed or resolved.</summary>
        public required IReadOnlyList<(string Value, string Text)> Parts { get; init; }
    }

    public const string Path = "/landlord/statements";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Mine).RequireAuthorization(Permissions.SeeSales).ExcludeFromDescription();
        app.MapGet($"{Path}/{{kind}}/{{month}}", MineOf).RequireAuthorization(Permissions.SeeSales)
            .ExcludeFromDescription();
        app.MapPost($"{Path}/{{kind}}/{{month}}", AnswerMine).RequireAuthorization(Permissions.SeeSales).ChecksForm()
            .Makes().ExcludeFromDescription();
        app.MapGet($"{PayoutsPage.Path}/{{payee}}/{{month}}", One).RequireAuthorization(Permissions.SeeFinance)
            .ExcludeFromDescription();
        app.MapPost($"{PayoutsPage.Path}/{{payee}}/{{month}}", Answer).RequireAuthorization(Permissions.SeeFinance)
            .ChecksForm().Makes().ExcludeFromDescription();
    }

    internal static Listing<PayeeStatement> List(
        IReadOnlyList<PayeeStatement> statements, Func<PayeeStatement, string> href) => new(
            "statements", "Statements", statements,
            [
                Column<PayeeStatement>.Month("Month", s => s.Month, href),
                Column<PayeeStatement>.Words("For", s => s.Payee.Kind switch
                {
                    "hardware" => "hardware",
                    "project" => "subleases",
                    _ => "services",
                }),
                Column<PayeeStatement>.Number("Lines", s => (decimal)s.Lines.Count),
                Column<PayeeStatement>.Amount("Amount", s => s.Total),
                new("Status", s => Cell.Tag(s.State, Tone(s)), Plain: s => s.State, Key: s => s.State),
            ], "Nothing was settled yet. Closing a month draws the statement.");

    internal static string Tone(PayeeStatement statement) => statement.State switch
    {
        "accepted" => "good",
        "disputed" => "bad",
        _ => "",
    };

    /// <summary>
    /// Whoever sells services may own hardware that others sell, under the same name; a project of it is a PI's.
    /// </summary>
    private static PayeeName? Payee(HttpContext http, string kind) =>
        kind is "landlord" or "hardware" && Viewer.Needed(http).Landlord is { } landlord
            ? new PayeeName(kind, landlord.Value) : null;

    private static string Href(HttpContext http, PayeeName payee, BillingMonth month) =>
        Viewer.Needed(http).Role switch
        {
            Role.Finance => $"{PayoutsPage.Href(payee)}/{month}",
            Role.Pi => EarningsPage.Href(payee, month),
            _ => $"{Path}/{payee.Kind}/{month}",
        };

    private static string Home(HttpContext http) =>
        Viewer.Needed(http).Role == Role.Pi ? EarningsPage.Path : Path;

    private static async Task<PayeeStatement?> Find(
        Composition exchange, PayeeName payee, BillingMonth month, CancellationToken ct) =>
        (await PayeeStatements.Of(exchange.Sources, payee, ct)).FirstOrDefault(one => one.Month == month);

    private static Task<IResult> Mine(HttpContext http, Composition exchange, CancellationToken ct) =>
        All(http, exchange, [Payee(http, "landlord")!.Value, Payee(http, "hardware")!.Value], ct);

    /// <summary>The statements of several payees who are one reader's.</summary>
    internal static async Task<IResult> All(
        HttpContext http, Composition exchange, IReadOnlyList<PayeeName> payees, CancellationToken ct)
    {
        var (all, paid) = (new List<PayeeStatement>(), Money.Zero);
        foreach (var payee in payees)
        {
            all.AddRange(await PayeeStatements.Of(exchange.Sources, payee, ct));
            paid += Money.Sum((await exchange.Journal.State(Invoicing.Payouts.Payee.Fold, payee, ct)).Paid.Values
                .Select(one => one.Amount));
        }

        var earned = Money.Sum(all.Select(one => one.Total));
        var listing = List([.. all.OrderByDescending(one => one.Month)], one => Href(http, one.Payee, one.Month));
        return listing.Answer(http) ?? Page.Of<StatementsPage, Settled>(
            http, "Statements", new(Viewer.Needed(http).Role == Role.Pi, earned, paid, listing));
    }

    private static async Task<IResult> MineOf(
        HttpContext http, Composition exchange, string kind, BillingMonth month, CancellationToken ct) =>
        Payee(http, kind) is { } payee
            ? await Draw(http, exchange, payee, month, Form.Empty, ct) : new NotThere();

    private static Task<IResult> One(
        HttpContext http, Composition exchange, PayeeName payee, BillingMonth month, CancellationToken ct) =>
        Draw(http, exchange, payee, month, Form.Empty, ct);

    private static async Task<IResult> AnswerMine(
        HttpContext http, Composition exchange, string kind, BillingMonth month, CancellationToken ct) =>
        Payee(http, kind) is { } payee ? await Answer(http, exchange, payee, month, ct) : new NotThere();

    internal static async Task<IResult> Answer(
        HttpContext http, Composition exchange, PayeeName payee, BillingMonth month, CancellationToken ct)
    {
        if (await Find(exchange, payee, month, ct) is not { } statement)
        {
            return new NotThere();
        }

        var form = await Form.Read(http, ct);
        var isFinance = Viewer.Needed(http).Role == Role.Finance; // Each side answers for itself alone.
        var act = isFinance ? "resolve" : form.Typed("do");
        if (act is not ("resolve" or "dispute" or "accept"))
        {
            form.Wrong("line", "Choose whether the statement is accepted or a line of it disputed.");
        }

        var because = act == "accept" ? "" : form.Line("because", "The reason", 500);
        var line = act == "accept" ? 0 : Line(form, statement);

        if (form.IsRight)
        {
            var by = Viewer.Needed(http).Actor;
            if (await exchange.Commands.Try(
                new AnswerStatement(statement, $"{act} statement", (of, now) => act switch
                {
                    "dispute" => Invoicing.Payouts.Payee.Dispute(of, month, line, because, by, now),
                    "resolve" => Invoicing.Payouts.Payee.Resolve(of, month, line, because, by, now),
                    _ => Invoicing.Payouts.Payee.Accept(of, month, by, now),
                }), http, ct) is not { } refusal)
            {
                return Results.Redirect(Href(http, payee, month));
            }

            form.Wrong("because", refusal.Message);
        }

        return await Draw(http, exchange, payee, month, form, ct);
    }

    /// <summary>The line that is meant, 0 for the whole statement; nothing is disputed that was not chosen.</summary>
    private static int Line(Form form, PayeeStatement statement)
    {
        if (int.TryParse(form.Typed("line"), NumberStyles.None, CultureInfo.InvariantCulture, out var line) &&
            line <= statement.Lines.Count)
        {
            return line;
        }

        form.Wrong("line", $"'{form.Typed("line")}' is no line of this statement. Give 1 to {statement.Lines.Count}, " +
            "or 0 for all of it.");
        return 0;
    }

    internal static async Task<IResult> Draw(
        HttpContext http, Composition exchange, PayeeName payee, BillingMonth month, Form form, CancellationToken ct)
    {
        if (await Find(exchange, payee, month, ct) is not { } statement)
        {
            return new NotThere();
        }

        var listing = StatementTables.Lines(statement);
        if (listing.Answer(http) is { } file)
        {
            return file;
        }

        var said = await exchange.Journal.State(Invoicing.Payouts.Payee.Fold, payee, ct);
        var disputes = said.Disputes.Values.Where(one => one.Month == month).OrderBy(one => one.Line).ToList();
        var resolved = said.Resolved.Where(one => one.Dispute.Month == month).ToList();
        var isFinance = Viewer.Needed(http).Role == Role.Finance;
        return Page.Of<StatementPage, Answerable>(
            http, $"Statement of {payee.Name}, {Show.Of(month)}", new(statement, Href(http, payee, month), listing)
            {
                Above = isFinance
                    ? (PayoutsPage.Href(payee), $"Payouts to {payee.Name}") : (Home(http), "Statements"),
                Said = [StatementTables.Disputed(disputes), StatementTables.Resolved(resolved)],
                IsFinance = isFinance,
                Parts =
                [
                    ("0", "the whole statement"), .. isFinance
                        ? disputes.Where(one => one.Line > 0).Select(one => ($"{one.Line}", $"line {one.Line}"))
                        : statement.Lines.Select(one => ($"{one.Number}", $"line {one.Number}: {one.What}")),
                ],
            }, form);
    }
}
