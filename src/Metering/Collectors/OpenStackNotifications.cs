using System.Text.Json;

namespace Exchange.Metering.Collectors;

/// <summary>
/// Format 'openstack-notifications': what Nova and Cinder tell of servers and volumes, one after the other, as flat
/// records, as oslo.messaging envelopes, or as bare notifications with a legacy or versioned payload.
/// </summary>
public static class OpenStackNotifications
{
    public const string Format = "openstack-notifications";

    /// <summary>The readings of a file; what says nothing about usage is counted as ignored.</summary>
    public static IEnumerable<Collected> Read(Stream stream, CollectorContext context)
    {
        foreach (var record in JsonRecords.Read(stream, context.File))
        {
            foreach (var collected in Of(record.Value, context))
            {
                yield return collected;
            }
        }
    }

    /// <summary>What one notification says: nothing, one reading, or one with the state that it ends in.</summary>
    public static IReadOnlyList<Collected> Of(JsonElement record, CollectorContext context)
    {
        context.Tally.Records++;
        var cluster = context.RequiredCluster(Format);
        try
        {
            MisfitException.Once(record);
            var readings = OpenStackNotification.Unwrap(record) is { } said
                ? Say(said, new(context.Landlord, cluster, context.Source(cluster, Format)))
                : [];
            context.Tally.Ignored += readings.Count == 0 ? 1 : 0;
            return [.. readings.Select(reading => (Collected)reading)];
        }
        catch (Exception e) when (Record.AsMisfit(e) is { } misfit)
        {
            var raw = record.Raw();
            var id = OpenStackNotification.IdOf(record) ?? Record.Hash(raw);
            var source = context.Source(cluster, Format);
            return [Record.Reject(misfit, source, context.Landlord, raw) with { Id = id }];
        }
    }

    private static List<Reading> Say(OpenStackNotification said, OpenStackCloud cloud) => said.EventType switch
    {
        { } type when type.StartsWith("compute.instance.", StringComparison.Ordinal) =>
            NovaNotifications.Say(type["compute.instance.".Length..], said, cloud),
        { } type when type.StartsWith("instance.", StringComparison.Ordinal) =>
            NovaNotifications.Say(type["instance.".Length..], said, cloud),
        { } type when type.StartsWith("volume.", StringComparison.Ordinal) =>
            CinderNotifications.Say(type["volume.".Length..], said, cloud),
        _ => [],
    };
}

/// <summary>Which cloud is speaking, and under which source its readings are kept.</summary>
internal sealed record OpenStackCloud(LandlordId Landlord, ClusterId Cluster, string Source)
{
    public ResourceId Resource(string kind, string subject) => Name.IsOne(subject)
        ? new(Landlord, Cluster, kind, subject)
        : throw MisfitException.NotAName($"a {kind}", subject);
}
