using Exchange.Portal.Funds;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /pi — what the PI's group spends, why, and what the month will come to.</summary>
internal static class PiPage
{
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
        var budget = await BudgetBox.Of(exchange.Journal, pi, shown, spent, owed, ct);
        var today = now.InUtc().Date;
        var isOpen = status is { IsClosed: false } && shown.Period.Contains(now);
        var forecast = isOpen ? SpendChart.Month(shown, days, today) : null;
        var left = new List<Plot>();
        foreach (var fund in funds.Left)
        {
            if (await BurnDown.Of(exchange, fund, pi, shown, spent, forecast, ct) is { } plot)
            {
                left.Add(plot);
            }
        }

        return Layout.Page(http, $"Spending in {Show.Of(shown)}", Html.Of($"""
            {Months.Links("/pi", shown, rated)}
            {Card.Row(
                Card.Of(status?.IsClosed == true ? "Billed" : "Month to date", Show.Of(spent), AsOf(status)),
                Card.Of("Amount due", Show.Of(owed), Html.Of($"after {Show.Of(spent - owed)} from funds")),
                Html.If(isOpen, () => Coming(forecast)),
                Card.Of("Projects", Show.Of(projects.Select(p => (p.Cluster, p.Project)).Distinct().LongCount()),
                    Html.Of($"{Show.Of(projects.Sum(p => p.Lines))} lines")))}
            {budget}
            <h2>By day</h2>
            {SpendChart.Of(shown, days, "Spending", isOpen ? today : null)}
            {Html.If(funds.Left.Count > 0, () => Html.Of($"""
            <h2>Credits &amp; subsidies</h2>
            {new Listing<FundLeft>("funds", "Funds that pay for you this month", funds.Left, [
                Column<FundLeft>.Words("Fund", f => f.Programme),
                Column<FundLeft>.Words("Paid by", f => f.Payer),
                Column<FundLeft>.Amount("Limit", f => f.Available),
                Column<FundLeft>.Amount("Applied", f => f.Used),
                Column<FundLeft>.Amount("Remaining", f => f.Left),
                new("Used up", f => Chart.Gauge(f.Programme, f.Used, f.Available)),
            ], "").Of(http)}
            {Html.Join(left, Chart.Of)}
            """))}
            {Html.Join(funds.Shared, s => Html.Of($"""
            <p>The {Show.Of(s.Available)} of prepaid group {s.Group} are shared: it pays for {Show.Of(s.Others)} more
            projects. Of yours it pays {Show.Of(s.Used)} if those use none of it; the close says what it is.</p>
            """))}
            <h2>By project</h2>
            {new Listing<MonthSpend.OfProject>("projects", "What each project used", projects, [
                Column<MonthSpend.OfProject>.Link("Project", p => p.Name, p => Href(shown, p)),
                Column<MonthSpend.OfProject>.Words("Cluster", p => p.Cluster.Value),
                Column<MonthSpend.OfProject>.Words("Service", p => p.Service),
                Column<MonthSpend.OfProject>.Words("Landlord", p => p.Landlord.Value),
                Column<MonthSpend.OfProject>.Number("Line items", p => (decimal)p.Lines),
                Column<MonthSpend.OfProject>.Amount("Amount", p => p.Amount),
            ], "None of your projects used anything in this month.")
            { Foot = Table.Foot("Total", 5, Html.Of($"{Show.Of(spent)}")) }.Of(http)}
            {ByCluster(projects)}
            {Html.If(skus.Count > 0, () => Html.Of($"""
            <h2>By SKU</h2>
            {BySku(skus).Of(http)}
            """))}
            {Html.If(use.Costly.Count > 0, () => Html.Of($"""
            <h2>Top resources</h2>
            {Costliest(shown, use.Costly)}
            """))}
            {Html.If(use.Gpus.Count > 0, () => Html.Of($"""
            <h2>GPUs</h2>
            {Idle(use.Gpus)}
            {ResourcesPage.Gpus(use.Gpus).Of(http)}
            """))}
            <p><a class="button" href="/costs/changes?from={shown}&amp;to={shown.Next}">Explain the change since
            {Show.Of(shown.Previous)}</a>
            <a class="button" href="/pi/resources?month={shown}">All resources</a>
            <a class="button" href="/pi/savings">Savings</a> <a class="button" href="/pi/awards">Awards</a></p>
            """));
    }

    private static Html ByCluster(IReadOnlyList<MonthSpend.OfProject> projects)
    {
        var clusters = projects.GroupBy(p => p.Cluster)
            .Select(of => (Cluster: of.Key, Amount: Money.Sum(of.Select(p => p.Amount))))
            .OrderByDescending(of => of.Amount.Cents).ToList();
        return Html.If(clusters.Count > 1, () => Html.Of($"""
            <h2>By cluster</h2>
            {Chart.Bars("What was used in each cluster", clusters,
                Column<(ClusterId Cluster, Money Amount)>.Words("Cluster", c => c.Cluster.Value),
                Column<(ClusterId Cluster, Money Amount)>.Amount("Amount", c => c.Amount), c => c.Amount.Cents, "")}
            """));
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

    private static Html Costliest(BillingMonth month, IReadOnlyList<CostlyResource> resources) => Chart.Bars(
        "The resources that cost most, before funds", resources,
        Column<CostlyResource>.Link("Resource", r => r.Resource.Subject,
            r => $"/charge?month={month}&id={Uri.EscapeDataString(r.Charge)}"),
        Column<CostlyResource>.Amount("Cost", r => r.Amount), r => r.Amount.Cents, "");

    private static Html Idle(IReadOnlyList<GpuSpend> gpus)
    {
        var idle = gpus.LongCount(gpu => gpu.Share < GpuSpend.Little);
        return Html.If(idle > 0, () => Html.Of($"""
            <p class="note-box warn">The GPUs of {(idle == 1 ? "one project" : $"{Show.Of(idle)} projects")} were busy
            for less than {Show.Of(GpuSpend.Little)} % of the time that they were held. They are paid for until they
            are given back.</p>
            """));
    }

    private static Html AsOf(MonthSpend.Rated? status) => status switch
    {
        null => Html.Of($"not rated yet"),
        { IsClosed: true } => Html.Of($"closed; what comes late goes on the next invoice"),
        _ => Html.Of($"as of {Show.Of(status.At)}, before funds"),
    };

    /// <summary>Only an open month has a future.</summary>
    private static Html Coming(Forecast? forecast) => forecast is null
        ? Card.Of("Forecast", "—", Html.Of($"two whole days are needed to say"))
        : Card.Of("Forecast", Show.Of(forecast.Expected),
            Html.Of($"between {Show.Of(forecast.Low)} and {Show.Of(forecast.High)}, as the last seven days went"));

    private static string Href(BillingMonth month, MonthSpend.OfProject project) =>
        $"/pi/project?month={month}&cluster={Uri.EscapeDataString(project.Cluster.Value)}" +
        $"&project={Uri.EscapeDataString(project.Project.Value)}";
}
