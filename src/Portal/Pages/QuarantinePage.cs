using Exchange.Metering;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>GET /operator/quarantine — readings that were set aside, by reason and one by one.</summary>
public sealed partial class QuarantinePage
{
    public const string Path = "/operator/quarantine";
    private const int MaxShown = 5_000;
    private static readonly string[] Fates = ["waiting", "released", "discarded", "all"];

    /// <summary>The readings of one fate, or all of them.</summary>
    public sealed record SetAside(string Fate, bool IsCut, IListing Reasons, IListing Readings);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, Get)
        .RequireAuthorization(Permissions.SeeMeters).ExcludeFromDescription();

    public static string Href(string name) => $"{Path}/{Uri.EscapeDataString(name)}";

    private static async Task<IResult> Get(HttpContext http, Meter meter, CancellationToken ct)
    {
        var shown = QueryValue.OneOf(http, "fate", Fates) ?? "waiting";
        var found = await meter.SetAside(
            new(shown == "all" ? "" : shown, MaxShown) { Letters = 0 }, ct);
        var (reasons, readings) = (Reasons(found, shown == "waiting"), List(found));
        return readings.Answer(http) ?? reasons.Answer(http) ?? Page.Of<QuarantinePage, SetAside>(
            http, "Quarantine", new(shown, found.Count == MaxShown, reasons, readings));
    }

    /// <param name="areWaiting">Whether all of a reason can be decided at once.</param>
    private static Listing<IGrouping<string, QuarantinedReading>> Reasons(
        IReadOnlyList<QuarantinedReading> found, bool areWaiting) => new(
            "reasons", "By reason", [.. found.GroupBy(s => s.Misfit.Reason).OrderByDescending(g => g.Count())],
            [
                areWaiting
                    ? Column<IGrouping<string, QuarantinedReading>>.Link(
                        "Reason", g => g.Key, g => QuarantineBulkPage.Href(g.Key))
                    : Column<IGrouping<string, QuarantinedReading>>.Words("Reason", g => g.Key),
                Column<IGrouping<string, QuarantinedReading>>.Number("Readings", g => (decimal)g.Count()),
                Column<IGrouping<string, QuarantinedReading>>.Words("Such as", g => g.First().Misfit.Why),
            ], "Nothing is set aside.");

    private static Listing<QuarantinedReading> List(IReadOnlyList<QuarantinedReading> found) =>
        new("readings", "Readings set aside", found,
    [
        Column<QuarantinedReading>.Link("Name", s => s.Name, s => Href(s.Name)),
        Column<QuarantinedReading>.Words("Reason", s => s.Misfit.Reason),
        Column<QuarantinedReading>.Words("Reporter", s => s.Misfit.Source),
        Column<QuarantinedReading>.Words("Id", s => s.Misfit.Id),
        Column<QuarantinedReading>.Time("Came", s => s.At),
        Column<QuarantinedReading>.State("Status", s => s.Fate, s => s.Fate != "waiting"),
    ], "");
}
