using Xunit;

namespace Exchange.Invoicing.Tests.Closing;

public class ParkingAccounts
{
    private const string Ada = "ada@bu.edu";
    private const string Bob = "bob@elsewhere.edu";

    [Fact]
    public void A_line_a_hundred_times_last_months_leaves_its_account_out_and_the_others_are_billed()
    {
        var plan = Grown(10_101).Close(Books.October);

        Assert.Equal([Ada], plan.Drafts.Select(draft => draft.Pi!.Value.Value));
        Assert.Equal("close/parked", plan.Checks.Single().Code);
        Assert.DoesNotContain(plan.Spent.SelectMany(of => of.Value), e => e.ToString()!.Contains(
            Bob, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(10_100)] // A hundred times, not more.
    [InlineData(0)]
    public void Up_to_the_bound_everyone_is_billed(long cents) =>
        Assert.Empty(Grown(cents).Plan(Books.October).Checks);

    [Fact]
    public void What_grew_a_lot_and_is_still_little_is_billed()
    {
        var books = new Books().Charged(Books.September, Bob, "p", "CPU", 1);
        books.Close(Books.September);

        Assert.Empty(books.Charged(Books.October, Bob, "p", "CPU", 9_999).Plan(Books.October).Checks);
    }

    [Theory]
    [InlineData("close/parked")]
    [InlineData("close/parked:" + Bob)]
    public void Who_accepts_it_bills_it(string accepted) => Assert.Equal(
        [Ada, Bob], Grown(500_000).Plan(Books.October, 0m, accepted).Drafts.Select(draft => draft.Pi!.Value.Value));

    /// <summary>Seen to fail when the next close compared with nothing because October had not been billed.</summary>
    [Fact]
    public void It_stays_out_until_then_and_is_billed_as_an_adjustment_of_its_month()
    {
        var books = Grown(500_000);
        books.Close(Books.October);
        books.Charged(Books.November, Bob, "p", "CPU", 700);
        Assert.Empty(books.Plan(Books.November).Drafts);

        var lines = books.Close(Books.November, $"close/parked:{Bob}").Drafts.Single().Lines;

        Assert.Equal([(Books.October, 500_000L), (null, 700L)], lines.Select(l => (l.Adjusts, l.Amount.Cents)));
    }

    private static Books Grown(long cents)
    {
        var books = new Books().Charged(Books.September, Bob, "p", "CPU", 101)
            .Charged(Books.September, Ada, "a", "CPU", 50);
        books.Close(Books.September);
        return books.Charged(Books.October, Bob, "p", "CPU", cents).Charged(Books.October, Ada, "a", "CPU", 60);
    }
}
