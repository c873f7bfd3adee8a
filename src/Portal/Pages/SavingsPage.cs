using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Savings;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET and POST /pi/savings — what a PI could do without or have for less, and what stays as it is.</summary>
internal static class SavingsPage
{
    private const int MaxReason = 500;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/pi/savings", Get).RequireAuthorization(Permissions.SeeSpending).ExcludeFromDescription();
        app.MapPost("/pi/savings", Post).RequireAuthorization(Permissions.SeeSpending).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    private static Task<IResult> Get(
        HttpContext http, View view, Composition exchange, IClock clock, CancellationToken ct) =>
        Draw(http, view, exchange, clock, Form.Empty, ct);

    private static async Task<IResult> Post(
        HttpContext http, View view, Composition exchange, IClock clock, CancellationToken ct)
    {
        var (form, viewer) = (await Form.Read(http, ct), Viewer.Needed(http));
        if (form.Typed("do") is "mail-on" or "mail-off")
        {
            await exchange.Commands.Try(
                new MailSavings(viewer.Pi!.Value, form.Typed("do") == "mail-on", viewer.Actor), http, ct);
            return Results.Redirect("/pi/savings");
        }

        var found = await new FindSavings(exchange, view, clock.GetCurrentInstant()).Run(viewer.Pi!.Value, ct);
        var refusal = await exchange.Commands.Try(
            new AnswerSaving(
                viewer.Pi.Value, form.Typed("id"), form.Typed("do") == "restore" ? null : form.Typed("reason"),
                viewer.Actor, found), http, ct);
        if (refusal is null)
        {
            return Results.Redirect("/pi/savings");
        }

        form.Wrong(refusal.Where ?? "reason", refusal.Message);
        return await Draw(http, view, exchange, clock, form, ct);
    }

    private static async Task<IResult> Draw(
        HttpContext http, View view, Composition exchange, IClock clock, Form form, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var found = await new FindSavings(exchange, view, now).Run(Viewer.Needed(http).Pi!.Value, ct);
        var open = found.Where(one => one.Dismissed is null).ToList();
        var dismissed = found.Where(one => one.Dismissed is not null).ToList();
        var answers = await exchange.Journal.State(SavingAnswers.Fold, Viewer.Needed(http).Pi!.Value, ct);
        return Layout.Page(http, "Savings", Html.Of($"""
            <p class="crumbs"><a href="/pi">Spending</a> <a href="{ElsewherePage.Path}">Other landlords</a></p>
            <p class="lead">What the resources that are there now would cost less in a whole month, at today's prices
            and before funds, as of {Show.Of(now)}.</p>
            {form.Summary()}
            {Card.Row(
                Card.Of("Could be saved a month", Show.Of(Saving.Together(open))),
                Card.Of("Proposals", Show.Of((long)open.Count)),
                Card.Of("Dismissed", Show.Of((long)dismissed.Count)))}
            {List(open).Of(http)}
            {Html.If(open.Count > 0, () => Dismiss(http, form, open))}
            {Html.If(dismissed.Count > 0, () => Dismissed(http, dismissed))}
            {Weekly(http, answers.WantsMail)}
            """), form.Status);
    }

    private static Listing<Saving> List(IReadOnlyList<Saving> open) => new("savings", "Proposals, the most first", open,
    [
        Column<Saving>.Words("Saving", one => Word(one.Kind)),
        Column<Saving>.Words("Project", one => one.Project.Value),
        Column<Saving>.Words("Resources", one => one.Subject),
        Column<Saving>.Words("Reason", one => one.Why),
        new("What to do", one => Html.Of($"""
            {one.ToDo}{Html.If(one.Quote is not null, () => Html.Of($"""
             <a href="{one.Quote!}" aria-label="Quote for {one.Subject}">Quote</a>
            """))}
            """), IsNumber: false, one => one.ToDo),
        Column<Saving>.Amount("A month", one => one.AMonth),
    ], "Nothing was found that could be saved. GPUs are looked at where somebody measures how busy they are.");

    private static Html Dismiss(HttpContext http, Form form, List<Saving> open) => Html.Of($"""
        <h2>Dismiss a proposal</h2>
        {Form.Post(http, "/pi/savings", Html.Of($"""
        {form.Choice("id", "Proposal", [.. open.Select(one => (one.Id, Named(one)))], open[0].Id)}
        {form.Input("reason", "Reason", "Why it stays as it is; it is kept with your name.", longest: MaxReason)}
        <p><button class="main">Dismiss proposal</button></p>
        """))}
        """);

    private static Html Dismissed(HttpContext http, IReadOnlyList<Saving> dismissed) => Html.Of($"""
        <h2>Dismissed</h2>
        {Table.Of("Dismissed proposals", dismissed, [
            Column<Saving>.Words("Saving", Named),
            Column<Saving>.Words("Reason", one => one.Dismissed!.Reason),
            Column<Saving>.Time("When", one => one.Dismissed!.At),
            Column<Saving>.Amount("A month", one => one.AMonth),
            new("", one => Form.Post(http, "/pi/savings", Html.Of($"""
                {Form.Hidden("id", one.Id)}{Form.Hidden("do", "restore")}
                <button aria-label="Propose again: {Named(one)}">Propose again</button>
                """)), IsNumber: false, _ => ""),
        ], "")}
        """);

    private static Html Weekly(HttpContext http, bool isWanted) => Html.Of($"""
        <h2>Weekly mail</h2>
        {Form.Post(http, "/pi/savings", Html.Of($"""
        <p class="lead">{(isWanted
            ? "On Mondays you are told by mail of what could be saved, when that is at least $10.00 a month."
            : "No mail of savings is sent to you.")}</p>
        {Form.Hidden("do", isWanted ? "mail-off" : "mail-on")}
        <p><button>{(isWanted ? "Stop weekly mail" : "Start weekly mail")}</button></p>
        """))}
        """);

    private static string Named(Saving one) => $"{Word(one.Kind)}: {one.Subject} ({one.Project})";

    private static string Word(string kind) => kind switch
    {
        Saving.IdleGpu => "Idle GPU",
        Saving.Stopped => "Stopped, still billed",
        Saving.Elsewhere => "Cheaper elsewhere",
        _ => throw new InvalidOperationException($"There is no kind of saving '{kind}'."),
    };
}
