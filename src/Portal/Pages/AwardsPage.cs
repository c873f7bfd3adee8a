using Exchange.Journal;
using Exchange.Portal.Awards;
using Exchange.Portal.Awards.Reports;
using Exchange.Portal.Budgets;
using Exchange.Portal.Commands;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using Microsoft.AspNetCore.Components;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>/pi/awards — the awards of sponsors that pay for a PI's projects, how each stands, and a new one.</summary>
public sealed partial class AwardsPage
{
    public const string Path = "/pi/awards";

    /// <summary>How the awards of a PI stand as of an instant, and what a new one would hold.</summary>
    public sealed record Standings(Instant Now, IListing Awards, AwardTyped New);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.SeeSpending).ExcludeFromDescription();
        app.MapPost(Path, Post).RequireAuthorization(Permissions.SetBudget).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    public static string Href(string number) => $"{Path}/{Uri.EscapeDataString(number)}";

    private static Task<IResult> Get(HttpContext http, View view, Composition exchange, CancellationToken ct) =>
        Draw(http, view, exchange, Form.Empty, ct);

    private static async Task<IResult> Post(HttpContext http, View view, Composition exchange, CancellationToken ct)
    {
        var (form, viewer) = (await Form.Read(http, ct), Viewer.Needed(http));
        var (pi, number) = (viewer.Pi!.Value, form.Line("number", "The number", 40));
        var terms = AwardForms.Read(form, pi, number);
        var book = await exchange.Journal.State(AwardBook.Fold, AwardBook.Id, ct);
        if (book.Find(pi, number) is not null)
        {
            form.Wrong("number", $"You have an award {number} already: open it to change it.");
        }

        if (form.IsRight)
        {
            AwardForms.Note(form, await exchange.Commands.Try(new SetAward(terms!, viewer.Actor), http, ct));
        }

        return form.IsRight ? Results.Redirect(Href(number)) : await Draw(http, view, exchange, form, ct);
    }

    private static async Task<IResult> Draw(
        HttpContext http, View view, Composition exchange, Form form, CancellationToken ct)
    {
        var (pi, now) = (Viewer.Needed(http).Pi!.Value, exchange.Clock.GetCurrentInstant());
        var listing = List(await AwardStanding.Of(exchange, pi, now, ct), isOwn: true);
        if (listing.Answer(http) is { } file)
        {
            return file;
        }

        var month = BillingMonth.Of(now);
        var projects = (await MonthSpend.Projects(view, month, pi, ct))
            .Concat(await MonthSpend.Projects(view, month.Previous, pi, ct))
            .Select(one => BudgetOwner.Named(one.Cluster, one.Project)).Distinct()
            .Order(StringComparer.Ordinal).ToList();
        return Page.Of<AwardsPage, Standings>(
            http, "Awards", new(now, listing, AwardForms.Typed(null, projects)), form);
    }

    /// <param name="isOwn">Whether the reader is the PI, whose page each leads to.</param>
    internal static Listing<AwardStanding> List(IReadOnlyList<AwardStanding> awards, bool isOwn) => new(
        "awards", "Awards", awards,
        [
            isOwn ? Column<AwardStanding>.Link("Award", a => a.Terms.Number, a => Href(a.Terms.Number))
                : Column<AwardStanding>.Words("Award", a => a.Terms.Number),
            Column<AwardStanding>.Words("Sponsor", a => a.Terms.Sponsor),
            Column<AwardStanding>.Day("Last day", a => a.Terms.To.PlusDays(-1)),
            Column<AwardStanding>.Amount("Budget", a => a.Terms.Budget),
            Column<AwardStanding>.Amount("Spent", a => a.Burn.Spent),
            Column<AwardStanding>.Amount("Remaining", a => a.Remaining),
            Column<AwardStanding>.Number("Forecast", a => a.Burn.Forecast is { } of ? Show.Of(of.Expected) : "",
                a => a.Burn.Forecast?.Expected.Cents),
            new("Status", State, Plain: a => Word(a).Text, Key: a => Word(a).Text),
        ], "No award is entered yet. With one you see how long its budget lasts, and get a report for its sponsor.");

    public static string Iso(LocalDate day) => NodaTime.Text.LocalDatePattern.Iso.Format(day);

    private static RenderFragment State(AwardStanding award)
    {
        var (text, kind) = Word(award);
        return Cell.Tag(text, kind);
    }

    /// <summary>Whether the budget lasts, in a word, and how good that is.</summary>
    internal static (string Text, string Kind) Word(AwardStanding award) =>
        award.Remaining <= Money.Zero ? ("Used up", "bad")
        : award.Burn.DaysLeft == 0 ? ("Ended", "good")
        : award.Burn.UsedUpOn is { } day ? ($"Lasts until {Show.Date(day)}", "warn")
        : award.Burn.ADay is null ? ("Too little is known", "warn")
        : ("Lasts", "good");
}
