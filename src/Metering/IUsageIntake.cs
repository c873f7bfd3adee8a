namespace Exchange.Metering;

/// <summary>Takes the events of a request: here, or by the server that owns the lane of its landlord.</summary>
public interface IUsageIntake
{
    /// <summary>The lanes that this server owns, by name; null where it shares them with no other.</summary>
    IReadOnlyList<string>? Owned { get; }

    /// <summary>Takes the events of one request, all or none: of this landlord only, and no more bytes.</summary>
    /// <param name="by">Who brings them: sources are heard by it.</param>
    Task<Received> Receive(
        Stream events, LandlordId landlord, long most, bool withItems, CancellationToken ct,
        string by = HeardSource.Files);
}
