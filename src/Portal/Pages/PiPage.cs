using Exchange.Portal.Funds;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /pi — what the PI's group spends, why, and what the month will come to.</summary>
public sealed partial class PiPage
{
    /// <summary>What a PI's group spends in a month, why, and what it will come to.</summary>
    public sealed record Spending(BillingMonth Month, IReadOnlyList<BillingMonth> Months, Figures Figures)
    {
        public required BudgetBox.Used? Budget { get; init; }

        /// <summary>Null when nothing was used.</summary>
        public Plot? ByDay { get; init; }

        /// <summary>Funds that pay, with what is left of each; null where none does.</summary>
        public IListing? Funds { get; init; }

        public required IReadOnlyList<Plot> Left { get; init; }

        public required IReadOnlyList<SharedFund> Shared { get; init; }

        public required IListing Projects { get; init; }

        /// <summary>Null where there is one cluster only.</summary>
        public ITable? Clusters { get; init; }

        public required IListing Skus { get; init; }

        public required ITable Costliest { get; init; }

        /// <summary>How many projects hold GPUs that are hardly busy.</summary>
        public required long Idle { get; init; }

        public required IListing Gpus { get; init; }
    }

    /// <summary>What a month came to so far, what is owed of it, and what it will come to.</summary>
    public sealed record Figures(Money Spent, Money Owed, bool IsClosed, string AsOf)
    {
        /// <summary>What funds pay of it.</summary>
        public Money Funded => Spent - Owed;

        /// <summary>Only an open month has a future.</summary>
        public required bool IsOpen { get; init; }

        /// <summary>Null while too little is known.</summary>
        public Forecast? Forecast { get; init; }

        /// <summary>The month, or what it will come to while it is open, against the month before.</summary>
        public Delta? Delta { get; init; }

        public required long Projects { get; init; }

        public required long Lines { get; init; }
    }

    /// <summary>Prepaid money that others use too.</summary>
    public sealed record SharedFund(Money Available, string Group, long Others, Money Used);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/pi", Get)
        .RequireAuthorization(Permissions.SeeSpending).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, IClock clock, BillingMonth? month, CancellationToken ct)
    {
        var pi = Viewer.Needed(http).Pi!.Value;
        var now = clock.GetCurrentInstant();
        var rated = await MonthSpend.Months(view, ct);
        var shown = Months.Pick(month, rated, BillingMonth.Of(now));
        var status = rated.FirstOrDefault(r => r.Month == shown);
        var projects = await MonthSpend.Projects(view, shown, pi, ct);
        var skus = await MonthSpend.Skus(view, shown, pi, ct);
        var days = await MonthSpend.DaysOf(view, shown, pi, ct);
        var use = await WriteUse.Read(view, shown, pi, ct);
        var funds = await AfterFunds.Of(view, exchange, shown, pi, now, ct);
        var owed = Money.Sum(funds.Lines.Where(l => l.Adjusts is null).Select(l => l.PiBalance));
        var spent = Money.Sum(projects.Select(p => p.Amount));
        var isOpen = status is { IsClosed: false } && shown.Period.Contains(now);
        var forecast = isOpen ? SpendChart.Month(shown, days, now.InUtc().Date) : null;
        var before = await MonthSpend.Whole(view, rated.FirstOrDefault(r => r.Month == shown.Previous), pi, ct);
        var delta = Delta.Of(status is { IsWhole: true } ? spent : forecast?.Expected, before, Show.Of(shown.Previous));
        var (gpus, bySku) = (ResourcesPage.Gpus(use.Gpus), BySku(skus));
        var (byProject, fundsLeft) = (ByProject(shown, projects, spent), Funds(funds.Left));
        return fundsLeft.Answer(http) ?? byProject.Answer(http) ?? bySku.Answer(http) ?? gpus.Answer(http) ??
            Page.Of<PiPage, Spending>(http, $"Spending in {Show.Of(shown)}", new(
                shown, [.. rated.Select(r => r.Month)],
                Of(status, projects, spent, owed, isOpen, forecast) with { Delta = delta })
            {
                Budget = await BudgetBox.Read(exchange.Journal, pi, shown, spent, owed, ct),
                ByDay = SpendChart.Of(shown, days, "Spending", isOpen ? now.InUtc().Date : null),
                Funds = funds.Left.Count > 0 ? fundsLeft : null,
                Left = await Left(funds.Left, fund => BurnDown.Of(exchange, fund, pi, shown, spent, forecast, ct)),
                Shared = [.. funds.Shared.Select(s => new SharedFund(s.Available, s.Group, s.Others, s.Used))],
                Projects = byProject,
                Clusters = ByCluster(projects),
                Skus = bySku,
                Costliest = Costliest(shown, use.Costly),
                Idle = use.Gpus.LongCount(gpu => gpu.Share < GpuSpend.Little),
                Gpus = gpus,
            });
    }

    private static Figures Of(
        MonthSpend.Rated? status, IReadOnlyList<MonthSpend.OfProject> projects, Money spent, Money owed, bool isOpen,
        Forecast? forecast) => new(spent, owed, status?.IsClosed == true, AsOf(status))
        {
            IsOpen = isOpen,
            Forecast = forecast,
            Projects = projects.Select(p => (p.Cluster, p.Project)).Distinct().LongCount(),
            Lines = projects.Sum(p => p.Lines),
        };

    private static async Task<IReadOnlyList<Plot>> Left(
        IReadOnlyList<FundLeft> funds, Func<FundLeft, Task<Plot?>> plot)
    {
        var left = new List<Plot>();
        foreach (var fund in funds)
        {
            if (await plot(fund) is { } one)
            {
                left.Add(one);
            }
        }

        return left;
    }

    private static Listing<FundLeft> Funds(IReadOnlyList<FundLeft> left) => new(
        "funds", "Funds that pay for you this month", left,
        [
            Column<FundLeft>.Words("Fund", f => f.Programme),
            Column<FundLeft>.Words("Paid by", f => f.Payer),
            Column<FundLeft>.Amount("Limit", f => f.Available),
            Column<FundLeft>.Amount("Applied", f => f.Used),
            Column<FundLeft>.Amount("Remaining", f => f.Left),
            new("Used up", f => Chart.Gauge(f.Programme, f.Used, f.Available)),
        ], "");

    private static Listing<MonthSpend.OfProject> ByProject(
        BillingMonth shown, IReadOnlyList<MonthSpend.OfProject> projects, Money spent) => new(
        "projects", "What each project used", projects,
        [
            Column<MonthSpend.OfProject>.Link("Project", p => p.Name, p => Href(shown, p)),
            Column<MonthSpend.OfProject>.Words("Cluster", p => p.Cluster.Value),
            Column<MonthSpend.OfProject>.Words("Service", p => p.Service),
            Column<MonthSpend.OfProject>.Words("Landlord", p => p.Landlord.Value),
            Column<MonthSpend.OfProject>.Number("Line items", p => (decimal)p.Lines),
            Column<MonthSpend.OfProject>.Amount("Amount", p => p.Amount),
        ], "None of your projects used anything in this month.")
        {
            Foot = Table.Foot("Total", 5, spent),
        };

    private static TableOf<(ClusterId Cluster, Money Amount)>? ByCluster(IReadOnlyList<MonthSpend.OfProject> projects)
    {
        var clusters = projects.GroupBy(p => p.Cluster)
            .Select(of => (Cluster: of.Key, Amount: Money.Sum(of.Select(p => p.Amount))))
            .OrderByDescending(of => of.Amount.Cents).ToList();
        return clusters.Count <= 1 ? null : Chart.Bars(
            "What was used in each cluster", clusters,
            Column<(ClusterId Cluster, Money Amount)>.Words("Cluster", c => c.Cluster.Value),
            Column<(ClusterId Cluster, Money Amount)>.Amount("Amount", c => c.Amount), c => c.Amount.Cents, "");
    }

    private static Listing<MonthSpend.OfSku> BySku(IReadOnlyList<MonthSpend.OfSku> skus) => new(
        "skus", "What was used of each SKU", skus,
        [
            Column<MonthSpend.OfSku>.Words("SKU", s => s.Sku.Value),
            Column<MonthSpend.OfSku>.Words("Service", s => s.Service),
            Column<MonthSpend.OfSku>.Words("Landlord", s => s.Landlord.Value),
            Column<MonthSpend.OfSku>.Usage("Quantity", s => s.Quantity),
            Column<MonthSpend.OfSku>.Amount("Amount", s => s.Amount),
        ], "");

    private static TableOf<CostlyResource> Costliest(
        BillingMonth month, IReadOnlyList<CostlyResource> resources) => Chart.Bars(
        "The resources that cost most, before funds", resources,
        Column<CostlyResource>.Link("Resource", r => r.Resource.Subject,
            r => $"/charge?month={month}&id={Uri.EscapeDataString(r.Charge)}"),
        Column<CostlyResource>.Amount("Cost", r => r.Amount), r => r.Amount.Cents, "");

    private static string AsOf(MonthSpend.Rated? status) => status switch
    {
        null => "not rated yet",
        { IsClosed: true } => "closed; what comes late goes on the next invoice",
        _ => $"as of {Show.Of(status.At)}, before funds",
    };

    private static string Href(BillingMonth month, MonthSpend.OfProject project) =>
        $"/pi/project?month={month}&cluster={Uri.EscapeDataString(project.Cluster.Value)}" +
        $"&project={Uri.EscapeDataString(project.Project.Value)}";
}
