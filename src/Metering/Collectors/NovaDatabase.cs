using System.Globalization;
using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>
/// Format 'nova-db': a dump of Nova's database. What was done to a server gives its states, its row the shape, and its
/// PCI requests the GPUs. Every act has its own id, so that tomorrow's dump repeats today's and adds to it.
/// </summary>
public static class NovaDatabase
{
    public const string Format = "nova-db";

    private const string Shadow = "shadow_";
    private static readonly string[] Tables = ["instances", "instance_extra", "instance_actions"];

    public static IEnumerable<Collected> Read(Stream stream, CollectorContext context)
    {
        var cluster = context.RequiredCluster(Format);
        var cloud = new OpenStackCloud(context.Landlord, cluster, context.Source(cluster, Format));
        Dictionary<string, NovaServer> servers = new(StringComparer.Ordinal);
        var anyServers = false;
        foreach (var told in SqlDump.Read(stream, context.File, [.. Tables, .. Tables.Select(table => Shadow + table)]))
        {
            // What 'nova-manage db archive_deleted_rows' moved away is as true as before.
            var row = told.Table.StartsWith(Shadow, StringComparison.Ordinal)
                ? told with { Table = told.Table[Shadow.Length..] }
                : told;
            context.Tally.Records++;
            anyServers |= row.Table == "instances";
            if ((row.Table == "instances" ? row["uuid"] : row["instance_uuid"]) is not { Length: > 0 } uuid)
            {
                context.Tally.Ignored++;
                continue;
            }

            if (!servers.TryGetValue(uuid, out var server))
            {
                servers.Add(uuid, server = new(uuid));
            }

            server.Add(row, context.Tally.Records);
        }

        if (!anyServers)
        {
            throw new RefusedException(new("nova/no-instances",
                "The dump holds no rows of table instances. Dump instances, instance_extra and instance_actions.",
                context.File));
        }

        // In the order of their rows, whatever table came first: the order in which projects are listed later.
        return servers.Values.OrderBy(server => server.Place).SelectMany(server => server.Collect(cloud));
    }
}

/// <summary>An act on a server as Nova's database holds it.</summary>
internal readonly record struct NovaAct(Instant At, long Number, string Name, bool Failed);

/// <summary>What a dump says of one server, gathered from its three tables.</summary>
internal sealed class NovaServer(string uuid)
{
    private readonly List<NovaAct> _acts = [];
    private SqlRow? _row;
    private string? _pciRequests;
    private string? _flavor;
    private string? _brokenAct;

    /// <summary>Where in the dump its row is.</summary>
    public long Place { get; private set; } = long.MaxValue;

    public void Add(SqlRow row, long place)
    {
        switch (row.Table)
        {
            case "instances":
                // A row that ended may be archived while it is dumped, and is there twice then.
                (_row, Place) = _row is { } ended && ended["deleted_at"] is not null && row["deleted_at"] is null
                    ? (_row, Place)
                    : (row, place);
                break;
            case "instance_extra":
                (_pciRequests, _flavor) = (row["pci_requests"], row["flavor"]);
                break;
            default:
                AddAct(row);
                break;
        }
    }

    /// <summary>The readings of the server; what was done to servers that have no row any more is left out.</summary>
    public IEnumerable<Collected> Collect(OpenStackCloud cloud)
    {
        if (_row is not { } row)
        {
            return [];
        }

        try
        {
            List<Collected> collected = [];
            var shape = ShapeOf(row, out var unreadable);
            if (unreadable is not null)
            {
                collected.Add(Reject("nova/pci-requests-unreadable",
                    $"The GPUs of server {uuid} cannot be read; it counts as one with a GPU that has no price. " +
                    "Correct the row.",
                    unreadable, cloud));
            }

            if (_brokenAct is not null)
            {
                throw MisfitException.NotATime("an act", _brokenAct);
            }

            return collected.Concat(States(cloud, row, shape));
        }
        catch (Exception e) when (Record.AsMisfit(e) is { } misfit)
        {
            return [Reject(misfit.Reason, $"Server {uuid}: {misfit.Message}", string.Join(',', row.Values), cloud)];
        }
    }

    private void AddAct(SqlRow row)
    {
        if (ReportedTime.Parse(row["created_at"]) is not { } at)
        {
            _brokenAct = row["created_at"] ?? "NULL";
            return;
        }

        var number = long.TryParse(row["id"], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : _acts.Count;
        _acts.Add(new(at, number, row["action"] ?? "", row["message"] == "Error"));
    }

    private List<Collected> States(OpenStackCloud cloud, SqlRow row, Shape shape)
    {
        var resource = cloud.Resource("vm", uuid);
        var project = row["project_id"] is { } told && Name.IsOne(told)
            ? new ProjectId(told)
            : throw MisfitException.Missing("project_id");
        List<Collected> states = [.. NovaHistory.Of(_acts, shape).Select(s => (Collected)State(
            $"{uuid}/{s.Act.Name}/{s.Act.At.ToUnixTimeSeconds()}/{s.Act.Number}", s.Act.At, s.State, s.Shape))];
        if (states.Count == 0)
        {
            var launched = ReportedTime.Parse(row["launched_at"]) ?? throw NothingDone();
            states.Add(State($"{uuid}/launched", launched, ResourceState.Running, shape));
        }

        if (row["deleted_at"] is { } gone)
        {
            var at = ReportedTime.Parse(gone) ?? throw MisfitException.NotATime("deleted_at", gone);
            states.Add(State($"{uuid}/deleted", at, ResourceState.Deleted, shape));
        }

        return states;

        Reading State(string id, Instant at, ResourceState state, Shape told) => new()
        {
            Source = cloud.Source,
            Id = id,
            Type = ReadingType.State,
            Resource = resource,
            Project = project,
            From = at,
            To = at,
            State = state,
            Shape = told,
        };
    }

    private static MisfitException NothingDone() => new(
        "nova/no-actions",
        "Nothing was ever done to it and it was never launched. Check table instance_actions of the dump.");

    private Shape ShapeOf(SqlRow row, out string? unreadable)
    {
        Dictionary<string, string> values = [];
        (values["vcpu"], values["ram_mib"]) = (Number(row, "vcpus"), Number(row, "memory_mb"));
        if (PciRequests.Gpus(_pciRequests, _flavor, out unreadable) is var (model, count))
        {
            values["gpu"] = count.ToString(CultureInfo.InvariantCulture);
            values["gpu_model"] = model;
        }

        return Shape.Of(values);
    }

    private static string Number(SqlRow row, string column) => row[column] switch
    {
        null => throw MisfitException.Missing(column),
        { } text when decimal.TryParse(text, Text.PlainNumber, null, out var number) => Text.Of(number),
        { } text => throw MisfitException.NotANumber(column, text),
    };

    private RejectedReading Reject(string reason, string why, string text, OpenStackCloud cloud) =>
        new(reason, why, cloud.Source, $"{uuid}/{Record.Hash($"{reason} {text}")}", cloud.Landlord, Record.Kept(text));
}
