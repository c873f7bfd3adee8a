using Exchange.Invoicing.Explaining;
using Exchange.Invoicing.Kept;
using Exchange.Metering;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /charge — why a line is what it is: quantity times price, the sheet version that says so, and what each
/// resource adds to it, each leading to its readings.
/// </summary>
public sealed partial class ChargePage
{
    private const int MaxParts = 500;

    /// <summary>Why a line is what it is: quantity times price, the sheet that says so, and what each resource adds.
    /// </summary>
    public sealed record Explained(Way Back, Calculation Sum, Source Of, IListing Parts)
    {
        public required int Count { get; init; }

        /// <summary>What the parts come to, and the states of which alone time is billed.</summary>
        public required string Added { get; init; }

        public required string Billable { get; init; }
    }

    /// <summary>Where the reader came from, by what they are; to a project of theirs, too.</summary>
    public sealed record Way(string Href, string Text, string? ProjectHref = null);

    /// <summary>Quantity times price, rounded once.</summary>
    public sealed record Calculation(Quantity Quantity, Rate Rate, Money Amount);

    /// <summary>Whose line it is, and what says its price.</summary>
    public sealed record Source(string ProjectName, ProjectId Project, ClusterId Cluster, LandlordId Landlord)
    {
        public string? Customer { get; init; }

        public required string Service { get; init; }

        public required BillingMonth Month { get; init; }

        public required string Sheet { get; init; }

        public string? Agreement { get; init; }

        public required Period InForce { get; init; }

        /// <summary>What it would have cost elsewhere; null where that is no question.</summary>
        public Money? Avoided { get; init; }

        public required string Line { get; init; }
    }

    /// <summary>A quote that was accepted, a lease, a reservation or a commitment.</summary>
    private static string HrefOf(string agreement) => agreement.StartsWith('L') ? LeasePage.Href(agreement)
        : Charge.IsStanding(agreement) ? AgreementPage.Href(agreement)
        : SavedQuotesPage.Href(agreement);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/charge", Get)
        .RequireAuthorization(Permissions.SeeCharge).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, BillingMonth month, string id, CancellationToken ct)
    {
        if (await Charges.Find(view, new(month, Id: id, Limit: 1), ct) is not [var charge])
        {
            return new NotThere();
        }

        var usage = await UsageOf(exchange, charge, ct);
        if (await Confidential.For(http, exchange, ct) is { } names)
        {
            charge = names.Of(charge);
        }

        var parts = Of(charge, usage);
        var title = $"Charge for {charge.Sku} of {charge.ProjectName}";
        return parts.Answer(http) ?? Page.Of<ChargePage, Explained>(http, title, new(
            Back(Viewer.Needed(http).Role, charge), new(charge.Quantity, charge.Rate, charge.Amount), Of(charge), parts)
        {
            Count = usage.Parts.Count,
            Added = Sum(charge, usage),
            Billable = string.Join(" or ", usage.Billable.Select(state => $"{state}".ToLowerInvariant())),
        });
    }

    /// <summary>What the charge rests on: as it was billed, or as the open month rates.</summary>
    internal static Task<UsageOfCharge> UsageOf(Composition exchange, ShownCharge charge, CancellationToken ct)
    {
        var month = BillingMonth.Parse(charge.Id.Split(':')[0]);
        return UsageOfCharge.Of(
            exchange.Sources, charge.Month, charge.Id, new(charge.Pi),
            new(month)
            {
                AsOf = Instant.Min(month.End, exchange.Clock.GetCurrentInstant()),
                Landlord = charge.Landlord,
                Cluster = charge.Cluster,
                Project = charge.Project,
            }, ct);
    }

    private static Listing<KeptPart> Of(ShownCharge charge, UsageOfCharge usage) => new(
        "parts", "What each resource adds to this line", usage.Parts.Take(MaxParts).ToList(),
        [
            Column<KeptPart>.Link("Resource", p => p.Resource.Subject, p => Readings(charge, p)),
            Column<KeptPart>.Words("Kind", p => p.Resource.Kind),
            Column<KeptPart>.Time("From", p => p.Period.Start),
            Column<KeptPart>.Time("To", p => p.Period.End),
            Column<KeptPart>.Words("State", p => p.State),
            Column<KeptPart>.Number("Units", p => p.Units),
            Column<KeptPart>.Number("Hours", p => p.Hours is { } hours ? Show.Of(hours) : "", p => p.Hours),
            Column<KeptPart>.Number("Adds", UsageOfCharge.Adds),
            Column<KeptPart>.Words("Why", p => p.Arithmetic),
            Column<KeptPart>.Words("Shape", p => ShapeWords.Of(Shape.Parse(p.Shape))),
        ], "No usage: it is owed whether or not anything is used, or came already rated.")
    {
        Foot = Table.Foot("Total", 7, Show.Of(usage.Sum), "", ""),
    };

    private static string Sum(ShownCharge charge, UsageOfCharge usage) =>
        $"Total {Show.Of(usage.Sum)}; the line has {Show.Of(charge.Quantity.Amount)} {charge.Quantity.Unit.Name}" +
        (usage.Sum == charge.Quantity.Amount ? "" : ", as the price sheet rounds, steps and shares it");

    private static Way Back(Role role, ShownCharge charge) => role switch
    {
        Role.Pi => new($"/pi?month={charge.Month}", $"Spending in {Show.Of(charge.Month)}",
            $"/pi/project?month={charge.Month}&cluster={Uri.EscapeDataString(charge.Cluster.Value)}" +
            $"&project={Uri.EscapeDataString(charge.Project.Value)}"),
        Role.Landlord => new($"/landlord?month={charge.Month}", $"Revenue in {Show.Of(charge.Month)}"),
        _ => new("/invoices", "Invoices"),
    };

    private static Source Of(ShownCharge charge) =>
        new(charge.ProjectName, charge.Project, charge.Cluster, charge.Landlord)
        {
            Customer = charge.Customer,
            Service = charge.Service,
            Month = charge.Month,
            Sheet = charge.Sheet,
            Agreement = Charge.AgreementOf(charge.Id),
            InForce = charge.Period,
            Avoided = charge.Avoided,
            Line = charge.Id,
        };

    private static string Readings(ShownCharge charge, KeptPart part) =>
        $"/charge/readings?month={charge.Month}&id={Uri.EscapeDataString(charge.Id)}" +
        $"&resource={Uri.EscapeDataString(part.Resource.ToString())}";
}
