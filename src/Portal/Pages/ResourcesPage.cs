using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /pi/resources — a PI's resources, the most expensive first, and GPUs that are held and do little.
/// </summary>
public sealed partial class ResourcesPage
{
    /// <summary>The resources of a PI in a month, and GPUs that do little.</summary>
    public sealed record Used(BillingMonth Month, IReadOnlyList<BillingMonth> Months, IListing Resources, IListing Gpus)
    {
        public required int Count { get; init; }

        /// <summary>What is known by resource, of all that was charged.</summary>
        public required Money Known { get; init; }

        public required Money Charged { get; init; }

        public required decimal GpuHours { get; init; }

        public required long IdleProjects { get; init; }

        public required string Idle { get; init; }

        /// <summary>The first of them as bars; null where there is one only.</summary>
        public ITable? Top { get; init; }
    }

    private const int MaxCharges = 2_000;
    private const int MaxBars = 10;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/pi/resources", Get)
        .RequireAuthorization(Permissions.SeeSpending).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, IClock clock, BillingMonth? month, CancellationToken ct)
    {
        var (pi, now) = (Viewer.Needed(http).Pi!.Value, clock.GetCurrentInstant());
        var rated = await MonthSpend.Months(view, ct);
        var shown = Months.Pick(month, rated, BillingMonth.Of(now));
        var charges = await Charges.Find(view, new(shown, Pi: pi, Limit: MaxCharges), ct);
        var resources = await ResourceSpend.Of(exchange, shown, charges, now, ct);
        var gpus = await GpuSpend.Of(exchange.Meter, shown, resources, ct);
        var (list, listed) = (List(shown, resources), Gpus(gpus));
        return listed.Answer(http) ?? list.Answer(http) ?? Page.Of<ResourcesPage, Used>(
            http, $"Resources in {Show.Of(shown)}", new(shown, [.. rated.Select(r => r.Month)], list, listed)
            {
                Count = resources.Count,
                Known = Money.Sum(resources.Select(r => r.Amount)),
                Charged = Money.Sum(charges.Select(c => c.Amount)),
                GpuHours = decimal.Round(gpus.Sum(g => g.Held), 1, MidpointRounding.ToEven),
                IdleProjects = gpus.LongCount(g => g.Share < GpuSpend.Little),
                Idle = Idle(gpus),
                Top = resources.Count > 1 ? Top(resources) : null,
            });
    }

    /// <summary>The first of them as bars: what a person looks at before reading a table of hundreds.</summary>
    private static TableOf<ResourceSpend> Top(IEnumerable<ResourceSpend> resources) => Chart.Bars(
        "The ten that cost most, before funds",
        [.. resources.OrderByDescending(r => r.Amount.Cents).Take(MaxBars)],
        Column<ResourceSpend>.Words("Resource", r => r.Resource.Subject),
        Column<ResourceSpend>.Amount("Cost", r => r.Amount), r => r.Amount.Cents, "");

    private static string Idle(IReadOnlyCollection<GpuSpend> gpus) =>
        gpus.Count == 0 ? "no GPU was used"
        : gpus.All(g => g.Share is null) ? "how busy they were is not measured here"
        : $"busy less than {Show.Of(GpuSpend.Little)} % of the time";

    internal static Listing<GpuSpend> Gpus(IReadOnlyList<GpuSpend> gpus) => new("gpus", "GPUs, the idlest first", gpus,
    [
        Column<GpuSpend>.Words("Project", g => g.ProjectName),
        Column<GpuSpend>.Words("Cluster", g => g.Cluster.Value),
        Column<GpuSpend>.Number("Held, hours", g => g.Held),
        Column<GpuSpend>.Number("Busy, hours", g => g.Busy is { } busy ? Show.Of(busy) : "not measured"),
        new("Busy",
            g => g.Share is { } share ? Cell.Tag($"{Show.Of(share)} %", good: share >= GpuSpend.Little) : Cell.None,
            IsNumber: true, g => g.Share?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "",
            g => g.Share),
        Column<GpuSpend>.Amount("Cost", g => g.Amount),
    ], "");

    private static Listing<ResourceSpend> List(
        BillingMonth month, IReadOnlyList<ResourceSpend> rows) => new("resources", "Resources by what they cost", rows,
    [
        Column<ResourceSpend>.Words("Resource", r => r.Resource.Subject),
        Column<ResourceSpend>.Words("Kind", r => r.Resource.Kind),
        Column<ResourceSpend>.Words("Project", r => r.Charge.ProjectName),
        Column<ResourceSpend>.Words("Cluster", r => r.Resource.Cluster.Value),
        Column<ResourceSpend>.Words("Shape", r => ShapeWords.Of(r.Shape)),
        Column<ResourceSpend>.Number("Hours", r => r.Hours),
        Column<ResourceSpend>.Number("GPU hours", r => r.GpuHours),
        new("Cost", r => Cell.Link(
                $"/charge?month={month}&id={Uri.EscapeDataString(r.Charge.Id)}", Show.Of(r.Amount),
                label: $"{Show.Of(r.Amount)}: why {r.Resource.Subject} costs it"), IsNumber: true,
            r => r.Amount.Amount.ToString(System.Globalization.CultureInfo.InvariantCulture), r => r.Amount.Cents),
    ], "None of your resources cost anything in this month.");
}
