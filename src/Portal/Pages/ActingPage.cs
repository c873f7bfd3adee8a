using Exchange.Journal;
using Exchange.Market.Quotes;
using Exchange.Portal.Commands;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /landlord/customers — for whom a landlord acts as an intermediary, what it quoted and ordered in their names; with
/// ?quote= one quote, which is ordered there.
/// </summary>
public sealed partial class ActingPage
{
    public const string Path = "/landlord/customers";

    /// <summary>For whom a landlord acts, and what it did: of one quote, where it was asked for, its places.</summary>
    public sealed record Acting(QuotedTerms? Quote, ITable Mandates, IListing Acted);

    /// <summary>A quote of a customer: for what, until when its prices hold, and which of its places can be ordered.
    /// </summary>
    public sealed record QuotedTerms(string Id, string Project, Period Period, Instant ValidUntil, ITable Places)
    {
        public required IReadOnlyList<string> Orders { get; init; }
    }

    private const int MaxActed = 500;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.ActForCustomers).ExcludeFromDescription();
        app.MapPost($"{Path}/orders", Place).RequireAuthorization(Permissions.ActForCustomers).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    /// <summary>The way here, for landlords.</summary>
    internal static IEnumerable<(string Name, string Path)> Link(Viewer viewer) =>
        Permissions.Allows(Permissions.ActForCustomers, viewer.Role) ? [("Customers", Path)] : [];

    public static string Href(string quote) => $"{Path}?quote={Uri.EscapeDataString(quote)}";

    /// <summary>The route asks for the role, and the mandate for the rest.</summary>
    internal static Actor Actor(HttpContext http) => Actors.Of(http) with { May = _ => true };

    private static Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct) =>
        Draw(http, exchange, http.Request.Query["quote"].ToString(), Form.Empty, ct);

    private static async Task<IResult> Place(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var quote = form.Typed("quote");
        if (form.IsRight && int.TryParse(form.Typed("part"), out var part) && quote.Length is > 0 and <= 40)
        {
            try
            {
                await OrdersFor.Place(
                    exchange, (quote, part), (null, Viewer.Needed(http).Landlord), Actor(http), ct);
                return Results.Redirect(Path);
            }
            catch (RefusedException e)
            {
                form.Wrong(Form.Whole, e.Refusal.Message);
            }
        }

        return await Draw(http, exchange, quote, form, ct);
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, string quote, Form form, CancellationToken ct)
    {
        var viewer = Viewer.Needed(http);
        var landlord = viewer.Landlord!.Value;
        var names = await Confidential.For(http, exchange, ct);
        var mandates = await MandatesFor.Rows(exchange, null, landlord, names, ct);
        var acted = new Listing<ActedRow>("acted", "Quoted and ordered for customers", [.. (await MandatesFor.Acted(
            exchange, (landlord, viewer), names, all => Math.Max(0, all.All.Length - MaxActed).., ct)).Reverse()],
        [
            Column<ActedRow>.Link("Quote", row => row.Quote, row => Href(row.Quote)),
            Column<ActedRow>.Words("Order", row => row.Order ?? ""),
            Column<ActedRow>.Words("Customer", row => row.Customer ?? row.Pi?.Value ?? ""),
            Column<ActedRow>.Words("Project", row => row.Project.Value),
            Column<ActedRow>.Words("Provided at", row => string.Join("; ", row.Places)),
            Column<ActedRow>.Time("From", row => row.Period.Start),
            Column<ActedRow>.Words("Status", row => row.State),
            Column<ActedRow>.Words("Awaits", row => string.Join(", ", row.Awaits)),
            Column<ActedRow>.Amount("Amount", row => row.Total),
        ], "Nothing was quoted for a customer yet. Ask for a quote and save it for a customer there.");
        var quoted = await Quoted(exchange, landlord, quote, ct);
        return acted.Answer(http) ?? Page.Of<ActingPage, Acting>(http, "Customers", new(
            quoted,
            new TableOf<MandateRow>("Who lets you act", mandates,
            [
                Column<MandateRow>.Words("Customer", row => row.Customer ?? row.Pi?.Value ?? ""),
                Column<MandateRow>.Time("From", row => row.From),
                Column<MandateRow>.Time("Withdrawn", row => row.Until),
            ], "Nobody lets you act for them. A PI does on the page Intermediaries."), acted), form);
    }

    /// <summary>A quote of a customer for whom the landlord acts, by whoever it was saved; else nothing.</summary>
    private static async Task<QuotedTerms?> Quoted(
        Composition exchange, LandlordId landlord, string quote, CancellationToken ct)
    {
        var saved = quote.Length is 0 or > 40 ? null : await exchange.Journal.State(SavedQuote.Fold, quote, ct);
        if (saved?.Terms is not { Pi: { } pi } terms || !await MandatesFor.Allows(exchange, pi, landlord, ct))
        {
            return null;
        }

        var mayOrder = saved.StateAt(exchange.Clock.GetCurrentInstant()) is "open" or "accepted";
        return new(terms.Id, terms.Project.Value, terms.Period, terms.ValidUntil, new TableOf<QuotePart>(
            $"Places of {terms.Id}", terms.Parts,
            [
                Column<QuotePart>.Words("Landlord", part => part.Landlord.Value),
                Column<QuotePart>.Words("Cluster", part => part.Cluster.Value),
                Column<QuotePart>.Words("What", part => string.Join("; ", part.Usage.Select(one => one.Words))),
                Column<QuotePart>.Amount("Amount", part => part.Total),
            ], ""))
        {
            Orders = mayOrder ? [.. terms.Parts.Select(part => $"{part.Landlord}, {part.Cluster}")] : [],
        };
    }
}
