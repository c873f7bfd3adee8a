using System.Text.Json;
using NodaTime;

namespace Exchange.Metering.Collectors.Live;

/// <summary>What a full dump held and had not ended.</summary>
internal sealed record OpenResource(ResourceId Resource, ProjectId Project, Instant Since);

/// <summary>
/// Asks about what a full dump leaves out, and takes the question back where a later one has it again: lists lose rows
/// and get them back. What was ended meanwhile is asked about once more, for it would be billed no more.
/// </summary>
internal sealed class LeftOut(Meter meter, string format, CollectorContext context)
{
    private const string Reason = "dump/left-out";
    private const string Again = "dump/came-back";
    private const string Back = "/came-back";

    /// <summary>What was last seen at an instant ended then at the earliest: that instant is stated.</summary>
    public Collected Asks(OpenResource one, Instant seenAt)
    {
        var at = Instant.Max(seenAt, one.Since);
        var (resource, source) = (one.Resource, context.Source(one.Resource.Cluster, format));
        var id = $"{resource.Subject}/left-out/{at.ToUnixTimeSeconds()}";
        var ends = JsonSerializer.Serialize(new
        {
            specversion = "1.0",
            id,
            source,
            type = "exchange.usage.state.v1",
            subject = resource.Subject,
            time = Text.Of(at),
            data = new
            {
                landlord = resource.Landlord.Value,
                cluster = resource.Cluster.Value,
                project = one.Project.Value,
                kind = resource.Kind,
                state = "deleted",
            },
        });
        return new RejectedReading(Reason,
            $"{resource} of project '{one.Project}' was in the dump before and is not in '{context.File}'. It is " +
            $"billed on until somebody decides: release this to end it at {Text.Of(at)}, when it was last seen, or " +
            "correct the time; discard it if it goes on.",
            source, id, context.Landlord, ends);
    }

    /// <summary>
    /// Takes back what waits about resources that are there again, and asks about those that were ended meanwhile.
    /// </summary>
    /// <param name="lastOf">What the dump says last of a resource; null where it does not have it.</param>
    public async Task<IReadOnlyList<Collected>> CameBack(Func<ResourceId, Reading?> lastOf, CancellationToken ct)
    {
        var again = new List<Collected>();
        foreach (var (name, isWaiting, text) in await meter.Unanswered(context.Landlord, Reason, Again, Back, ct))
        {
            if (ReadAgain.Of(text).Reading is not { } end || lastOf(end.Resource) is not { } last ||
                context.Source(end.Resource.Cluster, format) != end.Source)
            {
                continue;
            }

            if (isWaiting)
            {
                await meter.Discard(name, $"'{context.File}' has it again.", context.By, ct);
            }
            else if (last.State != ResourceState.Deleted || last.From > end.From)
            {
                again.Add(AsksAgain(end));
            }
        }

        return again;
    }

    private RejectedReading AsksAgain(Reading end)
    {
        var back = new UsageCorrection
        {
            Landlord = end.Resource.Landlord,
            Source = end.Source,
            Id = end.Id + Back,
            Corrects = end.Id,
            Time = end.From,
            Reason = "A later dump has it again.",
        };
        return new(Again,
            $"{end.Resource} was ended at {Text.Of(end.From)} because a dump left it out, and is in '{context.File}' " +
            "again. It is billed up to that end only until somebody decides: release this to take the end back; " +
            "discard it if it ended.",
            end.Source, back.Id, context.Landlord, back.ToEvent());
    }
}
