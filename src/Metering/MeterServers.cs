namespace Exchange.Metering;

/// <summary>Takes readings, each once for ever; here is what servers ask that share its lanes.</summary>
public sealed partial class Meter : IUsageIntake
{
    /// <summary>A meter takes all itself, and knows of no other.</summary>
    IReadOnlyList<string>? IUsageIntake.Owned => null;

    /// <summary>The number of the lane in which a landlord lives, as far as it is known here.</summary>
    public async ValueTask<int> LaneOf(LandlordId landlord, CancellationToken ct) =>
        await _lanes.Known(ct) is { IsSingle: false } map ? map.Book.Of(landlord) : 0;

    /// <summary>The lanes there are now, also those that this server does not know how to reach.</summary>
    public async Task<IReadOnlyDictionary<int, string>> LaneNames(CancellationToken ct)
    {
        var book = (await _lanes.Now(ct)).Book;
        return book.Lanes.Keys.Prepend(0).ToDictionary(number => number, book.NameOf);
    }

    /// <summary>Brings the segments of a lane up to what is durable there.</summary>
    public Task FoldLane(int number, CancellationToken ct) => _lanes.Last[number].Folding.Fold(ct);

    /// <summary>Forgets what is known of a lane's readings, but for filters: another server takes them now.</summary>
    public void Forget(int number) =>
        _lanes.Last.Reachable.FirstOrDefault(lane => lane.Number == number)?.Intake.Forget();
}
