using System.Globalization;
using System.Runtime.CompilerServices;
using Exchange.Metering;
using Exchange.Testing;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// A month in the words of those who use it: the sheets, the outages and the usage beside what they come to, line by
/// line. What it comes to was checked by hand; a change of it is to be reviewed like a change of a price.
/// </summary>
public class RatingAWholeMonth
{
    [Theory, InlineData("a-month")]
    public void Comes_to_the_charges_beside_it(string folder)
    {
        var books = Acme.Books([.. Files(folder, "*.yaml").Where(file => !file.EndsWith("outages.yaml", StringComparison.Ordinal))
            .Select(file => SheetReader.Read(File.ReadAllText(file), Path.GetFileName(file)))]) with
        {
            Outages = Outage.Read(File.ReadAllText(Files(folder, "outages.yaml")[0]), "outages.yaml"),
        };
        var rater = new Rater(books, new(Acme.October));
        foreach (var line in File.ReadLines(Files(folder, "usage.csv")[0]).Skip(1))
        {
            var cells = line.Split(',');
            var (resource, project) = (Acme.Resource(cells[1], cells[0]), new ProjectId(cells[2]));
            var what = cells[6].Split(' ').Select(pair => pair.Split('=')).Select(pair => KeyValuePair.Create(pair[0], pair[1]));
            if (cells[5] == "count")
            {
                var (meter, quantity) = what.Single();
                rater.Add(new DailyTotal(resource, project, meter, Text.Instant(cells[3]).InUtc().Date,
                    decimal.Parse(quantity, CultureInfo.InvariantCulture)));
            }
            else
            {
                rater.Add(new Segment(resource, project, new(Text.Instant(cells[3]), Text.Instant(cells[4])),
                    Enum.Parse<ResourceState>(cells[5], ignoreCase: true), Shape.Of(what)));
            }
        }

        Golden.Match($"{folder}/charges.txt", Words(rater.Finish()));
    }

    private static string Words(Rated rated) => string.Concat(rated.Charges
        .Select(c => $"{c.Project} {c.Sku}{(c.Step is null ? "" : $" ({c.Step})")}: {c.Quantity} at {c.Rate} = {c.Amount}" +
            $"{(c.Bought is null ? "" : $", {c.Bought.Amount} of it to {c.Bought.Payee}")}, by {c.Sheet}\n")
        .Append($"total {rated.Total}\n")
        .Concat(rated.Unpriced.Select(u => $"{u.Project}: {Text.Of(u.Quantity)} of {u.Kind} {u.What} without a price, {u.Reason}\n")));

    private static string[] Files(string folder, string pattern, [CallerFilePath] string test = "") =>
        [.. Directory.GetFiles(Path.Combine(Path.GetDirectoryName(test)!, "Golden", folder), pattern).Order(StringComparer.Ordinal)];
}
