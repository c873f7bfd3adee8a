using System.Text.Json;
using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>
/// Format 'esi-leases': a list of bare-metal leases. A lease is used from its start on; it is ended when its expiry has
/// passed, so that a lease that is extended or given back early is not billed by what was once planned.
/// </summary>
public static class EsiLeases
{
    public const string Format = "esi-leases";

    private static readonly ClusterId BareMetal = new("bm");
    private static readonly string[] Parents =
        ["PARENT", "PARENTLEASE", "PARENTLEASEUUID", "PARENTLEASEID", "PARENTUUID", "PARENTID"];

    public static IEnumerable<Collected> Read(Stream stream, CollectorContext context)
    {
        var cluster = context.Cluster ?? BareMetal;
        var source = context.Source(cluster, Format);
        foreach (var record in JsonRecords.ReadWhole(stream, context.File))
        {
            context.Tally.Records++;
            foreach (var collected in Lease(record.Value, cluster, source, context))
            {
                yield return collected;
            }
        }
    }

    private static IReadOnlyList<Collected> Lease(
        JsonElement lease, ClusterId cluster, string source, CollectorContext context)
    {
        try
        {
            MisfitException.Once(lease);
            var uuid = Named(lease, "UUID");
            var start = Time(lease, "Start Time") ?? throw MisfitException.Missing("Start Time");
            var expiry = Time(lease, "Expire Time");
            if (expiry < start)
            {
                throw MisfitException.EmptyPeriod($"lease {start}/{expiry}");
            }

            var begins = new Reading
            {
                Source = source,
                Id = $"{uuid}/start",
                Type = ReadingType.State,
                Resource = new(context.Landlord, cluster, "baremetal", uuid),
                Project = new(Named(lease, "Project")),
                From = start,
                To = start,
                State = ResourceState.Running,
                Shape = ShapeOf(lease),
            };
            if (start > context.Now)
            {
                context.Tally.Ignored++;
                return [];
            }

            return expiry is { } end && end <= context.Now
                ? [begins, Ended(begins, uuid, end)]
                : [begins];
        }
        catch (Exception e) when (Record.AsMisfit(e) is { } misfit)
        {
            return [Record.Reject(misfit, source, context.Landlord, lease.Raw())];
        }
    }

    private static Shape ShapeOf(JsonElement lease) => Shape.Of(
    [
        new("node", Named(lease, "Resource")),
        new("resource_class", Named(lease, "Resource Class")),
        .. ParentOf(lease) is { } parent
            ? (KeyValuePair<string, string>[])[new("parent_lease", parent)]
            : [],
    ]);

    /// <summary>The lease that it is sublet from, by whichever of its names the list uses; null for none.</summary>
    private static string? ParentOf(JsonElement lease)
    {
        foreach (var field in lease.EnumerateObject())
        {
            var name = string.Concat(field.Name.Where(char.IsLetter)).ToUpperInvariant();
            if (Parents.Contains(name, StringComparer.Ordinal) &&
                lease.Text(field.Name) is { Length: > 0 } text and not "None")
            {
                return Name.IsOne(text) ? text : throw MisfitException.NotAName(field.Name, text);
            }
        }

        return null;
    }

    private static Reading Ended(Reading begins, string uuid, Instant end) => begins with
    {
        Id = $"{uuid}/end/{end.ToUnixTimeSeconds()}",
        From = end,
        To = end,
        State = ResourceState.Deleted,
    };

    private static string Named(JsonElement lease, string field) => lease.Text(field) switch
    {
        null => throw MisfitException.Missing(field),
        { } text when Name.IsOne(text) => text,
        { } text => throw MisfitException.NotAName(field, text),
    };

    private static Instant? Time(JsonElement lease, string field) => lease.Text(field) is { } text and not "None"
        ? ReportedTime.Parse(text) ?? throw MisfitException.NotATime(field, text)
        : null;
}
