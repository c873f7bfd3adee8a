using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>Works the examples of a sheet again, with the sheet alone and without outages.</summary>
internal static class ExampleRating
{
    private static readonly Period Always = new(Instant.FromUtc(1900, 1, 1, 0, 0), Instant.FromUtc(9998, 1, 1, 0, 0));

    public static Rated Of(PriceSheet sheet, WorkedExample example)
    {
        var published = new PublishedSheet(sheet with { From = Always.Start, Until = null }, 0, "", "", "",
            example.From);
        var books = PriceBooks.Of([published]);
        var rater = new Rater(books, new(BillingMonth.Of(example.From), example.Policies)
        {
            Within = Always,
            Binds = (cluster, project) => example.Usage.Any(u => u.Cluster == cluster && u.Project == project),
        });
        foreach (var (usage, place) in example.Usage.Select((usage, place) => (usage, place)))
        {
            for (var n = 0; n < usage.Resources; n++)
            {
                var resource = new ResourceId(sheet.Landlord, usage.Cluster, usage.Kind, $"{place}-{n}");
                if (usage.Meter is { } meter)
                {
                    rater.Add(new DailyTotal(resource, usage.Project, meter, example.From.InUtc().Date,
                        usage.Quantity));
                }
                else
                {
                    rater.Add(new Segment(resource, usage.Project,
                        new(example.From, example.From + usage.Length), usage.State, usage.Shape));
                }
            }
        }

        return rater.Finish();
    }
}
