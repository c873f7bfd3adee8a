using System.Globalization;
using System.Text.Json;
using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>
/// What Nova says of servers. The hourly audit ('exists') is an interval; what happens to a server is a state from that
/// moment on. Audits tell of a lost event, events tell the second, and the fold puts the two together.
/// </summary>
internal static class NovaNotifications
{
    /// <summary>
    /// The state after an act, where the act's name settles it whatever the payload says a moment later.
    /// </summary>
    private static readonly Dictionary<string, ResourceState?> Acts = new(StringComparer.Ordinal)
    {
        ["create"] = ResourceState.Running,
        ["power_on"] = ResourceState.Running,
        ["reboot"] = ResourceState.Running,
        ["resume"] = ResourceState.Running,
        ["unpause"] = ResourceState.Running,
        ["unshelve"] = ResourceState.Running,
        ["restore"] = ResourceState.Running,
        ["rescue"] = ResourceState.Running,
        ["power_off"] = ResourceState.Stopped,
        ["suspend"] = ResourceState.Suspended,
        ["pause"] = ResourceState.Paused,
        ["shelve"] = ResourceState.Shelved,
        ["shelve_offload"] = ResourceState.Shelved,
        ["delete"] = ResourceState.Deleted,
        ["force_delete"] = ResourceState.Deleted,
        ["soft_delete"] = ResourceState.Deleted,
        ["unrescue"] = null,
        ["rebuild"] = null,
        ["evacuate"] = null,
        ["finish_resize"] = null,
        ["resize_finish"] = null,
        ["finish_revert_resize"] = null,
        ["resize.confirm"] = null,
        ["resize_confirm"] = null,
        ["resize.revert"] = null,
        ["resize_revert"] = null,
    };

    /// <summary>How long it may take from the request for a server until it runs; machines of metal are slow.</summary>
    private static readonly Duration MaxBuild = Duration.FromMinutes(30);

    public static List<Reading> Say(string happened, OpenStackNotification said, OpenStackCloud cloud)
    {
        if (happened == "exists")
        {
            return Audit(said, cloud);
        }

        if (happened == "update")
        {
            return Changed(said) is { } changed ? [State(said, cloud, said.Id, said.Generated, changed)] : [];
        }

        if (happened.EndsWith(".error", StringComparison.Ordinal))
        {
            return StateOf(said.Facts.Text("state")) == ResourceState.Error
                ? [State(said, cloud, said.Id, said.Generated, ResourceState.Error)]
                : []; // A failed try that left the server as it was; Nova may try again elsewhere.
        }

        var act = happened.EndsWith(".end", StringComparison.Ordinal) ? happened[..^".end".Length] : happened;
        if (!Acts.TryGetValue(act, out var settled))
        {
            return [];
        }

        var told = StateOf(said.Facts.Text("state"));
        var state = told is ResourceState.Error ? told : settled ?? told;
        return state is null ? [] : [State(said, cloud, said.Id, WhenDone(act, said), state.Value)];
    }

    /// <summary>
    /// A server starts to be used when it was launched and ends when it was deleted, not when that was said.
    /// </summary>
    private static Instant WhenDone(string act, OpenStackNotification said)
    {
        var (known, generated) = act switch
        {
            "create" => (said.When("launched_at"), said.Generated),
            "delete" or "force_delete" or "soft_delete" => (said.When("deleted_at"), said.Generated),
            _ => (null, said.Generated),
        };
        return known is { } time && time < generated ? time : generated;
    }

    private static List<Reading> Audit(OpenStackNotification said, OpenStackCloud cloud)
    {
        var (from, to) = said.AuditPeriod;
        if (said.When("launched_at") is not { } launched)
        {
            return []; // Never ran: building, or failed to build.
        }

        var told = StateOf(said.Facts.Text("state"));
        var deleted = said.When("deleted_at") ?? (told == ResourceState.Deleted ? to : null);
        var state = told switch
        {
            null => (ResourceState?)null,
            ResourceState.Deleted => ResourceState.Running, // What it was before, as far as this audit knows.
            _ => told,
        };
        var began = Began(said, launched);
        var (start, stop) = (Instant.Max(from, began), deleted is { } gone ? Instant.Min(to, gone) : to);
        List<Reading> readings = [];
        if (state is { } was && start < stop)
        {
            readings.Add(Reading(said, cloud, said.Id) with
            {
                Type = ReadingType.Interval,
                From = start,
                To = stop,
                State = was,
            });
        }

        // The state of a server that does not run is also told for the time after the audit. Otherwise the last,
        // partial hour of a server that is deleted while stopped would count as running. No message knows the future.
        if (deleted is { } ended)
        {
            readings.Add(State(said, cloud, $"{said.Id}/deleted", ended, ResourceState.Deleted));
        }
        else if (state is { } still and not ResourceState.Running && said.KnowsWhenGenerated && to <= said.Generated)
        {
            readings.Add(State(said, cloud, $"{said.Id}/after", to, still));
        }

        return readings;
    }

    /// <summary>
    /// Nova sets 'launched_at' anew whenever it spawns a server again: rebuilt, resized, migrated or evacuated. Only
    /// within the time that a first launch may take does it say when the server began; after that it had begun before.
    /// </summary>
    private static Instant Began(OpenStackNotification said, Instant launched) =>
        said.When("created_at") is { } created && launched - created > MaxBuild ? created : launched;

    /// <summary>The state that an update changed to; null when it changed something else.</summary>
    private static ResourceState? Changed(OpenStackNotification said)
    {
        var update = said.Facts.Inside("state_update") is { } inside
            ? inside.Inside("nova_object.data") ?? inside
            : said.Facts;
        var state = update.Text("state");
        return update.Text("old_state") is { } before && StateOf(before) != StateOf(state)
            ? StateOf(state)
            : null;
    }

    /// <summary>Nova's word for a state; null while a server is being built, which is not usage.</summary>
    private static ResourceState? StateOf(string? word) => word?.ToLowerInvariant() switch
    {
        null or "building" or "initialized" => null,
        "active" or "rescued" or "resized" or "running" => ResourceState.Running,
        "stopped" => ResourceState.Stopped,
        "paused" => ResourceState.Paused,
        "suspended" => ResourceState.Suspended,
        "shelved" or "shelved_offloaded" => ResourceState.Shelved,
        "error" => ResourceState.Error,
        "deleted" or "soft-delete" or "soft-deleted" or "soft_deleted" => ResourceState.Deleted,
        _ => throw MisfitException.UnknownState(word),
    };

    private static Reading State(
        OpenStackNotification said, OpenStackCloud cloud, string id, Instant at, ResourceState state) =>
        Reading(said, cloud, id) with { Type = ReadingType.State, From = at, To = at, State = state };

    private static Reading Reading(OpenStackNotification said, OpenStackCloud cloud, string id) => new()
    {
        Source = cloud.Source,
        Id = id,
        Type = ReadingType.State,
        Resource = cloud.Resource(
            "vm", said.Facts.Text("instance_id", "uuid") ?? throw MisfitException.Missing("instance_id or uuid")),
        Project = said.Project,
        From = default,
        To = default,
        Shape = NovaShape.Of(said.Facts),
    };
}

/// <summary>The shape of a server: of its flavor where the payload holds one, else of the fields beside it.</summary>
internal static class NovaShape
{
    public static Shape Of(JsonElement facts)
    {
        var flavor = facts.Inside("flavor") is { } told ? told.Inside("nova_object.data") ?? told : facts;
        Dictionary<string, string> values = new()
        {
            ["vcpu"] = OpenStackNotification.Number(flavor, "vcpus"),
            ["ram_mib"] = OpenStackNotification.Number(flavor, "memory_mb"),
        };
        if ((facts.Inside("flavor") is null ? facts.Text("instance_type") : flavor.Text("name")) is { } name)
        {
            values["flavor"] = name;
        }

        var gpus = new NovaGpus();
        if (flavor.Inside("extra_specs") is { } specs)
        {
            gpus.AddSpecs(specs, withAliases: true);
        }

        if (gpus.Found is var (model, count))
        {
            values["gpu_model"] = model;
            values["gpu"] = count.ToString(CultureInfo.InvariantCulture);
        }

        return Shape.Of(values);
    }
}
