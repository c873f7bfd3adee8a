using System.Diagnostics;
using NodaTime;

namespace Exchange.Portal.Demo;

/// <summary>The time of the demonstration: it leaps from event to event, then goes on from its last day.</summary>
internal sealed class DemoClock(Instant start) : IClock
{
    private readonly Lock _turn = new();
    private Instant _from = start;
    private long _since = Stopwatch.GetTimestamp();

    public Instant GetCurrentInstant()
    {
        lock (_turn)
        {
            return _from + Duration.FromTimeSpan(Stopwatch.GetElapsedTime(_since));
        }
    }

    public void LeapTo(Instant instant)
    {
        lock (_turn)
        {
            (_from, _since) = (instant, Stopwatch.GetTimestamp());
        }
    }
}
