using Exchange.Metering;
using Orleans;

namespace Exchange.Servers;

/// <summary>What became of a request, on its way back to the server that it came to.</summary>
[GenerateSerializer, Immutable]
internal sealed record ForwardedAnswer([property: Id(0)] ForwardedAnswer.Ends End)
{
    /// <summary>How a request ended.</summary>
    public enum Ends
    {
        Done,
        TooLarge,
        NotEvents,
        TooManyNames,
        Busy,
        Foreign,
        Refused,
        Failed,
        TooManyMisfits,
    }

    [Id(1)]
    public long Accepted { get; init; }

    [Id(2)]
    public long Duplicate { get; init; }

    [Id(3)]
    public long Quarantined { get; init; }

    [Id(4)]
    public ForwardedItem[] Items { get; init; } = [];

    [Id(5)]
    public int Seconds { get; init; }

    [Id(6)]
    public string Code { get; init; } = "";

    [Id(7)]
    public string Text { get; init; } = "";

    [Id(8)]
    public string? Where { get; init; }

    public static ForwardedAnswer Of(Refusal refusal) => new(Ends.Refused)
    {
        Code = refusal.Code,
        Text = refusal.Message,
        Where = refusal.Where,
    };

    public static ForwardedAnswer Of(Received received) => received switch
    {
        Received.Done done => new(Ends.Done)
        {
            Accepted = done.Outcome.Accepted,
            Duplicate = done.Outcome.Duplicate,
            Quarantined = done.Outcome.Quarantined,
            Items =
            [
                .. done.Items.Select(item => new ForwardedItem(
                    item.Source, item.Id, (int)item.Fate, item.Reason, item.Why)),
            ],
        },
        Received.TooLarge => new(Ends.TooLarge),
        Received.NotEvents not => new(Ends.NotEvents) { Text = not.Why },
        Received.TooManyNames names => new(Ends.TooManyNames) { Seconds = names.RetryAfterSeconds },
        Received.TooManyMisfits misfits => new(Ends.TooManyMisfits) { Seconds = misfits.RetryAfterSeconds },
        Received.Busy => new(Ends.Busy),
        Received.Foreign => new(Ends.Foreign),
        _ => throw new InvalidOperationException($"{received} is no end of a request."),
    };

    /// <exception cref="RefusedException">The owner refused it.</exception>
    public Received ToReceived() => End switch
    {
        Ends.Done => new Received.Done(
            new(Accepted, Duplicate, Quarantined),
            [.. Items.Select(item => new ItemOutcome(
                item.Source, item.Id, (ItemFate)item.Fate, item.Reason, item.Why))]),
        Ends.TooLarge => new Received.TooLarge(),
        Ends.NotEvents => new Received.NotEvents(Text),
        Ends.TooManyNames => new Received.TooManyNames(Seconds),
        Ends.TooManyMisfits => new Received.TooManyMisfits(Seconds),
        Ends.Busy => new Received.Busy(),
        Ends.Foreign => new Received.Foreign(),
        Ends.Refused => throw new RefusedException(new(Code, Text, Where)),
        Ends.Failed => throw new InvalidOperationException("The owner of the lane failed."),
    };
}

/// <summary>What became of one reading.</summary>
[GenerateSerializer, Immutable]
internal sealed record ForwardedItem(
    [property: Id(0)] string Source, [property: Id(1)] string Id, [property: Id(2)] int Fate,
    [property: Id(3)] string? Reason, [property: Id(4)] string? Why);
