using Exchange.Metering;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>A share of a composite service says which counts made it that share.</summary>
public class SharesExplainThemselves
{
    [Fact]
    public void The_counts_of_those_behind_a_line_are_told_with_each_of_its_shares()
    {
        var books = Acme.Books(Acme.Sheet(
            """{name: Objects, unit: GiB-hour, rate: "0.0001", counts: meter, meter: storage_gib_hours, match: {kind: bucket}, wholesale: {rate: "0.00006", behind: [{landlord: stora, meter: object_gib}, {landlord: storb, meter: object_gib}]} }"""));
        var told = new List<Contribution>();
        var rater = new Rater(books, new(Acme.October), told.Add);
        rater.Add(Count("acme", "storage_gib_hours", 100_000));
        rater.Add(Count("stora", "object_gib", 300));
        rater.Add(Count("storb", "object_gib", 100));
        var rated = rater.Finish();
        Assert.Empty(rated.Unpriced); // What a front end sells needs no price of whoever is behind it.
        Assert.Equal(
            "by stora 7.50 USD 4.50 USD; by storb 2.50 USD 1.50 USD",
            string.Join("; ", rated.Charges.Select(c => $"{c.Step} {c.Amount} {c.Bought!.Amount}")));
        Assert.All(rated.Charges, charge => Assert.Equal(
            [
                "100000 of storage_gib_hours on 2026-10-03",
                "300 of object_gib on 2026-10-03 with stora: splits the line, adds nothing to it",
                "100 of object_gib on 2026-10-03 with storb: splits the line, adds nothing to it",
            ],
            told.Where(part => part.IsOf(charge.Id)).Select(part => part.Arithmetic)));
    }

    private static DailyTotal Count(string landlord, string meter, decimal quantity) => new(
        new(new(landlord), Acme.Cluster, "bucket", $"bucket-{landlord}"), Acme.Project, meter, new(2026, 10, 3), quantity);
}
