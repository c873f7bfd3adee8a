using System.Globalization;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>POST /quotes/saved — keeps an offer for a plan as a quote, for a project of the PI who asks.</summary>
internal static class SaveQuoteBox
{
    private const char Between = '|';

    /// <summary>The fields of a plan that are sent on.</summary>
    private static readonly string[] Plan =
        ["machines", "form", "vcpu", "ram", "gpus", "gpu", "fpgas", "hours", "storage", "egress"];

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/quotes/saved", Post)
        .RequireAuthorization(Permissions.KeepQuotes).ChecksForm().Makes().ExcludeFromDescription();

    /// <summary>The form below the offers, for a PI with a project where all of the plan is sold.</summary>
    public static async Task<Html> Of(
        HttpContext http, Composition exchange, Form form, IReadOnlyList<Offer> offers, CancellationToken ct)
    {
        if (Viewer.Needed(http).Pi is not { } pi)
        {
            return Html.None;
        }

        var directory = await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var now = exchange.Clock.GetCurrentInstant();
        var mine = directory.Facts.Keys.Where(
            of => directory.At(of.Cluster, of.Project, now)?.Pi is { } owner && directory.PiOf(owner) == pi)
            .OrderBy(of => of.Project.Value, StringComparer.Ordinal).ToList();
        var places = offers.Where(offer => offer.ServesAll)
            .SelectMany(offer => mine.Where(of => of.Cluster == offer.Cluster).Select(of => (
                $"{offer.Landlord}{Between}{offer.Cluster}{Between}{of.Project}",
                $"{offer.Landlord}, {offer.Cluster} for {of.Project}"))).ToList();
        return places.Count == 0 ? Html.None : Html.Of($"""
            <h2>Save a quote</h2>
            <p class="lead">The landlord holds these prices until you accept the quote or it lapses. Nothing is
            ordered.</p>
            {Form.Post(http, "/quotes/saved", Html.Of($"""
            {Html.Join(Plan, name => Form.Hidden(name, form.Typed(name)))}
            {form.Choice("place", "Where and for which project", places, places[0].Item1)}
            {form.Input("valid_days", "Valid for", "Days, at most 90.", otherwise: "14", longest: 2)}
            <p><button class="main">Save quote</button></p>
            """))}
            """);
    }

    private static async Task<IResult> Post(HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var now = clock.GetCurrentInstant();
        var books = await LoadPriceBooks.Run(exchange.Journal, ct);
        var workload = QuotesPage.Read(form, Workload.GpuModels(books, now));
        if (!int.TryParse(
            form.Typed("valid_days").Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var days))
        {
            form.Wrong("valid_days", $"Write a whole number of days, not '{form.Typed("valid_days")}'.");
        }

        if (form.Typed("place").Split(Between, 3) is not [var landlord, var cluster, var project] ||
            !Name.IsOne(landlord) || !Name.IsOne(cluster) || !Name.IsOne(project))
        {
            form.Wrong("place", "Choose where, and for which of your projects.");
            return await QuotesPage.Draw(http, exchange, form, true, ct);
        }

        if (form.IsRight)
        {
            try
            {
                var terms = await KeepQuote.Save(
                    exchange, new(workload.Usage, new(project), new(landlord), new(cluster), now, days),
                    Viewer.Needed(http).Pi, Actors.Of(http), ct);
                return Results.Redirect(SavedQuotesPage.Href(terms.Id));
            }
            catch (RefusedException e)
            {
                form.Wrong(e.Refusal.Code == "quote/valid" ? "valid_days" : "place", e.Refusal.Message);
            }
        }

        return await QuotesPage.Draw(http, exchange, form, true, ct);
    }
}
