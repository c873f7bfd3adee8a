namespace Exchange.Metering;

/// <summary>What became of the events of one request: they were taken, or nothing of it was kept.</summary>
public abstract record Received
{
    private Received() { }

    /// <summary>So many events a request may have.</summary>
    public const int MaxEvents = EventStream.EventsAtOnce;

    /// <summary>Of so many events a request may ask what became of each: the answer is as large.</summary>
    public const int MaxItems = 5_000;

    /// <summary>They are durable, or were set aside.</summary>
    public sealed record Done : Received
    {
        internal Done(BatchOutcome taken, bool withItems) : this(taken.Outcome, withItems ? [.. taken.Items()] : [])
        {
        }

        /// <summary>As another server said it.</summary>
        public Done(IngestOutcome outcome, IReadOnlyList<ItemOutcome> items) => (Outcome, Items) = (outcome, items);

        public IngestOutcome Outcome { get; }

        /// <summary>What became of each, in the order in which they came; empty unless it was asked for.</summary>
        public IReadOnlyList<ItemOutcome> Items { get; }
    }

    /// <summary>There are more bytes, or events, than allowed.</summary>
    public sealed record TooLarge : Received;

    /// <summary>This is no JSON, or there is no CloudEvent in it.</summary>
    public sealed record NotEvents(string Why) : Received;

    /// <summary>There are more new names in it than its landlord may bring now.</summary>
    public sealed record TooManyNames(int RetryAfterSeconds) : Received;

    /// <summary>More of it, or of what came before, had to be set aside than its landlord may bring now.</summary>
    public sealed record TooManyMisfits(int RetryAfterSeconds) : Received;

    /// <summary>The server that takes them has too much in work.</summary>
    public sealed record Busy : Received;

    /// <summary>An event is of another landlord.</summary>
    public sealed record Foreign : Received;
}
