using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Rating;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// Since two addresses turned out to be one person, that person has one account: credit of either pays what either owes,
/// a payment pays the oldest of both, and nothing of the past is renumbered. Before, 10.00 of unapplied cash and a credit
/// note of 31.20 stayed where they were while 96.72 was asked for in full.
/// </summary>
public class MergedAccounts
{
    private static readonly AccountName Old = AccountName.Of(new PiId("bob@elsewhere.edu"));
    private static readonly AccountName New = AccountName.Of(new PiId("robert@elsewhere.edu"));
    private static readonly AccountName Third = AccountName.Of(new PiId("rob@elsewhere.edu"));
    private static readonly BillingMonth November = World.October.Next;

    public static TheoryData<int> Seeds => new(Draws.Seeds(few: 3, many: 30));

    [Theory, InlineData(false), InlineData(true)]
    public async Task Credit_of_either_address_pays_the_next_invoice(bool merged)
    {
        await using var world = await WithCredit();
        if (merged)
        {
            await Merge(world, New, Old);
        }

        await world.Close(November);
        await Use(world);

        var open = (await OpenInvoices.Run(world.Database, New, World.Ct)).Select(one => (one.Number, one.Open.Cents));
        if (!merged)
        {
            Assert.Equal([("PI-2026-0003", 9_672L)], open);
            Assert.Equal(-4_120L, (await Statement(world, Old)).Closing.Cents);
            return;
        }

        Assert.Equal([("PI-2026-0003", 5_552L)], open);
        Assert.Equal([("pi:robert@elsewhere.edu", 5_552L)], (await AccountList.Run(world.Database, World.Ct))
            .Where(row => row.Account.Name.EndsWith("elsewhere.edu", StringComparison.Ordinal))
            .Select(row => (row.Account.ToString(), row.Balance.Cents)));
        foreach (var name in (AccountName[])[Old, New])
        {
            var statement = await Statement(world, name);
            Assert.Equal((New, 5_552L), (statement.Account, statement.Closing.Cents));
            Assert.Equal([3_120L, -3_120, -1_000, -3_120, 9_672], statement.Lines.Select(line => line.Amount.Cents));
        }

        Assert.Equal(["PI-2026-0001", "CN-2026-0001"], (await InvoiceList.Run(
            world.Database, new(Pi: new("bob@elsewhere.edu")), World.Ct)).Select(row => row.Number));
        await world.HoldBooks();
        await Use(world);
        Assert.Equal(5_552L, (await Statement(world, Old)).Closing.Cents);
    }

    /// <summary>3.00 of robert's October is open beside 31.20 of bob's September: 32.00 pay the oldest first.</summary>
    [Fact]
    public async Task A_payment_pays_the_oldest_of_both_and_the_same_reference_counts_once()
    {
        await using var world = await World.Start();
        await Owners(world, "bob@elsewhere.edu");
        await world.Ran("p-bob", World.September, 1, 480, vcpu: 5);
        await world.Close(World.September);
        await Record(world, Old, "wire-1", 120);
        await world.Ran("p-new", World.October, 1, 100, vcpu: 2);
        await world.Ran("p-new", World.October, 1, 40, vcpu: 1);
        await world.Close(World.October);
        await Merge(world, New, Old);

        Assert.False((await Record(world, New, "wire-1", 120)).IsNew);
        var done = await Record(world, New, "wire-2", 3_200);
        Assert.Equal(
            [new("PI-2026-0001", new Money(3_000)), new("PI-2026-0002", new Money(200))], done.Paid.AsEnumerable());
        Assert.Equal(112, (await Statement(world, Old)).Closing.Cents);
        await using var connection = await world.Database.OpenConnectionAsync(World.Ct);
        Assert.Equal([("receivable:pi:robert@elsewhere.edu", 112L)], (await Ageing.Run(
            connection, new(2026, 11, 3), World.Ct)).Select(one => (one.Account, one.Open.Cents)));

        // It is taken back: 1.20 came under the old address and 30.00 under the new one, and both are the person's.
        await world.Journal.Execute(new VoidInvoice(world.Sources, "PI-2026-0001", "wrong"), world.Now, World.Ct);
        await world.CatchUp();
        Assert.Equal(
            [("pi:robert@elsewhere.edu", 112L, 3_120L)], (await AccountList.Run(world.Database, World.Ct))
                .Where(row => row.Account.Kind == "pi")
                .Select(row => (row.Account.ToString(), row.Owed.Cents, row.Unapplied.Cents)));
        await Use(world);
        Assert.Equal("account/refund-too-much", (await Assert.ThrowsAsync<RefusedException>(() => Back(
            world, 3_009))).Refusal.Code);
        Assert.Equal(3_008, (await Back(world, 3_008)).Sum(used => used.Amount.Cents));
        await world.CatchUp();
        Assert.Equal(0, (await Statement(world, Old)).Closing.Cents);
        await world.HoldBooks();
    }

    /// <summary>Two banks may call two payments alike; each is known apart on the invoice that both pay.</summary>
    [Fact]
    public async Task Payments_of_one_reference_that_came_before_the_merge_are_two()
    {
        await using var world = await World.Start();
        await Owners(world, "bob@elsewhere.edu");
        await Record(world, Old, "wire-1", 1_000);
        await Record(world, New, "wire-1", 1_500);
        await world.Ran("p-new", World.September, 1, 480, vcpu: 5);
        await Merge(world, New, Old);
        await world.Close(World.September);
        await Use(world);

        var invoice = Assert.IsType<Invoice.Issued>(await world.Journal.State(
            Invoice.Fold, "2026-09:robert@elsewhere.edu", World.Ct));
        Assert.Equal([1_000L, 1_500], invoice.Payments.Values.Select(paid => paid.Cents).Order());
        await world.Journal.Execute(new VoidInvoice(world.Sources, "PI-2026-0001", "wrong"), world.Now, World.Ct);
        await world.CatchUp();
        Assert.Equal(1_000, (await world.Journal.State(CashAccount.Fold, Old, World.Ct)).Unapplied.Cents);
        Assert.Equal(1_500, (await world.Journal.State(CashAccount.Fold, New, World.Ct)).Unapplied.Cents);
        await world.HoldBooks();
    }

    /// <summary>A chain of merges is one person, in whatever order they were told, and who is nobody's alias is alone.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task Three_addresses_are_one_account(bool backward)
    {
        await using var world = await World.Start();
        if (backward)
        {
            await Merge(world, Third, New);
            await Merge(world, New, Old);
        }
        else
        {
            await Merge(world, New, Old);
            await Merge(world, Third, Old);
        }

        await using var connection = await world.Database.OpenConnectionAsync(World.Ct);
        foreach (var name in (AccountName[])[Old, New, Third])
        {
            var one = await OneAccount.Of(connection, name, World.Ct);
            Assert.Equal(Third, one.Account);
            Assert.Equal([Third, Old, New], one.Names.AsEnumerable());
            Assert.Equal(Third, (await OneAccount.Of(
                new UnitOfWork(world.Journal), world.Database, name, World.Ct)).Account);
        }

        var ada = AccountName.Of(new PiId("ada@bu.edu"));
        Assert.Equal([ada], (await OneAccount.Of(connection, ada, World.Ct)).Names.AsEnumerable());
    }

    /// <summary>Money moves by the journal: a row that somebody adds to the read model gives nobody's credit away.</summary>
    [Fact]
    public async Task A_row_that_the_journal_does_not_know_moves_no_money()
    {
        await using var world = await WithCredit();
        await using (var command = world.Database.CreateCommand(
            "insert into invoicing.alias values ('bob@elsewhere.edu', 'robert@elsewhere.edu')"))
        {
            await command.ExecuteNonQueryAsync(World.Ct);
        }

        await world.Close(November);
        await Use(world);
        Assert.Equal(9_672, Assert.IsType<Invoice.Issued>(await world.Journal.State(
            Invoice.Fold, "2026-11:robert@elsewhere.edu", World.Ct)).Open.Cents);
    }

    /// <summary>
    /// Whatever is done on either address in whatever order: the statement is what is open less what is unapplied, and no
    /// money is made.
    /// </summary>
    [Theory, MemberData(nameof(Seeds))]
    public async Task Merged_accounts_add_up_whatever_is_done_to_them(int seed)
    {
        await using var world = await WithCredit();
        await world.Close(November);
        var random = new Random(seed);
        var merge = random.Next(5);
        for (var i = 0; i < 25; i++)
        {
            if (i == merge)
            {
                await Merge(world, New, Old);
            }

            try
            {
                await Draw(world, random, i);
            }
            catch (RefusedException)
            {
                // Some of what is drawn cannot be; then nothing may have changed.
            }

            await world.CatchUp();
            await AddsUp(world);
        }

        await world.HoldBooks();
    }

    private static async Task AddsUp(World world)
    {
        var (owed, unapplied) = (Money.Zero, Money.Zero);
        foreach (var name in (AccountName[])[Old, New])
        {
            var cash = await world.Journal.State(CashAccount.Fold, name, World.Ct);
            Assert.True(cash.Unapplied >= Money.Zero);
            unapplied += cash.Unapplied;
        }

        var rows = (await AccountList.Run(world.Database, World.Ct))
            .Where(row => row.Account == Old || row.Account == New).ToList();
        foreach (var row in rows)
        {
            var open = Money.Sum((await OpenInvoices.Run(world.Database, row.Account, World.Ct)).Select(one => one.Open));
            owed += open;
            Assert.Equal((open, (await Statement(world, row.Account)).Closing), (row.Owed, row.Balance));
        }

        Assert.Equal((owed, unapplied), (
            Money.Sum(rows.Select(row => row.Owed)), Money.Sum(rows.Select(row => row.Unapplied))));
    }

    private static Task Draw(World world, Random random, int number)
    {
        var amount = new Money(random.Next(1, 8_000));
        var account = random.Next(2) == 0 ? Old : New;
        var invoice = random.Next(2) == 0 ? "PI-2026-0003" : "PI-2026-0001";
        return random.Next(8) switch
        {
            0 or 1 => Record(world, account, $"wire-{random.Next(number + 1)}", amount.Cents),
            2 => world.Journal.Execute(
                new PayInvoice(world.Database, invoice, $"pay-{random.Next(number + 1)}", amount), world.Now, World.Ct),
            3 => world.Journal.Execute(new ApplyCredit(world.Database, account, []), world.Now, World.Ct),
            4 => world.Journal.Execute(
                new RefundCredit(world.Database, account, $"back-{random.Next(number + 1)}", amount, null), world.Now,
                World.Ct),
            5 => world.Journal.Execute(new RefundInvoice(world.Database, invoice, $"gone-{number}", amount),
                world.Now, World.Ct),
            6 => world.Journal.Execute(new VoidInvoice(world.Sources, invoice, "why"), world.Now, World.Ct),
            _ => world.Journal.Execute(
                new WriteOffInvoice(world.Database, invoice, new(random.Next(1, 300)), "why"), world.Now, World.Ct),
        };
    }

    /// <summary>
    /// September of 31.20 was paid with 41.20 under the old address and turned out to be Ada's: 10.00 are unapplied, and
    /// October brings a credit note of 31.20. What the new address used in November is 96.72.
    /// </summary>
    private static async Task<World> WithCredit()
    {
        var world = await World.Start();
        await world.Ran("p-bob", World.September, 1, 480, vcpu: 5);
        await world.Close(World.September);
        await Record(world, Old, "wire-1", 4_120);
        await Owners(world, "ada@bu.edu");
        await world.Close(World.October);
        world.Now += Duration.FromDays(31);
        await world.Ran("p-new", November, 1, 720, vcpu: 10);
        await world.Ran("p-new", November, 1, 24, vcpu: 10);
        return world;
    }

    private static Task Owners(World world, string bobs) => world.Told($"""
        cluster,project,name,pi,from
        stack,p-bob,Bob & co,{bobs},2026-01
        stack,p-new,Robert,robert@elsewhere.edu,2026-01
        """);

    private static async Task Merge(World world, AccountName kept, AccountName alias)
    {
        await world.Journal.Execute(
            new MergePis(new(kept.Name), new(alias.Name), "test"), world.Now, World.Ct);
        await world.CatchUp();
    }

    private static Task Use(World world) =>
        UseCredit.Run(world.Journal, world.Database, world.CatchUp, world.Now, World.Ct);

    private static async Task<PaymentRecorded> Record(World world, AccountName of, string reference, long cents)
    {
        var done = await world.Journal.Execute(
            new RecordPayment(world.Database, new(of, reference, new(cents), null, [])), world.Now, World.Ct);
        await world.CatchUp();
        return done;
    }

    private static Task<IReadOnlyList<CreditUsed>> Back(World world, long cents) => world.Journal.Execute(
        new RefundCredit(world.Database, Old, "back-1", new(cents), null), world.Now, World.Ct);

    private static Task<AccountStatement> Statement(World world, AccountName of) =>
        AccountStatement.Read(world.Database, of, new(2000, 1, 1), new(2030, 1, 1), World.Ct);
}
