using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>
/// What Cinder says of volumes: they are used from their creation to their deletion, attached or not.
/// </summary>
internal static class CinderNotifications
{
    public static List<Reading> Say(string happened, OpenStackNotification said, OpenStackCloud cloud) =>
        happened switch
        {
            "exists" => Audit(said, cloud),
            "create.end" or "resize.end" or "extend.end" or "retype" or "retype.end" or "manage_existing.end" or
                "transfer.accept.end" or "revert.end" => [State(said, cloud, said.Id, WhenDone(said), StateOf(said))],
            "delete.end" or "unmanage.end" => [State(said, cloud, said.Id, WhenDone(said), ResourceState.Deleted)],
            _ => [],
        };

    /// <summary>
    /// The daily audit repeats creations and deletions, with their time as the beginning of its period.
    /// </summary>
    private static Instant WhenDone(OpenStackNotification said) => said.Audited.From ?? said.Generated;

    private static List<Reading> Audit(OpenStackNotification said, OpenStackCloud cloud)
    {
        var (from, to) = said.AuditPeriod;
        var deleted = said.When("deleted_at");
        var created = said.When("created_at") ?? from;
        var (start, stop) = (Instant.Max(from, created), deleted is { } gone ? Instant.Min(to, gone) : to);
        List<Reading> readings = [];
        if (start < stop && !Unborn(said))
        {
            readings.Add(Reading(said, cloud, said.Id) with
            {
                Type = ReadingType.Interval,
                From = start,
                To = stop,
                State = StateOf(said),
            });
        }

        if (deleted is { } ended)
        {
            readings.Add(State(said, cloud, $"{said.Id}/deleted", ended, ResourceState.Deleted));
        }

        return readings;
    }

    private static bool Unborn(OpenStackNotification said) => said.Facts.Text("status") is "creating" or "downloading";

    /// <summary>
    /// Only a volume that could not be made is in error; one that could not be deleted still holds its space.
    /// </summary>
    private static ResourceState StateOf(OpenStackNotification said) =>
        said.Facts.Text("status") is "error" ? ResourceState.Error : ResourceState.Running;

    private static Reading State(
        OpenStackNotification said, OpenStackCloud cloud, string id, Instant at, ResourceState state) =>
        Reading(said, cloud, id) with { Type = ReadingType.State, From = at, To = at, State = state };

    private static Reading Reading(OpenStackNotification said, OpenStackCloud cloud, string id)
    {
        Dictionary<string, string> values = [];
        values["storage_gib"] = OpenStackNotification.Number(said.Facts, "size");
        if (said.Facts.Text("type", "volume_type") is { } type)
        {
            values["volume_type"] = type;
        }

        return new()
        {
            Source = cloud.Source,
            Id = id,
            Type = ReadingType.State,
            Resource = cloud.Resource(
                "volume", said.Facts.Text("volume_id", "resource_id") ?? throw MisfitException.Missing("volume_id")),
            Project = said.Project,
            From = default,
            To = default,
            Shape = Shape.Of(values),
        };
    }
}
