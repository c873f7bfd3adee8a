using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Xunit;

namespace Exchange.Invoicing.Tests.Funds;

/// <summary>
/// Whoever was billed by another system before is not new here. On 417f1c4 a site that moved granted everybody the
/// promotion a second time.
/// </summary>
public class ComingFromElsewhere
{
    [Fact]
    public async Task Who_was_billed_before_is_granted_nothing_again()
    {
        await using var world = await World.Start();
        await world.Ran("p-ada", World.September, 2, 700, vcpu: 40);
        Assert.Equal(1, await Open(world, "Ada@bu.edu,2025-02,new-pi,1000,120.50"));
        Assert.Equal(0, await Open(world, "Ada@bu.edu,2025-02,new-pi,1000,120.50"));

        var plan = (await world.Close(World.September)).Plan!;

        Assert.DoesNotContain(plan.Spent.Keys, fund => fund == "new-pi");
        Assert.DoesNotContain(
            plan.Drafts.SelectMany(draft => draft.Lines).SelectMany(line => line.Funds),
            share => share.Fund == "new-pi");
    }

    [Fact]
    public async Task What_is_left_of_a_credit_pays_while_its_window_lasts()
    {
        await using var world = await World.Start();
        await world.Ran("p-ada", World.September, 2, 700, vcpu: 40);
        await Open(world, "ada@bu.edu,2026-08,new-pi,1000,900");

        var plan = (await world.Close(World.September)).Plan!;

        Assert.Equal(10_000, plan.Drafts.SelectMany(draft => draft.Lines).SelectMany(line => line.Funds)
            .Where(share => share.Fund == "new-pi").Sum(share => share.Amount.Cents));
    }

    [Fact]
    public async Task Whoever_was_billed_here_keeps_what_happened_here()
    {
        await using var world = await World.Start();
        await world.Ran("p-ada", World.September, 2, 700, vcpu: 40);
        await world.Close(World.September);
        var before = await world.Journal.State(Fund.Fold, "new-pi", World.Ct);

        Assert.Equal(0, await Open(world, "ada@bu.edu,2025-02,new-pi,1000,0"));

        Assert.Equal(before.Grants, (await world.Journal.State(Fund.Fold, "new-pi", World.Ct)).Grants);
    }

    /// <summary>
    /// A site that moves brings 120.50 that Ada owes and 500.00 that Harvard does, and goes on after PI-2026-0042. What is
    /// open is on accounts, is due, is paid and credited like any other; nobody who owes is new.
    /// </summary>
    [Fact]
    public async Task What_was_open_and_the_last_numbers_are_taken_over()
    {
        await using var world = await World.Start();
        await world.Ran("p-ada", World.September, 2, 700, vcpu: 40);
        const string Open = """
            NERC-117,ada@bu.edu,2026-07,2026-08-30,120.50,2026-07-31
            IN-2026-0007,institution:Harvard University,2026-07,2026-12-30,500.00,2026-07-31
            """;
        Assert.Equal("opening/number-ahead", await RefusalOf(TakeOver(world, Open, "")));
        Assert.Equal(new(2, 2), await TakeOver(world, Open, "PI-2026,42\nIN-2026,7"));
        Assert.Equal(new(0, 0), await TakeOver(world, Open, "PI-2026,42\nIN-2026,7"));
        Assert.Equal("opening/differs", await RefusalOf(TakeOver(world, Open.Replace("120.50", "120.51"), "")));

        var closed = await world.Close(World.September);

        Assert.Equal(["PI-2026-0043"], closed.Numbers);
        Assert.DoesNotContain(closed.Plan!.Spent.Keys, fund => fund == "new-pi");
        await using var connection = await world.Database.OpenConnectionAsync(World.Ct);
        Assert.Equal(
            [("institution:Harvard University", 50_000L), ("pi:ada@bu.edu", 12_050 + closed.Plan.Drafts.Single().Lines
                .Sum(line => line.PiBalance.Cents))],
            (await AccountList.Run(connection, World.Ct)).Where(row => row.Account.Kind != "payer")
                .Select(row => (row.Account.ToString(), row.Balance.Cents)));
        Assert.Equal(
            ["NERC-117", "IN-2026-0007"], (await Receivables.Run(connection, World.Ct))
                .Where(one => one.Month == World.July).Select(one => one.Number));
        Assert.Equal(
            new Money(50_000), (await Ageing.Run(connection, new(2026, 11, 3), World.Ct))
                .Single(one => one.Account.Contains("Harvard", StringComparison.Ordinal)).Older);

        var ada = AccountName.Of(new PiId("ada@bu.edu"));
        await world.Journal.Execute(
            new RecordPayment(world.Database, new(ada, "wire", new(12_050), null, [])), world.Now, World.Ct);
        await world.Journal.Execute(
            new CreditInvoice(world.Database, "IN-2026-0007", new(10_000), "agreed"), world.Now, World.Ct);
        await world.CatchUp();
        Assert.DoesNotContain(
            await OpenInvoices.Run(world.Database, ada, World.Ct), one => one.Number == "NERC-117");
        Assert.Equal(
            40_000, (await OpenInvoices.Run(world.Database, new("institution", "Harvard University"), World.Ct))
                .Single().Open.Cents);
        Assert.Equal("invoice/taken-over", await RefusalOf(world.Journal.Execute(
            new VoidInvoice(world.Sources, "NERC-117", "wrong"), world.Now, World.Ct)));
        Assert.Equal("opening/series-used", await RefusalOf(TakeOver(world, "", "PI-2026,60")));
        Assert.Equal("opening/closed-month", await RefusalOf(TakeOver(
            world, "NERC-118,ada@bu.edu,2026-09,2026-10-30,1.00,2026-09-30", "")));
        Assert.True(Money.Sum((await TrialBalance.Run(
            connection, world.Now + NodaTime.Duration.FromDays(1), World.Ct)).Select(of => of.Balance)).IsZero);
        await world.VerifyWhatIsKept();
    }

    [Theory, InlineData("ada@bu.edu,soon,,,"), InlineData("ada@bu.edu,2025-02,new-pi,10,20"), InlineData(",2025-02,,,")]
    [InlineData("ada@bu.edu,2025-02,new-pi,10.005,5"), InlineData("ada@bu.edu,2025-02,new-pi,10,5.001")]
    public void A_row_that_cannot_be_is_refused_with_its_line(string row) => Assert.Equal(
        "opening.csv:2", Assert.Throws<RefusedException>(() => Parse(row)).Refusal.Where);

    /// <summary>120.505 was taken over as 120.51: half a cent that nobody owed.</summary>
    [Theory, InlineData("120.505"), InlineData("-0.001"), InlineData("99999999999999999999.00")]
    public void An_open_invoice_is_whole_cents(string amount)
    {
        var refused = Assert.Throws<RefusedException>(() => OpenReceivable.Parse(
            $"number,account,month,due,amount\nX-1,pi:ada@bu.edu,2025-02,2025-03-31,{amount}\n", "open.csv")).Refusal;
        Assert.Equal(("opening/bad-row", "open.csv:2"), (refused.Code, refused.Where));
        Assert.Contains("whole number of cents", refused.Message, StringComparison.Ordinal);
        Assert.Contains("dollars like 120.50", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_currencies_are_refused_with_their_line()
    {
        Assert.Equal("open.csv:2", Assert.Throws<RefusedException>(() => OpenReceivable.Parse(
            "number,account,month,due,amount,currency\nX-1,pi:ada@bu.edu,2025-02,2025-03-31,1.00,EUR\n", "open.csv"))
            .Refusal.Where);
        Assert.Equal("opening.csv:2", Assert.Throws<RefusedException>(() => OpenBalances.Parse(
            "pi,first_billed,program,granted,used,currency\nada@bu.edu,2025-02,new-pi,1,1,CAD\n", "opening.csv"))
            .Refusal.Where);
    }

    private static IReadOnlyList<OpeningBalance> Parse(string row) =>
        OpenBalances.Parse($"pi,first_billed,program,granted,used\n{row}\n", "opening.csv");

    private static async Task<BooksTakenOver> TakeOver(World world, string receivables, string numbers)
    {
        var done = await world.Journal.Execute(
            new TakeOverBooks(
                world.Database,
                OpenReceivable.Parse($"number,account,month,due,amount,issued\n{receivables}", "open.csv"),
                LastNumber.Parse($"series,last\n{numbers}", "last.csv"), "test"), world.Now, World.Ct);
        await world.CatchUp();
        return done;
    }

    private static async Task<string> RefusalOf(Task act) =>
        (await Assert.ThrowsAsync<RefusedException>(() => act)).Refusal.Code;

    private static Task<int> Open(World world, string row) =>
        world.Journal.Execute(new TakeOverBalances(Parse(row), "test"), world.Now, World.Ct);
}
