using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Funds;
using Exchange.Portal.ReadModels;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What funds are told to pay of a plan is what the next closes take: exactly that is used, and the months are closed,
/// after usage that came late, bills of other addresses, invoices that were issued again, and others' use of the same
/// money.
/// </summary>
public class QuotesAsClosesBill
{
    private const string Credit = "nerc-new-pi-credit";
    private static readonly BillingMonth October = UsedMonth.Month;
    private static readonly BillingMonth November = October.Next;
    private static readonly BillingMonth December = November.Next;

    /// <summary>Ada was billed 1,248.00 under another address: her credit is spent, and October's subsidy.</summary>
    [Fact]
    public async Task Money_that_was_spent_under_an_alias_is_not_promised_again()
    {
        var clock = new SetClock { Now = UsedMonth.Now };
        await using var serving = await UsedMonth.Empty(clock);
        await Owner(serving, "p-ada,Ada's group,lovelace@bu.edu,2026-01-01T00:00:00Z");
        await Use(serving, clock, October, ("vm-1", "p-ada", 400));
        await Close(serving, clock, October);
        await serving.Exchange.Journal.Decide(ProjectDirectory.Fold, ProjectDirectory.Id, directory =>
            ProjectDirectory.Merge(directory, new("ada@bu.edu"), new("lovelace@bu.edu"), "me", clock.Now), Serving.Ct);

        await IsBilled(serving, clock, [Plan(October, "p-ada", 160)], November);
    }

    /// <summary>October's invoice of 948.48 was taken back in November and issued again.</summary>
    [Fact]
    public async Task Money_that_an_invoice_took_that_was_issued_again_is_not_promised_again()
    {
        var (serving, clock) = await Started();
        await using var disposed = serving;
        await Use(serving, clock, October, ("vm-1", "p-ada", 300));
        await Close(serving, clock, October);
        var number = (await InvoiceList.Run(serving.Exchange.Database, new(October, new("ada@bu.edu")), Serving.Ct))
            .Single().Number;
        await Typed.Done(
            $"invoices void {number} --reissue --because name", serving.Exchange.Place.Database!, clock: clock);

        await IsBilled(serving, clock, [Plan(October, "p-ada", 160)], November);
    }

    /// <summary>936.00 came late to October, and November's close billed them: 51.52 of the credit are left.</summary>
    [Fact]
    public async Task Money_that_corrections_took_is_not_promised_again()
    {
        var (serving, clock) = await Started();
        await using var disposed = serving;
        await Close(serving, clock, October);
        await Use(serving, clock, October, ("vm-1", "p-ada", 300));
        await Close(serving, clock, November);

        await IsBilled(serving, clock, [Plan(October, "p-ada", 160)], December);
    }

    /// <summary>The group has 300.00 for the project, whoever has it: Ada in November, Ben in December.</summary>
    [Fact]
    public async Task A_project_that_changes_hands_has_the_money_of_its_group_once()
    {
        var (serving, clock) = await Started();
        await using var disposed = serving;
        await PaidFor(serving, 300_00, "p-ada");
        await Close(serving, clock, October);
        await Owner(serving, "p-ada,Ada's group,ben@mit.edu,2026-12-01T00:00:00Z");

        var told = await IsBilled(
            serving, clock, [Plan(November, "p-ada", 430), Plan(December, "p-ada", 400)], November, December);
        Assert.Equal(new(300_00), Paid(told, FundShare.OfGroup("Lab", Money.Zero).Fund));
    }

    /// <summary>936.00 came late to October, and the next close bills them before November.</summary>
    [Fact]
    public async Task Usage_that_came_late_takes_of_the_money_first()
    {
        var (serving, clock) = await Started();
        await using var disposed = serving;
        await Close(serving, clock, October);
        await Use(serving, clock, October, ("vm-1", "p-ada", 300));

        var told = await IsBilled(serving, clock, [Plan(November, "p-ada", 160)], November);
        Assert.Equal(new(51_52), Paid(told, Credit));
    }

    /// <summary>
    /// November was left out, and the next close bills its 1,560.00 before what was added to December: the group pays
    /// 472.48 that credit and subsidy leave of them, and has 27.52 left.
    /// </summary>
    [Fact]
    public async Task A_month_that_was_left_out_takes_of_the_money_first()
    {
        var (serving, clock) = await Started();
        await using var disposed = serving;
        await Close(serving, clock, October);
        await PaidFor(serving, 500_00, "p-ada");
        await Close(serving, clock, December);
        await Use(serving, clock, November, ("vm-1", "p-ada", 500));

        var told = await IsBilled(serving, clock, [Plan(December, "p-ada", 160)], December.Next);
        Assert.Equal(new(27_52), Paid(told, FundShare.OfGroup("Lab", Money.Zero).Fund));
    }

    /// <summary>
    /// Of 500.00 Ada uses what her credit and her subsidy leave of 1,248.00, which is 160.48, before Ben.
    /// </summary>
    [Fact]
    public async Task Others_of_a_group_use_its_money_too()
    {
        var (serving, clock) = await Started();
        await using var disposed = serving;
        await Close(serving, clock, October);
        await PaidFor(serving, 500_00, "p-ada", "p-ben");
        await Use(serving, clock, November, ("vm-1", "p-ada", 400));

        var told = await IsBilled(serving, clock, [Plan(November, "p-ben", 800)], November);
        Assert.Equal(new(339_52), Paid(told, FundShare.OfGroup("Lab", Money.Zero).Fund));
    }

    /// <summary>
    /// A group paid 1,508.48 of Ben's 2,496.00 in October. More of Ada's in October has what is left of it, and what
    /// was paid of Ben's stays there.
    /// </summary>
    [Fact]
    public async Task Money_that_a_group_spent_stays_where_it_was_spent()
    {
        var (serving, clock) = await Started();
        await using var disposed = serving;
        await PaidFor(serving, 2_600_00, "p-ada", "p-ben");
        await Close(serving, clock, October);

        await IsBilled(
            serving, clock, [Plan(October, "p-ada", 400), Plan(November, "p-ada", 400)], November);
    }

    private static async Task<(Serving Serving, SetClock Clock)> Started()
    {
        var clock = new SetClock { Now = UsedMonth.Now };
        return (await UsedMonth.Start(clock: clock), clock);
    }

    /// <summary>What is told of a plan; then exactly that is used and closed, and is billed as told.</summary>
    private static async Task<PlanAfterFunds> IsBilled(
        Serving serving, SetClock clock, (BillingMonth Month, string Project, int Vcpu)[] plan,
        params BillingMonth[] closes)
    {
        var project = plan[0].Project;
        var told = await Told(serving, clock, project, plan);
        var months = plan.Select(one => one.Month).ToHashSet();
        var before = await Billed(serving, project, months);
        foreach (var (month, _, vcpu) in plan)
        {
            await Use(serving, clock, month, ("vm-planned", project, vcpu));
        }

        if (plan.Length == 1 && closes[0] == plan[0].Month)
        {
            Assert.Equal(Words(await OnPage(serving, clock, project, closes[0])), Words(told.Funds));
        }

        foreach (var month in closes)
        {
            await Close(serving, clock, month);
        }

        var after = await Billed(serving, project, months);
        Assert.Equal(
            after.Keys.Select(fund => $"{fund} {after[fund] - before.GetValueOrDefault(fund)}")
                .Where(of => !of.EndsWith(" 0.00 USD", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            told.Funds.Select(one => $"{one.Fund} {one.Amount}").Append($"owed {told.Owed}")
                .Where(of => !of.EndsWith(" 0.00 USD", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        return told;
    }

    private static async Task<PlanAfterFunds> Told(
        Serving serving, SetClock clock, string project, (BillingMonth Month, string Project, int Vcpu)[] plan)
    {
        await RateMonths.Run(serving.Exchange, _ => { }, Serving.Ct);
        var funds = await FundsOfPlans.Read(serving.Exchange, null, Serving.Ct);
        return (await funds.Of(plan.Select(Planned), new(project), plan[0].Month.Start, Serving.Ct))!;
    }

    /// <summary>What the page of the PI says that funds would pay of the month.</summary>
    private static async Task<IEnumerable<PaidByFund>> OnPage(
        Serving serving, SetClock clock, string project, BillingMonth month)
    {
        await RateMonths.Run(serving.Exchange, _ => { }, Serving.Ct);
        var pi = new PiId(project == "p-ada" ? "ada@bu.edu" : "ben@mit.edu");
        await using var view = new View(serving.Exchange.Views, new("test", "", Web.Access.Role.Pi, Pi: pi));
        var page = await AfterFunds.Of(view, serving.Exchange, month, pi, clock.Now, Serving.Ct);
        await using var credits = serving.Exchange.Database.Statement(
            "select fund || ' ' || sum(cents) from exchange.credit where (month, pi) = ($1, $2) group by fund",
            [month.ToString(), pi.Value]);
        Assert.Equal(
            (await credits.Texts(Serving.Ct)).Order(StringComparer.Ordinal),
            page.Lines.SelectMany(line => line.Funds).GroupBy(one => one.Fund).Select(
                of => $"{of.Key} {of.Sum(one => one.Amount.Cents)}").Order(StringComparer.Ordinal)); // In the explorer.
        return page.Lines.SelectMany(line => line.Funds).Select(one => new PaidByFund(one.Fund, one.Payer, one.Amount));
    }

    private static string Words(IEnumerable<PaidByFund> paid) => string.Join(", ", paid.GroupBy(one => one.Fund)
        .Select(of => $"{of.Key} {Money.Sum(of.Select(one => one.Amount))}").Order(StringComparer.Ordinal));

    private static Money Paid(PlanAfterFunds told, string fund) =>
        Money.Sum(told.Funds.Where(one => one.Fund == fund).Select(one => one.Amount));

    /// <summary>What each fund, and the PIs, pay so far of a project's usage of some months.</summary>
    private static async Task<Dictionary<string, Money>> Billed(
        Serving serving, string project, HashSet<BillingMonth> months)
    {
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        var paid = new Dictionary<string, Money>(StringComparer.Ordinal) { ["owed"] = Money.Zero };
        foreach (var month in months)
        {
            foreach (var line in (await BilledLines.Of(serving.Exchange.Database, month, Serving.Ct))
                .SelectMany(of => of).Where(line => line.Project.Value == project))
            {
                paid["owed"] += line.PiBalance;
                foreach (var share in line.Funds)
                {
                    paid[share.Fund] = paid.GetValueOrDefault(share.Fund) + share.Amount;
                }
            }
        }

        return paid;
    }

    private static (BillingMonth Month, string Project, int Vcpu) Plan(
        BillingMonth month, string project, int vcpu) => (month, project, vcpu);

    /// <summary>A vCPU is a service unit of 0.013 an hour, for 240 hours.</summary>
    private static Charge Planned((BillingMonth Month, string Project, int Vcpu) plan) => new()
    {
        Month = plan.Month,
        Period = plan.Month.Period,
        Landlord = new("nerc"),
        Service = "openstack",
        Cluster = new("stack"),
        Project = new(plan.Project),
        Sku = new("OpenStack CPU"),
        Quantity = new(plan.Vcpu * 240, new("SU-hour")),
        Rate = new(0.013m, new("SU-hour")),
        Amount = new(plan.Vcpu * 312),
        Sheet = "nerc/openstack/2025-06-01#1",
        Policies = Policies.Corrected,
    };

    private static async Task Use(
        Serving serving, SetClock clock, BillingMonth month, params (string Name, string Project, int Vcpu)[] servers)
    {
        clock.Now = Instant.Max(clock.Now, month.Start + Duration.FromDays(11));
        using var key = await serving.WithKey(Keys.KeyScope.Usage, Serving.Nerc);
        using var answer = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            string.Concat(servers.Select(of => UsedMonth.Event($"{of.Name}-{of.Project}-{month}", of.Project, of.Vcpu)
                .Replace("2026-10-", $"{month}-", StringComparison.Ordinal))), "application/x-ndjson"), Serving.Ct);
        Assert.Contains(
            "\"quarantined\":0", await answer.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
    }

    private static Task<ImportProjects.ProjectsImported> Owner(Serving serving, string project) =>
        ImportProjects.Run(
            serving.Exchange.Journal, $"cluster,project,name,pi,from\nstack,{project}\n", "projects.csv", "test",
            October.Start, Serving.Ct);

    private static async Task Close(Serving serving, SetClock clock, BillingMonth month)
    {
        clock.Now = Instant.Max(clock.Now, month.End + Duration.FromDays(4));
        await Typed.Done(
            $"close --month {month} --commit --accept close/parked", serving.Exchange.Place.Database!, clock: clock);
    }

    private static Task PaidFor(Serving serving, long cents, params string[] projects) =>
        serving.Exchange.Journal.Append(
            [
                StreamAppend.Of<PrepaidEvent>(PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id), 0, [
                    new PrepaidEvent.Opened("Lab", "lab@bu.edu", "me", UsedMonth.Now),
                    new PrepaidEvent.PaidIn("Lab", "wire", new(cents), October, "me", UsedMonth.Now),
                    .. projects.Select(project =>
                        new PrepaidEvent.Covered("Lab", project, October, null, "me", UsedMonth.Now)),
                ]),
            ], Serving.Ct);
}
