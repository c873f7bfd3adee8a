using NodaTime;

namespace Exchange.Metering;

/// <summary>What every reading must keep to, whoever read it from wherever.</summary>
internal static class Bounds
{
    /// <summary>What is passed on from others' bills is of this kind; nobody reports it.</summary>
    public const string BillKind = "bill";

    private static readonly Instant Earliest = Instant.FromUtc(2000, 1, 1, 0, 0);
    private static readonly Duration Tolerance = Duration.FromMinutes(5);

    /// <summary>
    /// Quantities that are equal are the same bits: zeros at the end are dropped, and the sign of zero.
    /// </summary>
    public static decimal Plain(decimal quantity) => quantity == 0 ? 0m : quantity / 1.0000000000000000000000000000m;

    /// <summary>The reading with its instants cut to microseconds, or why it cannot be taken.</summary>
    public static Collected Check(Collected collected, Instant now)
    {
        if (collected.Correction is { } correction)
        {
            return Check(correction, now);
        }

        if (collected.Reading is not { } finer)
        {
            return collected;
        }

        var reading = finer with { From = Cut(finer.From), To = Cut(finer.To) };
        return ProblemOf(reading, now) is not { } problem
            ? reading
            : new RejectedReading(problem.Code, problem.Message, reading.Source, reading.Id, reading.Resource.Landlord,
                reading.ToLine());
    }

    /// <summary>A correction is in bounds if what it puts in place is, as if it were of its own time.</summary>
    private static Collected Check(UsageCorrection finer, Instant now)
    {
        var correction = finer with { Time = Cut(finer.Time) };
        var stand = correction.Replacement is { } replacement
            ? replacement with { From = Cut(replacement.From), To = Cut(replacement.To) }
            : new Reading
            {
                Source = correction.Source,
                Id = correction.Id,
                Type = ReadingType.State,
                Resource = new(correction.Landlord, new("-"), "-", "-"),
                Project = new("-"),
                From = correction.Time,
                To = correction.Time,
            };
        var isText = Name.IsOne(correction.Corrects) && IsText(correction.Corrects) && IsText(correction.Reason);
        var problem = correction.Time < Earliest || correction.Time > now + Tolerance
            ? new Refusal("reading/in-the-future", $"It is of {Text.Of(correction.Time)}. Correct the clock.")
            : isText ? ProblemOf(stand, now)
            : new("reading/not-text", "'corrects' or 'reason' holds half of a character. Correct its reporter.");
        return problem is null
            ? correction with { Replacement = correction.Replacement is null ? null : stand }
            : new RejectedReading(problem.Code, problem.Message, correction.Source, correction.Id, correction.Landlord,
                correction.ToEvent());
    }

    private static Refusal? ProblemOf(Reading reading, Instant now)
    {
        var ends = reading.Type == ReadingType.Sample ? reading.From : reading.To;
        return (reading.From < Earliest, reading.From > now + Tolerance || ends > now + Tolerance) switch
        {
            (true, _) => new Refusal(
                "reading/too-early", $"{Text.Of(reading.From)} is before 2000. Correct the clock."),
            (_, true) => new(
                "reading/in-the-future", $"It speaks of {Text.Of(ends)}, now is {Text.Of(now)}. Correct the clock."),
            _ => LengthProblem(reading) ?? NameProblem(reading) ?? ContentProblem(reading),
        };
    }

    private static Refusal? LengthProblem(Reading reading) => reading switch
    {
        { Type: ReadingType.Interval or ReadingType.Sample } when reading.To <= reading.From =>
            new("reading/empty-interval", $"It ends at {Text.Of(reading.To)}, not after its start. Correct its times."),
        _ when reading.To < reading.From =>
            new("reading/empty-interval", $"It ends at {Text.Of(reading.To)}, before its start. Correct its times."),
        _ => null,
    };

    /// <summary>What cannot be read back as the name that it was must not be stored as one.</summary>
    private static Refusal? NameProblem(Reading reading)
    {
        var (landlord, cluster, kind, subject) = reading.Resource;
        foreach (var (field, name, isPart) in ((string, string, bool)[])
            [
                ("source", reading.Source, false), ("id", reading.Id, false), ("landlord", landlord.Value, true),
                ("cluster", cluster.Value, true), ("kind", kind, true), ("subject", subject, false),
                ("project", reading.Project.Value, false), ("meter", reading.Meter ?? "none", false),
            ])
        {
            if (!Name.IsOne(name) || (isPart && name.Contains('/', StringComparison.Ordinal)))
            {
                return new(
                    "reading/bad-name",
                    $"'{field}' is missing, empty, longer than {Name.MaxLength}, not plain text, or holds a " +
                    "slash where none may be.");
            }

            if (!IsText(name))
            {
                return new("reading/not-text", $"'{field}' holds half of a character. Correct its reporter.");
            }
        }

        return null;
    }

    private static Refusal? ContentProblem(Reading reading) => reading switch
    {
        { Type: ReadingType.Count, Meter: null } =>
            new("reading/bad-name", "A count lacks its 'meter'. Name what was counted."),
        { Type: not ReadingType.Count, Meter: not null } =>
            new("reading/unknown-type", "Only a count has a 'meter'. Leave it out."),
        { Resource.Kind: var kind } when BillKind.Equals(kind, StringComparison.OrdinalIgnoreCase) => new(
            "reading/bill",
            "Usage of kind 'bill' is what an imported bill makes. Import the bill with 'exchange ingest --format'."),
        { Quantity: < 0 } => new("reading/negative-quantity", "The quantity is below 0. Correct it."),
        { Quantity: >= Shape.NumberLimit } =>
            new("reading/not-a-number", $"The quantity is not below {Shape.NumberLimit:#,0}. Correct it."),
        _ => Shape.Problem(reading.Shape.All) ?? (IsText(reading.Shape.ToString())
            ? null
            : new("reading/not-text", "The shape holds half of a character. Correct its reporter.")),
    };

    /// <summary>Whether it is whole characters: half of a surrogate pair is no text anywhere else.</summary>
    private static bool IsText(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }

    private static Instant Cut(Instant instant)
    {
        var ticks = instant.ToUnixTimeTicks();
        return Instant.FromUnixTimeTicks(ticks - (((ticks % 10) + 10) % 10));
    }
}
