using NodaTime;

namespace Exchange.Metering;

/// <summary>What every reading must keep to, whoever read it from wherever.</summary>
internal static class Bounds
{
    private static readonly Instant Earliest = Instant.FromUtc(2000, 1, 1, 0, 0);
    private static readonly Duration Tolerance = Duration.FromMinutes(5);

    /// <summary>The reading with its instants cut to microseconds, or why it cannot be taken.</summary>
    public static Collected Check(Collected collected, Instant now)
    {
        if (collected.Reading is not { } finer)
        {
            return collected;
        }

        var reading = finer with { From = Cut(finer.From), To = Cut(finer.To) };
        var ends = reading.Type == ReadingType.Sample ? reading.From : reading.To;
        var problem = (reading.From < Earliest, reading.From > now + Tolerance || ends > now + Tolerance) switch
        {
            (true, _) => new Refusal(
                "reading/too-early", $"{Text.Of(reading.From)} is before 2000. Correct the clock."),
            (_, true) => new(
                "reading/in-the-future", $"It speaks of {Text.Of(ends)}, now is {Text.Of(now)}. Correct the clock."),
            _ => LengthProblem(reading),
        };
        return problem is null
            ? reading
            : new Misfit(problem.Code, problem.Message, reading.Source, reading.Id, reading.Resource.Landlord,
                Readings.Line(reading));
    }

    private static Refusal? LengthProblem(Reading reading) => reading switch
    {
        { Type: ReadingType.Interval or ReadingType.Sample } when reading.To <= reading.From =>
            new("reading/empty-interval", $"It ends at {Text.Of(reading.To)}, not after its start. Correct its times."),
        { Type: ReadingType.Count } when reading.To < reading.From =>
            new("reading/empty-interval", $"It ends at {Text.Of(reading.To)}, before its start. Correct its times."),
        { Quantity: < 0 } => new("reading/negative-quantity", "The quantity is below 0. Correct it."),
        _ => null,
    };

    private static Instant Cut(Instant instant)
    {
        var ticks = instant.ToUnixTimeTicks();
        return Instant.FromUnixTimeTicks(ticks - (((ticks % 10) + 10) % 10));
    }
}
