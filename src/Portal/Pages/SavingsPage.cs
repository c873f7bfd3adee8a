using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Savings;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET and POST /pi/savings — what a PI could do without or have for less, and what stays as it is.</summary>
public sealed partial class SavingsPage
{
    private const string Path = "/pi/savings";
    private const int MaxReason = 500;

    /// <summary>What could be saved, and what stays as it is.</summary>
    /// <param name="Together">What all proposals come to a month.</param>
    public sealed record Proposals(Instant At, Money Together, IListing Open)
    {
        /// <summary>The proposals by id and name, to dismiss one.</summary>
        public required IReadOnlyList<(string Id, string Name)> Choices { get; init; }

        public required ITable Dismissed { get; init; }

        public required long DismissedCount { get; init; }

        public required bool WantsMail { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.SeeSpending).ExcludeFromDescription();
        app.MapPost(Path, Post).RequireAuthorization(Permissions.SeeSpending).ChecksForm().Makes()
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
            return Results.Redirect(Path);
        }

        var found = await new FindSavings(exchange, view, clock.GetCurrentInstant()).Run(viewer.Pi!.Value, ct);
        var refusal = await exchange.Commands.Try(
            new AnswerSaving(
                viewer.Pi.Value, form.Typed("id"), form.Typed("do") == "restore" ? null : form.Typed("reason"),
                viewer.Actor, found), http, ct);
        if (refusal is null)
        {
            return Results.Redirect(Path);
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
        var listing = List(open);
        return listing.Answer(http) ?? Page.Of<SavingsPage, Proposals>(
            http, "Savings", new(now, Saving.Together(open), listing)
            {
                Choices = [.. open.Select(one => (one.Id, Named(one)))],
                Dismissed = Dismissed(dismissed),
                DismissedCount = dismissed.Count,
                WantsMail = answers.WantsMail,
            }, form);
    }

    private static Listing<Saving> List(IReadOnlyList<Saving> open) => new(
        "savings", "Proposals, the largest first", open,
    [
        Column<Saving>.Words("Saving", one => Word(one.Kind)),
        Column<Saving>.Words("Project", one => one.Project.Value),
        Column<Saving>.Words("Resources", one => one.Subject),
        Column<Saving>.Words("Reason", one => one.Why),
        new("What to do", one => Act(one.ToDo, one.Quote, one.Subject), IsNumber: false, one => one.ToDo),
        Column<Saving>.Amount("Saved a month", one => one.AMonth),
    ], "Nothing was found that could be saved. GPUs are looked at where somebody measures how busy they are.");

    private static TableOf<Saving> Dismissed(IReadOnlyList<Saving> dismissed) => new(
        "Dismissed proposals", dismissed,
        [
            Column<Saving>.Words("Saving", Named),
            Column<Saving>.Words("Reason", one => one.Dismissed!.Reason),
            Column<Saving>.Time("When", one => one.Dismissed!.At),
            Column<Saving>.Amount("Saved a month", one => one.AMonth),
            new("", one => Again(one.Id, Named(one)), IsNumber: false, _ => ""),
        ], "");

    private static string Named(Saving one) => $"{Word(one.Kind)}: {one.Subject} ({one.Project})";

    private static string Word(string kind) => kind switch
    {
        Saving.IdleGpu => "Idle GPU",
        Saving.Stopped => "Stopped, still billed",
        Saving.Elsewhere => "Cheaper elsewhere",
        _ => throw new InvalidOperationException($"There is no kind of saving '{kind}'."),
    };
}
