using Exchange.Metering;
using Microsoft.Extensions.Logging;

namespace Exchange.Servers;

/// <summary>
/// Takes a request here where its lane is this server's own, and otherwise has the owner take it. Where the owner
/// cannot be reached it is taken here, too: whatever the owner did with it, each reading counts once.
/// </summary>
internal sealed class ForwardingIntake(Meter meter, Func<Standing> standing, ILogger log) : IUsageIntake
{
    public IReadOnlyList<string> Owned =>
        [.. standing().Own.OrderBy(lane => lane.Key).Select(lane => lane.Value)];

    public async Task<Received> Receive(
        Stream events, LandlordId landlord, long most, bool withItems, CancellationToken ct,
        string by = HeardSource.Files)
    {
        if (!standing().Others.TryGetValue(await meter.LaneOf(landlord, ct), out var owner) || owner.Rests)
        {
            return await meter.Receive(events, landlord, most, withItems, ct, by);
        }

        if (await PiecesStream.Pieces(events, most, ct) is not { } body)
        {
            return new Received.TooLarge();
        }

        try
        {
            // It keeps its place until it is over, also where nobody waits for the answer any more.
            var answer = await owner.Send(new(body, landlord.Value, most, withItems, by));
            if (answer.End is not (ForwardedAnswer.Ends.Busy or ForwardedAnswer.Ends.Failed))
            {
                return answer.ToReceived();
            }
        }
        catch (Exception e) when (e is not RefusedException refused || Meter.IsElsewhere(refused.Refusal))
        {
            log.LogWarning("An owner of lanes does not answer, so its readings are taken here: {Why}", e.Message);
        }

        await using var again = new PiecesStream(body);
        return await meter.Receive(again, landlord, most, withItems, ct, by);
    }
}
