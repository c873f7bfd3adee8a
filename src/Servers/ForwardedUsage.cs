using Exchange.Metering;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Services;

namespace Exchange.Servers;

/// <summary>A request as it came, its body in pieces, for the server that owns its lane.</summary>
[GenerateSerializer, Immutable]
internal sealed record ForwardedRequest(
    [property: Id(0)] byte[][] Body, [property: Id(1)] string Landlord, [property: Id(2)] long MaxBytes,
    [property: Id(3)] bool WithItems, [property: Id(4)] string By)
{
    public long Bytes => Body.Sum(piece => (long)piece.Length);
}

/// <summary>Takes requests that came to other servers.</summary>
internal interface IForwardedUsage : IGrainService
{
    /// <summary>What became of each, in their order; those who ask wait for this long.</summary>
    [ResponseTimeout("00:00:10")]
    Task<ForwardedAnswer[]> Take(ForwardedRequest[] requests);
}

/// <summary>
/// The end of the lines at the owner of lanes. Each request is as if it had come here, and shares a commit with others.
/// Bodies are in memory by then, so no more are taken than there is room for; the rest is told to come again.
/// </summary>
[Reentrant]
internal sealed class ForwardedUsage(GrainId id, Silo silo, ILoggerFactory logs, Meter meter, ForwardedRoom room)
    : GrainService(id, silo, logs), IForwardedUsage
{
    private readonly ILogger _log = logs.CreateLogger<ForwardedUsage>();

    public Task<ForwardedAnswer[]> Take(ForwardedRequest[] requests) =>
        Task.Run(() => Task.WhenAll(requests.Select(TakeOne)));

    private async Task<ForwardedAnswer> TakeOne(ForwardedRequest request)
    {
        var bytes = request.Bytes;
        if (!room.TryTake(bytes))
        {
            return ForwardedAnswer.Of(new Received.Busy());
        }

        try
        {
            await using var body = new PiecesStream(request.Body);
            // Whoever sent it may not wait any more; what was begun is written all the same.
            return ForwardedAnswer.Of(await meter.Receive(
                body, new(request.Landlord), request.MaxBytes, request.WithItems, CancellationToken.None, request.By));
        }
        catch (RefusedException e)
        {
            return ForwardedAnswer.Of(e.Refusal);
        }
        catch (Exception e)
        {
            // Of this one: the others of its batch were taken.
            _log.LogWarning("A request of another server failed, which takes it itself: {Why}", e.Message);
            return new(ForwardedAnswer.Ends.Failed);
        }
        finally
        {
            room.GiveBack(bytes);
        }
    }
}

/// <summary>How many bytes of others' requests may be in work here.</summary>
internal sealed class ForwardedRoom(long maxBytes)
{
    private long _bytes;

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= maxBytes)
        {
            return true;
        }

        GiveBack(bytes);
        return false;
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref _bytes, -bytes);
}
