using System.Globalization;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Exports;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests.Closing;

public class KeepingTheBooks
{
    /// <summary>Seen to fail when a credit note left out a number.</summary>
    [Fact]
    public async Task Numbers_have_no_gap_and_no_twin_however_many_close_and_credit_at_once()
    {
        await using var world = await World.Start();
        await Told(world, 12);
        var closes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Tried(() => CloseMonth.Commit(
            world.Sources, World.September, "corrected", new HashSet<string>(), "test", world.Now, World.Ct))));
        await world.CatchUp();
        var numbers = (await InvoiceList.Run(world.Database, new(), World.Ct)).Select(row => row.Number).ToList();

        Assert.Equal(1, closes.Count(outcome => outcome?.Numbers.Count == 12));
        Assert.Equal(Enumerable.Range(1, 12).Select(i => $"PI-2026-{i:0000}"), numbers.Order(StringComparer.Ordinal));

        var credits = await Task.WhenAll(numbers.Select(async number =>
        {
            while (true)
            {
                if (await Tried(() => world.Journal.Execute(
                    new CreditInvoice(world.Database, number!, new Money(1), "why"), world.Now, World.Ct))
                    is { Number: { } note })
                {
                    return note;
                }
            }
        }));
        Assert.Equal(Enumerable.Range(1, 12).Select(i => $"CN-2026-{i:0000}"), credits.Order(StringComparer.Ordinal));
        await world.CatchUp();
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    /// <summary>
    /// Whatever write is the last before a crash, and whether the dying program heard of it: run again, the books are
    /// those of a close that went well. Seen to fail when what funds spent was written by an append of its own.
    /// </summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public async Task A_crash_at_any_write_leaves_nothing_half_done(int write, bool isWritten)
    {
        await using var whole = await World.Start();
        await using var broken = await World.Start();
        foreach (var world in (World[])[whole, broken])
        {
            await Told(world, 3);
        }

        await Work(whole);
        var good = broken.Journal;
        broken.Journal = new DyingJournal(good, write, isWritten);
        await Assert.ThrowsAsync<DyingJournal.Died>(() => Work(broken));
        broken.Journal = good;
        await Work(broken);

        Assert.Equal(await Exported(whole), await Exported(broken));
        await CorrectingInvoices.KeepsWhatIsOwed(broken);

        static async Task Work(World world)
        {
            await world.Close(World.September);
            await KeepDocuments.OfMonth(world.Sources, World.September, world.Now, (_, _) => { }, World.Ct);
            await world.CatchUp();
            await world.Journal.Execute(
                new VoidInvoice(world.Sources, "PI-2026-0002", "wrong PI"), world.Now, World.Ct);
            await world.Close(World.October);
        }
    }

    [Fact]
    public async Task Closing_again_proposes_nothing_and_writes_nothing()
    {
        await using var world = await World.Start();
        await Told(world, 2);
        var first = await world.Close(World.September);
        var events = (await world.Journal.ReadAll(0, 10_000, World.Ct)).Count;

        var again = await CloseMonth.Plan(world.Sources, World.September, "corrected", world.Now, World.Ct);
        var committed = await world.Close(World.September);

        Assert.Null(again.Plan);
        Assert.Null(committed.Plan);
        Assert.Equal(first.Plan!.Total, again.AlreadyClosed!.Total);
        Assert.Equal(events, (await world.Journal.ReadAll(0, 10_000, World.Ct)).Count);
        Assert.Empty((await CloseMonth.Plan(world.Sources, World.October, "corrected", world.Now, World.Ct))
            .Plan!.Drafts);
    }

    [Fact]
    public async Task A_month_that_was_left_out_between_closed_ones_is_billed_by_the_next_close()
    {
        await using var world = await World.Start();
        world.Now = Instant.FromUtc(2027, 1, 3, 9, 0);
        await world.Ran("p-bob", World.September, 1, 10);
        await world.Close(World.September);
        await world.Ran("p-bob", World.October.Next, 1, 10);
        await world.Close(World.October.Next);
        await world.Ran("p-bob", World.October, 1, 10);

        var lines = (await world.Close(World.October.Plus(2))).Plan!.Drafts.Single().Lines;

        Assert.Equal([(World.October, 52L)], lines.Select(line => (line.Adjusts!.Value, line.Amount.Cents)));
    }

    [Fact]
    public async Task Corrections_in_favour_of_a_PI_are_a_credit_note_with_a_number_of_its_own()
    {
        await using var world = await World.Start();
        await world.Ran("p-bob", World.September, 1, 10);
        await world.Close(World.September);
        await world.Told("cluster,project,name,pi,from\nstack,p-bob,Bob's,bob@elsewhere.edu,2026-10");
        await world.Told("cluster,project,name,pi,from\nstack,p-bob,Bob's,eve@elsewhere.edu,2026-01");

        var closed = await world.Close(World.October);

        Assert.Equal(["CN-2026-0001", "PI-2026-0002"], closed.Numbers);
        Assert.StartsWith("Credit note CN-2026-0001", (await FindInvoice.DocumentOf(
            world.Journal, world.Database, "CN-2026-0001", World.Ct)).AsText(), StringComparison.Ordinal);
    }

    private static async Task Told(World world, int projects)
    {
        await world.Told("cluster,project,name,pi\n" + string.Concat(Enumerable.Range(1, projects).Select(
            i => string.Create(CultureInfo.InvariantCulture, $"stack,q-{i},Q {i},pi{i}@bu.edu\n"))));
        for (var i = 1; i <= projects; i++)
        {
            await world.Ran($"q-{i}", World.September, 1, 100 * i, gpu: true);
        }
    }

    private static async Task<string> Exported(World world)
    {
        await using var text = new StringWriter();
        foreach (var month in (BillingMonth[])[World.September, World.October])
        {
            await ChargesExport.Write(world.Sources, new(month), text, World.Ct);
        }

        var subsidy = await world.Journal.State(Fund.Fold, "bu-subsidy", World.Ct);
        await text.WriteLineAsync(string.Join('\n', subsidy.Uses.OrderBy(of => of.Key.Value).Select(
            of => $"{of.Key} {string.Join(' ', of.Value)}")));
        return text + string.Join('\n', (await CorrectingInvoices.Balances(world)).Select(a => a.ToString()));
    }

    private static async Task<T?> Tried<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (ConflictException)
        {
            return default;
        }
    }

    /// <summary>A journal whose program dies at its n-th append, before or just after it was written.</summary>
    private sealed class DyingJournal(IJournal journal, int last, bool isWritten) : IJournal
    {
        private int _written;

        public sealed class Died : Exception;

        public Task<IReadOnlyList<TEvent>> Read<TEvent>(string stream, CancellationToken ct) =>
            journal.Read<TEvent>(stream, ct);

        public Task<IReadOnlyList<Recorded>> ReadAll(long after, int limit, CancellationToken ct) =>
            journal.ReadAll(after, limit, ct);

        public async Task Append(IReadOnlyList<StreamAppend> appends, CancellationToken ct)
        {
            if (_written++ < last)
            {
                await journal.Append(appends, ct);
                return;
            }

            if (isWritten)
            {
                await journal.Append(appends, ct);
            }

            throw new Died();
        }
    }
}
