using Exchange.Invoicing.Payouts;
using Exchange.Journal;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// Landlords are paid against statements that they accept or dispute. Before, what they were owed only grew: there was no
/// verb and no event for a payout.
/// </summary>
public class PayingLandlords
{
    private static readonly PayeeName BlockBank = new("landlord", "blockbank");

    [Fact]
    public async Task A_statement_adds_up_to_what_is_owed_and_every_line_says_of_what_it_is()
    {
        await using var world = await Closed();
        var statement = await Statement(world);

        Assert.Equal([1_080L, -32L], statement.Lines.Select(line => line.Amount.Cents));
        Assert.Equal("The exchange's share", statement.Lines[^1].What);
        Assert.Equal((new Money(1_048), "open"), (statement.Total, statement.State));
        Assert.Equal(new(BlockBank, new(1_048), Money.Zero), await Row(world));
    }

    [Fact]
    public async Task What_is_paid_out_is_owed_no_more_and_the_books_stay_balanced()
    {
        await using var world = await Closed();
        Assert.True(await Pay(world, "out-1", 1_000));
        Assert.False(await Pay(world, "out-1", 1_000));
        Assert.Equal("payout/differs", await RefusalOf(() => Pay(world, "out-1", 999)));
        Assert.Equal("payout/too-much", await RefusalOf(() => Pay(world, "out-2", 49)));
        Assert.Equal("payout/too-much", await RefusalOf(() => Pay(world, "out-2", 0)));
        Assert.True(await Pay(world, "out-2", 48));

        Assert.Equal(new(BlockBank, new(1_048), new(1_048)), await Row(world));
        var balances = await CorrectingInvoices.Balances(world);
        Assert.True(Money.Sum(balances.Select(account => account.Balance)).IsZero);
        Assert.Equal(new Money(-1_048), balances.Single(account => account.Account == "cash").Balance);
        Assert.True(balances.Single(account => account.Account == BlockBank.Payable).Balance.IsZero);
    }

    [Fact]
    public async Task A_disputed_statement_is_not_paid_until_it_is_resolved()
    {
        await using var world = await Closed();
        Assert.Equal("disputed", await Answer(world, (payee, now) =>
            Payee.Dispute(payee, World.September, 1, "The disk was away for a week.", "blockbank", now)));
        Assert.Equal("statement/disputed", await RefusalOf(() => Pay(world, "out-1", 5)));
        Assert.Equal("statement/disputed", await RefusalOf(() => Answer(world, (payee, now) =>
            Payee.Accept(payee, World.September, "blockbank", now))));
        Assert.Equal("statement/not-disputed", await RefusalOf(() => Answer(world, (payee, now) =>
            Payee.Resolve(payee, World.September, 2, "It stays.", "finance", now))));

        Assert.Equal("open", await Answer(world, (payee, now) =>
            Payee.Resolve(payee, World.September, 1, "A credit note was issued.", "finance", now)));
        Assert.Equal("accepted", await Answer(world, (payee, now) =>
            Payee.Accept(payee, World.September, "blockbank", now)));
        Assert.True(await Pay(world, "out-1", 5));
        Assert.Equal("accepted", (await Statement(world)).State);
    }

    /// <summary>The share, a line that takes, holds nothing back; what the disk earned holds what it comes to.</summary>
    [Fact]
    public async Task What_is_disputed_waits_and_the_rest_is_paid()
    {
        await using var world = await Closed();
        await world.Stored("v-ada", World.October, 1_000);
        await world.Close(World.October);
        await Answer(world, (payee, now) =>
            Payee.Dispute(payee, World.September, 1, "The disk was away for a week.", "blockbank", now));

        // 10.48 of September wait; 20.95 of October do not.
        Assert.Equal("statement/disputed", await RefusalOf(() => Pay(world, "out-1", 2_096, World.October)));
        Assert.True(await Pay(world, "out-1", 2_095, World.October));
        Assert.Equal("statement/disputed", await RefusalOf(() => Pay(world, "out-2", 1, World.September)));

        await Answer(world, (payee, now) =>
            Payee.Resolve(payee, World.September, 1, "It was there.", "finance", now));
        var said = await world.Journal.State(Payee.Fold, BlockBank, World.Ct);
        var (dispute, outcome) = Assert.Single(said.Resolved);
        Assert.Equal(
            ("block-storage blockbank-1 Block volume", new Money(1_080), "It was there."),
            (dispute.What, dispute.Amount, outcome.Outcome));
        await Answer(world, (payee, now) =>
            Payee.Dispute(payee, World.September, 2, "It is two percent.", "blockbank", now));
        Assert.True(await Pay(world, "out-2", 1_048, World.September));
        Assert.Equal(Money.Zero, (await Row(world)).Open);
    }

    [Fact]
    public async Task A_line_that_a_statement_does_not_have_cannot_be_disputed()
    {
        await using var world = await Closed();
        Assert.Equal("statement/no-line", await RefusalOf(() => Answer(world, (payee, now) =>
            Payee.Dispute(payee, World.September, 3, "What is this?", "blockbank", now))));
    }

    [Fact]
    public async Task Nobody_has_a_statement_of_a_month_in_which_nothing_was_settled_with_them()
    {
        await using var world = await Closed();
        Assert.Equal("statement/unknown", await RefusalOf(() => PayeeStatement.Read(
            world.Journal, world.Database, new("hardware", "lenovo"), World.September, World.Ct)));
    }

    /// <summary>500 GiB for 240 hours at 0.00009: 10.80, of which the exchange keeps 3 percent.</summary>
    private static async Task<World> Closed()
    {
        var world = await World.Start();
        await world.Stored("v-ada", World.September, 500);
        await world.Close(World.September);
        await world.CatchUp();
        return world;
    }

    private static Task<PayeeStatement> Statement(World world) =>
        PayeeStatement.Read(world.Journal, world.Database, BlockBank, World.September, World.Ct);

    private static async Task<PayeeRow> Row(World world) =>
        (await PayeeList.Run(world.Database, World.Ct)).Single(row => row.Payee == BlockBank);

    private static async Task<bool> Pay(World world, string reference, long cents, BillingMonth? month = null)
    {
        var isNew = await world.Journal.Execute(
            new RecordPayout(world.Database, world.Journal, BlockBank, reference, new(cents), null, month ?? World.September), world.Now,
            World.Ct);
        await world.CatchUp();
        return isNew;
    }

    private static async Task<string> Answer(World world, Func<Payee, Instant, Decision<PayeeEvent>> rule) =>
        await world.Journal.Execute(new AnswerStatement(await Statement(world), "answer", rule), world.Now, World.Ct);

    private static async Task<string> RefusalOf(Func<Task> act) =>
        (await Assert.ThrowsAsync<RefusedException>(act)).Refusal.Code;
}
