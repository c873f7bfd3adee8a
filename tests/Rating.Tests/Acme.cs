using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating.Tests;

/// <summary>An invented landlord: sheets in a few words, and usage in fewer.</summary>
internal static class Acme
{
    public const string Vm = """{name: VM, unit: vm-hour, rate: "1", counts: resource, per: hour, match: {kind: vm}}""";
    public const string OneHour = """{name: an hour, usage: [{kind: vm, hours: "1"}], total: "1.00"}""";

    public static readonly LandlordId Landlord = new("acme");
    public static readonly ClusterId Cluster = new("a1");
    public static readonly ProjectId Project = new("p1");
    public static readonly BillingMonth October = new(2026, 10);

    /// <summary>A sheet of service 'compute' in cluster 'a1'.</summary>
    /// <param name="more">Whole lines in front of the SKUs.</param>
    public static string Yaml(
        string skus = Vm, string examples = OneHour, string from = "2026-01", string more = "",
        string service = "compute") => $"""
            landlord: acme
            service: {service}
            clusters: [a1]
            from: {from}
            {more}
            skus:
            {List(skus)}
            examples:
            {List(examples)}
            """;

    /// <summary>The same, read.</summary>
    public static PriceSheet Sheet(string skus = Vm, string from = "2026-01", string more = "") =>
        SheetReader.Read(Yaml(skus, OneHour, from, more), "acme.yaml");

    public static PriceBooks Books(params PriceSheet[] sheets) => PriceBooks.Of(sheets.Select(sheet =>
        new PublishedSheet(sheet, 1, "", "", "", Instant.FromUtc(2025, 12, 1, 0, 0))));

    public static Instant At(int day, int hour = 0, int minute = 0, int second = 0) =>
        Instant.FromUtc(2026, 10, 1, hour, minute, second) + Duration.FromDays(day - 1);

    public static ResourceId Resource(string id, string kind = "vm") => new(Landlord, Cluster, kind, id);

    public static Segment Ran(
        string id, Instant from, Instant to, string shape = "{}", string kind = "vm",
        ResourceState state = ResourceState.Running, string project = "p1") =>
        new(Resource(id, kind), new(project), new(from, to), state, Shape.Parse(shape));

    public static Rated Rate(PriceBooks books, params Segment[] usage) => Rate(books, new(October), usage);

    public static Rated Rate(PriceBooks books, RateRequest request, params IEnumerable<Segment> usage)
    {
        var rater = new Rater(books, request);
        foreach (var segment in usage)
        {
            rater.Add(segment);
        }

        return rater.Finish();
    }

    public static Rated Count(PriceBooks books, params DailyTotal[] totals)
    {
        var rater = new Rater(books, new(October));
        Array.ForEach(totals, rater.Add);
        return rater.Finish();
    }

    /// <summary>'p1 VM 744 vm-hour 744.00 USD', a line for each charge.</summary>
    public static string Show(this Rated rated) => string.Join('\n', rated.Charges.Select(charge =>
        $"{charge.Project} {charge.Sku} {charge.Quantity} {charge.Amount}"));

    private static string List(string items) => string.Join('\n', items.Split('\n')
        .Where(line => line.Trim().Length > 0).Select(line => line.StartsWith(' ') ? line : $"  - {line}"));
}

/// <summary>A clock that stands.</summary>
internal sealed class StoppedClock(Instant now) : IClock
{
    public Instant GetCurrentInstant() => now;
}
