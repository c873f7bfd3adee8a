using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Pages;

/// <summary>
/// /agreements/ID — one reservation, commitment or locked prices: the terms, what it came to by month, what was said,
/// and what its reader may say. Of locked prices of several landlords '?landlord=' says whose.
/// </summary>
public sealed partial class AgreementPage
{
    /// <summary>An agreement as its reader may see it, and what they may say of it.</summary>
    public sealed record Agreement(string Id, Terms Terms, string Action)
    {
        public required LeaseChart.Calendar? Calendar { get; init; }

        /// <summary>Null where prices are locked: what is used is charged, and nothing else.</summary>
        public required ITable? Months { get; init; }

        public required ITable History { get; init; }

        /// <summary>Null where the reader has nothing to say of it.</summary>
        public required Side? May { get; init; }
    }

    /// <summary>Who agreed with whom, on what, and how it stands.</summary>
    public sealed record Terms(
        string Kind, string Landlord, string Cluster, string Project, string What, string Rate, Period Time,
        string State, string Because, string Asked);

    /// <summary>What a party of it may do, and the version that it was decided from.</summary>
    /// <param name="IsLock">Whether it is prices that are locked.</param>
    public sealed record Side(string Edition, bool IsLock, IReadOnlyList<FormAct> Acts);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet($"{AgreementsPage.Path}/{{id}}", Get).RequireAuthorization(Permissions.KeepAgreements)
            .ExcludeFromDescription();
        app.MapPost($"{AgreementsPage.Path}/{{id}}/answer", Answer).RequireAuthorization(Permissions.KeepAgreements)
            .ChecksForm().Edits(
                http => $"agreement {http.Request.RouteValues["id"]}",
                (http, exchange, ct) => DealsFor.Edition(
                    exchange, Viewer.Needed(http), $"{http.Request.RouteValues["id"]}", Whose(http), ct))
            .ExcludeFromDescription();
    }

    public static string Href(string id) => $"{AgreementsPage.Path}/{Uri.EscapeDataString(id)}";

    /// <summary>Of locked prices it says whose they are: a quote may be of several landlords.</summary>
    internal static string Href(DealRow row) => Charge.IsStanding(row.Id) ? Href(row.Id)
        : $"{Href(row.Id)}?landlord={Uri.EscapeDataString(row.Landlord.Value)}";

    private static LandlordId? Whose(HttpContext http) =>
        LandlordId.TryParse(http.Request.Query["landlord"], null, out var landlord) ? landlord : null;

    private static Task<IResult> Get(HttpContext http, Composition exchange, string id, CancellationToken ct) =>
        Draw(http, exchange, id, Form.Empty, ct);

    private static async Task<IResult> Answer(
        HttpContext http, Composition exchange, string id, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var viewer = Viewer.Needed(http);
        if (form.IsRight && await DealsFor.Find(exchange, viewer, id, Whose(http), ct) is { } found &&
            (found.IsLandlord || found.IsCustomer))
        {
            var word = Word(form);
            if (form.IsRight)
            {
                try
                {
                    await DealsFor.Say(exchange, viewer, (id, Whose(http)), word, null, Actors.Of(http), ct);
                    return Results.Redirect(Href(found.Agreement));
                }
                catch (RefusedException e)
                {
                    form.Wrong(e.Refusal.Code == "agreement/no-reason" ? "because" : "at", e.Refusal.Message);
                }
            }
        }

        return await Draw(http, exchange, id, form, ct);
    }

    /// <summary>A form has one instant: until when to extend, and from when on for everything else.</summary>
    private static DealWord Word(Form form)
    {
        var act = form.Typed("do");
        var at = act is "accept" or "decline" ? null : LeaseForms.At(form, "at", "When");
        var project = act == "transfer" ? form.Value<ProjectId>("project", "The project") : null;
        var price = act == "reprice" ? LeaseForms.Price(form, form.Line("price", "The price")) : null;
        var sku = act == "reprice" && form.Typed("sku").Trim().Length > 0 ? form.Value<SkuId>("sku", "The SKU") : null;
        return new(act, at, at, project, form.Typed("because")) { Rate = price, Sku = sku };
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, string id, Form form, CancellationToken ct)
    {
        if (await DealsFor.Find(exchange, Viewer.Needed(http), id, Whose(http), ct) is not { } found)
        {
            return new NotThere();
        }

        var row = found.Agreement;
        return Page.Of<AgreementPage, Agreement>(http, $"Agreement {id}", new(
            row.Id,
            new(row.Kind, row.Landlord.Value, row.Cluster.Value, row.Holder.Value, row.What, row.Rate,
                new(row.From, row.Until), row.State, row.Because, row.Asked),
            Href(row).Replace(Href(row.Id), $"{Href(row.Id)}/answer", StringComparison.Ordinal))
        {
            Calendar = LeaseChart.CalendarOf(
                [new LeaseChart.Held(row.Id, row.From, row.Until, row.State == "agreed")],
                exchange.Clock.GetCurrentInstant()),
            Months = Charge.IsStanding(row.Id) ? Months(found) : null,
            History = History(found),
            May = (found.IsLandlord || found.IsCustomer) && row.State is "agreed" or "proposed"
                ? new(row.Version, !Charge.IsStanding(row.Id), [.. Acts(found)]) : null,
        }, form);
    }

    /// <summary>What is proposed is answered before anything else is.</summary>
    private static IEnumerable<FormAct> Acts(DealDetails found)
    {
        if (found.Agreement.Asked.Length > 0)
        {
            return IsAsked(found)
                ? [new("accept", "Accept", IsMain: true), new("decline", "Decline")]
                : [new("decline", "Withdraw proposal")];
        }

        return Charge.IsStanding(found.Agreement.Id)
            ? [new("extend", "Propose to extend"), new("end", "Propose to end"),
                new("transfer", "Propose to transfer"), new("reprice", "Propose another price")]
            : [new("extend", "Propose to extend"), new("reprice", "Propose another price")];
    }

    private static bool IsAsked(DealDetails found) =>
        (found.Agreement.Asked.StartsWith("landlord", StringComparison.Ordinal) && found.IsLandlord) ||
        (found.Agreement.Asked.StartsWith("customer", StringComparison.Ordinal) && found.IsCustomer);

    private static TableOf<DealSaid> History(DealDetails found) => new("History", found.History,
    [
        Column<DealSaid>.Time("At", said => said.At),
        Column<DealSaid>.Words("Side", said => said.Side),
        Column<DealSaid>.Words("By", said => said.By),
        Column<DealSaid>.Words("What", said => said.What),
        Column<DealSaid>.Words("Reason", said => said.Why),
    ], "Nothing was said yet.");

    private static TableOf<DealMonth> Months(DealDetails found) => new(
        "What is owed used or not, as months were last rated", found.Months,
        [
            Column<DealMonth>.Month("Month", row => row.Month),
            Column<DealMonth>.Number(
                "Quantity", row => row.Quantity is { } used ? Show.Usage(used) : "several units",
                row => row.Quantity?.Amount ?? 0),
            Column<DealMonth>.Amount("Charged, gross", row => row.Charged),
        ], "Nothing was charged for it yet: a month is rated once it has begun.")
    {
        Totals = Table.Foot("Total", 2, [Money.Sum(found.Months.Select(row => row.Charged))]),
    };
}
