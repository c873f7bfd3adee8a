using System.Text.Json;
using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>
/// Format 'storage-quotas': allocations of ColdFront with the history of their storage quotas, change requests and
/// statuses. What is billed is the quota, used or not: increases from when they were fulfilled, decreases from when
/// they were asked for. The form of the file is in README.md beside this.
/// </summary>
public static class StorageQuotas
{
    public const string Format = "storage-quotas";

    private static readonly HashSet<string> Quotas = new(StringComparer.Ordinal)
    {
        "OpenStack Volume Quota (GiB)", "OpenStack Swift Quota (GiB)",
        "OpenShift Limit on Ephemeral Storage Quota (GiB)", "OpenShift Request on NESE Storage Quota (GiB)",
        "OpenShift Request on IBM Storage Quota (GiB)",
    };

    private static readonly Dictionary<string, string> Clusters = new(StringComparer.Ordinal)
    {
        ["NERC"] = "stack",
        ["NERC-OCP"] = "ocp-prod",
        ["NERC-OCP-EDU"] = "academic",
    };

    public static IEnumerable<Collected> Read(Stream stream, CollectorContext context)
    {
        foreach (var record in JsonRecords.ReadWhole(stream, context.File))
        {
            context.Tally.Records++;
            var readings = new List<Collected>();
            try
            {
                MisfitException.Once(record.Value);
                readings.AddRange(Allocation(record.Value, context).Select(reading => (Collected)reading));
                context.Tally.Ignored += readings.Count == 0 ? 1 : 0;
            }
            catch (Exception e) when (Record.AsMisfit(e) is { } misfit)
            {
                var source = $"urn:exchange:{context.Landlord}:{Format}";
                readings = [Record.Reject(misfit, source, context.Landlord, record.Value.Raw())];
            }

            foreach (var reading in readings)
            {
                yield return reading;
            }
        }
    }

    private static List<Reading> Allocation(JsonElement allocation, CollectorContext context)
    {
        var id = allocation.Text("id") ?? throw MisfitException.Missing("id");
        var cluster = Cluster(allocation, context);
        var project = allocation.Inside("attributes")?.Text("Allocated Project ID") switch
        {
            null => throw MisfitException.Missing("attribute 'Allocated Project ID'"),
            { } text when Name.IsOne(text) => new ProjectId(text),
            { } text => throw MisfitException.NotAName("a project", text),
        };
        if (allocation.Inside("quota_history") is not { } quotas)
        {
            return [];
        }

        var requests = Events(allocation, "change_requests").ToList();
        var statuses = Events(allocation, "status_history").OrderBy(e => e.At).ToList();
        List<Reading> readings = [];
        foreach (var quota in quotas.EnumerateObject().Where(q => Quotas.Contains(q.Name)))
        {
            var history = QuotaHistory.Of(
                [.. Items(quota.Value).Select(item => new QuotaChange(At(item), Gib(item)))],
                [.. requests.Where(r => r.Item.Text("attribute") == quota.Name && r.Item.Text("status") == "Approved")
                    .Select(r => new QuotaChange(r.At, Gib(r.Item)))],
                [.. statuses.Select(s => (s.At, Billed: s.Item.Text("status") is not ("Denied" or "Revoked")))]);
            readings.AddRange(history.Select(step => ReadingOf(
                step, quota.Name, new(context.Landlord, cluster, "quota", $"{id}/{quota.Name}"), project,
                context.Source(cluster, Format))));
        }

        return readings;
    }

    /// <summary>
    /// Where the two rules differ the state says so: what only the scripts bill is suspended, and what they no longer
    /// bill is in error and was running before. A landlord's policies choose.
    /// </summary>
    private static Reading ReadingOf(
        QuotaStep step, string quota, ResourceId resource, ProjectId project, string source)
    {
        var (state, mark) = step switch
        {
            { Gib: null, Incumbent: null } => (ResourceState.Deleted, ""),
            { Gib: null } => (ResourceState.Suspended, "/suspended"),
            { Incumbent: null } => (ResourceState.Error, "/billed-again"),
            _ => (ResourceState.Running, ""),
        };
        Dictionary<string, string> shape = new()
        {
            ["quota"] = quota,
            ["storage_gib"] = Text.Of(step.Gib ?? step.Incumbent ?? 0),
        };
        if (state == ResourceState.Error)
        {
            shape["state_before"] = "running";
        }

        return new()
        {
            Source = source,
            Id = $"{resource.Subject}/{step.At.ToUnixTimeTicks()}{mark}",
            Type = ReadingType.State,
            Resource = resource,
            Project = project,
            From = step.At,
            To = step.At,
            State = state,
            Shape = Shape.Of(shape),
        };
    }

    private static ClusterId Cluster(JsonElement allocation, CollectorContext context)
    {
        var resource = allocation.Inside("resource");
        var told = resource?.Inside("attributes")?.Text("Internal Cluster Name") ??
            (resource?.Text("name") is { } name ? Clusters.GetValueOrDefault(name) : null);
        return told is not null && Name.IsOne(told)
            ? new ClusterId(told)
            : context.Cluster ?? throw MisfitException.Missing("cluster (resource attribute 'Internal Cluster Name')");
    }

    private static IEnumerable<(Instant At, JsonElement Item)> Events(JsonElement allocation, string name) =>
        allocation.Inside(name) is { } list ? Items(list).Select(item => (At(item), item)) : [];

    private static JsonElement.ArrayEnumerator Items(JsonElement list) => list.ValueKind == JsonValueKind.Array
        ? list.EnumerateArray()
        : throw MisfitException.Missing("list where a history should be");

    private static Instant At(JsonElement item) => ReportedTime.Parse(item.Text("created")) ??
        throw MisfitException.NotATime("'created' of a history", item.Text("created"));

    private static decimal Gib(JsonElement item) =>
        decimal.TryParse(item.Text("value"), Text.PlainNumber, null, out var gib) && gib >= 0
            ? gib
            : throw MisfitException.NotANumber("'value' of a quota, which is 0 or more", item.Text("value"));
}
