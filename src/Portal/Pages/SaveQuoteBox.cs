using System.Globalization;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>POST /quotes/saved — keeps an offer for a plan as a quote, for a project of the PI who asks.</summary>
public sealed partial class SaveQuoteBox
{
    /// <summary>Where the plan can be saved, and for which projects.</summary>
    /// <param name="IsForCustomer">Whether the reader acts for those who would have it.</param>
    public sealed record Savable(bool IsForCustomer, IReadOnlyList<(string Value, string Text)> Places);

    private const char Between = '|';

    /// <summary>The fields of a plan that are sent on.</summary>
    private static readonly string[] Plan =
        ["machines", "form", "vcpu", "ram", "gpus", "gpu", "fpgas", "hours", "storage", "egress", "meter",
            "counted", "project"];

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/quotes/saved", Post).RequireAuthorization(Permissions.KeepQuotes).ChecksForm().Makes()
            .ExcludeFromDescription();
        app.MapPost($"{ActingPage.Path}/quotes", Post).RequireAuthorization(Permissions.ActForCustomers).ChecksForm()
            .Makes().ExcludeFromDescription();
    }

    /// <summary>
    /// The form below the offers, for a PI with a project where all of the plan is sold, and for who acts for one.
    /// </summary>
    internal static async Task<Savable?> SavableOf(
        HttpContext http, Composition exchange, IReadOnlyList<Offer> offers, Mix mix, CancellationToken ct)
    {
        var (viewer, now) = (Viewer.Needed(http), exchange.Clock.GetCurrentInstant());
        var pis = await MandatesFor.Customers(exchange, viewer, ct);
        if (pis.Count == 0)
        {
            return null;
        }

        var directory = await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var mine = directory.Facts.Keys.Where(
            of => directory.At(of.Cluster, of.Project, now)?.Pi is { } owner && pis.Contains(directory.PiOf(owner)))
            .OrderBy(of => of.Project.Value, StringComparer.Ordinal).ToList();
        var places = offers.Where(offer => offer.ServesAll)
            .SelectMany(offer => mine.Where(of => of.Cluster == offer.Cluster).Select(of => (
                $"{offer.Landlord}{Between}{offer.Cluster}{Between}{of.Project}",
                $"{offer.Landlord}, {offer.Cluster} for {of.Project}")))
            .Concat(Mixed(mix, mine)).ToList();
        return places.Count == 0 ? null : new(viewer.Pi is null, places);
    }

    /// <summary>Each part of the plan where it costs least, for projects that all of these places know.</summary>
    private static IEnumerable<(string Value, string Text)> Mixed(
        Mix mix, IReadOnlyList<(ClusterId Cluster, ProjectId Project)> mine) =>
        mix.Parts.Count < 2 || mix.Missing.Count > 0 ? []
        : mine.GroupBy(of => of.Project, of => of.Cluster)
            .Where(of => mix.Parts.All(part => of.Contains(part.Cluster)))
            .Select(of => ($"{Between}{Between}{of.Key}", $"{string.Join(" and ", mix.Parts.Select(
                part => $"{part.Landlord}, {part.Cluster}"))} for {of.Key}: {Show.Of(mix.Total)}"));

    private static async Task<IResult> Post(HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var (viewer, now) = (Viewer.Needed(http), clock.GetCurrentInstant());
        var books = await LoadPriceBooks.Run(exchange.Journal, ct);
        var workload = QuotesPage.Read(
            form, Workload.GpuModels(books, now), Workload.Meters(books, now));
        if (!int.TryParse(
            form.Typed("valid_days").Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var days))
        {
            form.Wrong("valid_days", $"Write a whole number of days, not '{form.Typed("valid_days")}'.");
        }

        var place = form.Typed("place").Split(Between, 3);
        var isMix = place is ["", "", _];
        if (place is not [var landlord, var cluster, var project] || !Name.IsOne(project) ||
            (!isMix && (!Name.IsOne(landlord) || !Name.IsOne(cluster))))
        {
            form.Wrong("place", "Choose where, and for which of your projects.");
            return await QuotesPage.Draw(http, exchange, form, true, ct);
        }

        if (form.IsRight)
        {
            try
            {
                var plan = new PlanToKeep(
                    workload.Usage, new(project), isMix ? null : new LandlordId(landlord),
                    isMix ? null : new ClusterId(cluster), now, days);
                var terms = viewer.Landlord is { } acting
                    ? await KeepQuote.Save(exchange, plan, null, ActingPage.Actor(http), ct, acting)
                    : await KeepQuote.Save(exchange, plan, viewer.Pi, Actors.Of(http), ct);
                return Results.Redirect(viewer.Landlord is null
                    ? SavedQuotesPage.Href(terms.Id) : ActingPage.Href(terms.Id));
            }
            catch (RefusedException e)
            {
                form.Wrong(e.Refusal.Code == "quote/valid" ? "valid_days" : "place", e.Refusal.Message);
            }
        }

        return await QuotesPage.Draw(http, exchange, form, true, ct);
    }
}
