using Exchange.Invoicing.Funds;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Invoicing.Tests;

public class SpreadingAnAmountOverLines
{
    private const SpreadFaults Incumbent =
        SpreadFaults.NegativeLinesRaiseTheRest | SpreadFaults.LinesThatOweNothingArePaid;

    [Theory]
    [InlineData("60,60", "100", "60,40")]
    [InlineData("40,40,40,40", "100", "40,40,20,-")]
    [InlineData("150,40,500", "100", "100,-,-")]
    [InlineData("10", "100", "10")]
    [InlineData("10,20", "0", "-,-")]
    [InlineData("0,20", "5", "-,5")]
    [InlineData("-50,20", "5", "-,5")]
    public void In_order_pays_line_by_line_until_it_is_used_up(string owed, string available, string paid) =>
        Assert.Equal(paid, Show(Spread.InOrder(Dollars(available), Lines(owed))));

    [Theory]
    [InlineData("-50,1050,7", "1000", "-50,1050,-")] // A negative line raises the rest by 50.
    [InlineData("0,20", "5", "0,5")]                  // A line that owes nothing counts as paid.
    [InlineData("20,0", "20", "20,-")]                // But not once nothing is left.
    [InlineData("20,30", "-5", "-5,-")]               // A ledger that used too much takes it back.
    public void In_order_shows_the_faults_of_present_scripts_when_asked(string owed, string available, string paid) =>
        Assert.Equal(paid, Show(Spread.InOrder(Dollars(available), Lines(owed), Incumbent)));

    [Theory]
    [InlineData("60,60", "100", "50,50")]
    [InlineData("1,1,1", "1", "0.34,0.33,0.33")]
    [InlineData("10,20", "100", "10,20")]
    [InlineData("-50,20", "5", "-,5")]
    [InlineData("0,-1", "5", "-,-")]
    public void Pro_rata_pays_in_proportion(string owed, string available, string paid) =>
        Assert.Equal(paid, Show(Spread.ProRata(Dollars(available), Lines(owed))));

    [Fact]
    public void No_way_of_spreading_loses_a_cent_or_pays_more_than_a_line_owes() =>
        Prop.ForAll<int, int[]>((available, lines) =>
        {
            var money = new Money(Math.Abs((long)available));
            Money[] owed = [.. lines.Select(cents => new Money(cents))];
            var payable = Money.Sum(owed.Where(line => line > Money.Zero));
            return new[] { Spread.InOrder(money, owed), Spread.ProRata(money, owed) }.All(spread =>
                spread.Used == Money.Min(money, payable) &&
                Money.Sum(spread.Paid.Select(paid => paid ?? Money.Zero)) == spread.Used &&
                spread.Paid.Zip(owed).All(line =>
                    line.First is not { } paid || (paid > Money.Zero && paid <= line.Second)));
        }).Check(Draws.Properties());

    [Fact]
    public void Pro_rata_does_not_depend_on_the_order_of_lines_beyond_a_cent() =>
        Prop.ForAll<int, int[]>((available, lines) =>
        {
            var money = new Money(Math.Abs((long)available));
            Money[] owed = [.. lines.Select(cents => new Money(cents))];
            var forwards = Spread.ProRata(money, owed).Paid;
            var backwards = Spread.ProRata(money, [.. owed.Reverse()]).Paid.Reverse();
            return forwards.Zip(backwards).All(pair =>
                long.Abs((pair.First ?? Money.Zero).Cents - (pair.Second ?? Money.Zero).Cents) <= 1);
        }).Check(Draws.Properties());

    private static Money Dollars(string text) => Money.Round(Text.Number(text));

    private static Money[] Lines(string text) => [.. text.Split(',').Select(Dollars)];

    private static string Show(Spreading spread) =>
        string.Join(',', spread.Paid.Select(paid => paid is { } money ? Text.Of(money.Amount) : "-"));
}
