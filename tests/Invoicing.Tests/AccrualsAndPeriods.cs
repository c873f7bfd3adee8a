using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// Entries have a period and a posting date, and the trial balance is had by either. An open month is accrued from what
/// was used, on its last day; its close takes that back. Before, a trial balance at the end of January held none of it.
/// </summary>
public class AccrualsAndPeriods
{
    private const string Bob = "pi:bob@elsewhere.edu";

    public static TheoryData<int> Seeds => new(Draws.Seeds(few: 1, many: 12));

    /// <summary>
    /// October: 10.40 of Bob at nerc, and 21.60 of Ada at Block Bank, of which 3 % (0.65) are the exchange's. Accrued
    /// on November 1 it stands on October 31; the close of November 3 leaves October the same by posting date, and by
    /// period as invoiced.
    /// </summary>
    [Fact]
    public async Task The_trial_balance_of_October_shows_October()
    {
        await using var world = await Used();
        Assert.Empty(await As(world, Instant.FromUtc(2026, 11, 1, 0, 0)));

        Assert.True((await Accrue(world, World.October)).IsNew);
        Assert.False((await Accrue(world, World.October)).IsNew);

        (string, long)[] accrued =
        [
            ("accrued:payable:landlord:blockbank", -2_095), ("accrued:payable:landlord:nerc", -1_040),
            ("accrued:receivable:pi:ada@bu.edu", 2_160), ("accrued:receivable:" + Bob, 1_040),
            ("revenue:exchange", -65),
        ];
        Assert.Equal(accrued, await Of(world, LedgerView.Period, World.October));
        Assert.Equal(accrued, await Of(world, LedgerView.Posted, World.October));
        Assert.Equal(accrued, await As(world, Instant.FromUtc(2026, 11, 1, 0, 0)));

        world.Now = World.Later;
        await world.Close(World.October);
        Assert.Equal(
            [
                ("payable:landlord:blockbank", -2_095), ("payable:landlord:nerc", -1_040),
                ("receivable:pi:ada@bu.edu", 2_160), ("receivable:" + Bob, 1_040), ("revenue:exchange", -65),
            ], await Of(world, LedgerView.Period, World.October));
        Assert.Equal(accrued, await Of(world, LedgerView.Posted, World.October));
        Assert.Equal(accrued, await As(world, Instant.FromUtc(2026, 11, 1, 0, 0)));
        Assert.Equal(-1_040, (await TrialBalance.Of(
            await Connection(world), LedgerView.Posted, World.October.Next, World.Ct))
            .Single(a => a.Account == "accrued:receivable:" + Bob) is { } reversed
            ? reversed.Debit.Cents - reversed.Credit.Cents : 0);
        Assert.Equal("accrual/closed", (await Assert.ThrowsAsync<RefusedException>(
            () => Accrue(world, World.October))).Refusal.Code);
    }

    /// <summary>More was used since: the second accrual posts the difference, on the day on which it is made.</summary>
    [Fact]
    public async Task What_changed_since_is_posted_by_the_next_accrual()
    {
        await using var world = await Used();
        world.Now = Instant.FromUtc(2026, 10, 20, 9, 0);
        await Accrue(world, World.October);
        world.Now = Instant.FromUtc(2026, 10, 25, 9, 0);
        await world.Ran("p-bob", World.October, 12, 100);
        await Accrue(world, World.October);

        var entries = await Entries(world, LedgerView.Posted, World.October);
        Assert.Equal([new LocalDate(2026, 10, 20), new LocalDate(2026, 10, 25)], entries.Select(e => e.Posted));
        Assert.Equal([World.October, World.October], entries.Select(e => e.Period));
        Assert.Equal(
            [("accrued:payable:landlord:nerc", -520L), ("accrued:receivable:" + Bob, 520L)],
            entries[1].Postings.Select(posting => (posting.Account, posting.Amount.Cents)));
    }

    /// <summary>Late usage of a closed month would stand in the accrual of each month that is open.</summary>
    [Fact]
    public async Task Months_are_accrued_in_their_order()
    {
        await using var world = await Used();
        world.Now = Instant.FromUtc(2026, 12, 1, 9, 0);
        await world.Ran("p-bob", World.October.Next, 1, 100);
        Assert.Equal("accrual/earlier-open", (await Assert.ThrowsAsync<RefusedException>(
            () => Accrue(world, World.October.Next))).Refusal.Code);
        await Accrue(world, World.October);
        await world.Close(World.October);
        Assert.True((await Accrue(world, World.October.Next)).IsNew);
    }

    /// <summary>
    /// Drawn months of usage, accruals, closes, payments and credit notes: at every step debits are credits in each
    /// month of each view, both views come to the same in all, and once a month is closed nothing of it is accrued.
    /// </summary>
    [Theory, MemberData(nameof(Seeds))]
    public async Task Debits_are_credits_in_each_view_at_every_step(int seed)
    {
        var random = new Random(seed);
        await using var world = await World.Start();
        world.Now = Instant.FromUtc(2026, 9, 12, 9, 0);
        var month = World.September;
        for (var step = 0; step < 30; step++)
        {
            world.Now += Duration.FromDays(random.Next(2, 5));
            var late = random.Next(4) == 0 && month > World.September ? month.Previous : month;
            await Use(world, random, late);
            if (random.Next(2) == 0)
            {
                await Accrue(world, month);
            }

            if (world.Now >= month.End)
            {
                await world.Close(month);
                Assert.DoesNotContain(
                    await Of(world, LedgerView.Period, month),
                    of => of.Account.StartsWith("accrued:", StringComparison.Ordinal));
                month = month.Next;
            }

            await Pay(world, random);
            await Holds(world, month.Next);
        }

        Assert.True(month > World.October);
    }

    /// <summary>Nothing is used that did not happen yet.</summary>
    private static Task Use(World world, Random random, BillingMonth month)
    {
        var days = Duration.Max(world.Now - month.Start, Duration.Zero).Days;
        return days >= 10 && random.Next(3) == 0
            ? world.Stored("v-ada", month, random.Next(1, 900))
            : days < 1 ? Task.CompletedTask
            : world.Ran(
                random.Next(2) == 0 ? "p-bob" : "p-ada", month, random.Next(1, Math.Clamp(days - 3, 1, 20) + 1),
                random.Next(1, Math.Min(days * 20, 90)));
    }

    private static async Task Pay(World world, Random random)
    {
        var account = AccountName.Of(new PiId("bob@elsewhere.edu"));
        var open = await OpenInvoices.Run(world.Database, account, World.Ct);
        if (random.Next(3) == 0 && open.Count > 0 && open[0].Open > Money.Zero)
        {
            await world.Journal.Execute(new RecordPayment(world.Database, new(
                account, $"wire-{world.Now}", new(random.Next(1, 4_000)), null, [])), world.Now, World.Ct);
            await world.CatchUp();
        }
    }

    private static async Task Holds(World world, BillingMonth until)
    {
        var connection = await Connection(world);
        var sums = new List<long>();
        foreach (var by in Enum.GetValues<LedgerView>())
        {
            for (var month = World.September; month <= until; month = month.Next)
            {
                var accounts = await TrialBalance.Of(connection, by, month, World.Ct);
                Assert.Equal(Money.Sum(accounts.Select(a => a.Debit)), Money.Sum(accounts.Select(a => a.Credit)));
                Assert.Equal(Money.Zero, Money.Sum(accounts.Select(a => a.Opening)));
            }

            sums.AddRange((await TrialBalance.Of(connection, by, until.Next, World.Ct)).Select(a => a.Balance.Cents));
        }

        Assert.Equal(sums.Take(sums.Count / 2), sums.Skip(sums.Count / 2));
        await connection.DisposeAsync();
    }

    private static async Task<World> Used()
    {
        var world = await World.Start();
        world.Programmes.Clear();
        world.Now = Instant.FromUtc(2026, 11, 1, 9, 0);
        await world.Ran("p-bob", World.October, 1, 200);
        await world.Stored("v-ada", World.October, 1_000);
        return world;
    }

    private static async Task<AccruedMonth> Accrue(World world, BillingMonth month)
    {
        var done = await world.Journal.Execute(
            new AccrueMonth(world.Sources, month, "corrected"), world.Now, World.Ct);
        await world.CatchUp();
        return done;
    }

    private static async Task<IReadOnlyList<LedgerEntry>> Entries(World world, LedgerView by, BillingMonth month)
    {
        var entries = new List<LedgerEntry>();
        await using var connection = await Connection(world);
        await foreach (var entry in LedgerEntries.Run(connection, by, month, null, World.Ct))
        {
            entries.Add(entry);
        }

        return entries;
    }

    private static async Task<IEnumerable<(string Account, long Cents)>> Of(
        World world, LedgerView by, BillingMonth month)
    {
        await using var connection = await Connection(world);
        return Balances(await TrialBalance.Of(connection, by, month, World.Ct));
    }

    private static async Task<IEnumerable<(string Account, long Cents)>> As(World world, Instant before)
    {
        await using var connection = await Connection(world);
        return Balances(await TrialBalance.Run(connection, before, World.Ct));
    }

    private static List<(string Account, long Cents)> Balances(IEnumerable<AccountBalance> accounts) =>
        accounts.Where(a => !a.Balance.IsZero).Select(a => (a.Account, a.Balance.Cents)).ToList();

    private static async Task<Npgsql.NpgsqlConnection> Connection(World world) =>
        await world.Database.OpenConnectionAsync(World.Ct);
}
