using System.Collections.Immutable;

namespace Exchange.Metering;

/// <summary>A lane beside that of the ledger.</summary>
/// <param name="Database">What the settings of each server call its database.</param>
public sealed record LaneEntry(int Number, string Name, string Database);

/// <summary>Which lanes there are, where each is, and who lives in which; whoever is not named lives at home.</summary>
/// <param name="Lanes">By their numbers; home, the ledger's own, is 0 and not among them.</param>
/// <param name="MovingLandlord">Who is being moved.</param>
/// <param name="MovingLane">Which lane is being moved.</param>
public sealed record LaneBook(
    ImmutableSortedDictionary<int, LaneEntry> Lanes, ImmutableDictionary<LandlordId, int> Landlords,
    LaneEvent.LandlordMoving? MovingLandlord, LaneEvent.Moving? MovingLane)
{
    public const string Id = "all";

    /// <summary>What the lane of the ledger is called.</summary>
    public const string Home = "home";

    public static readonly Fold<LaneBook, LaneEvent> Fold = new(
        "lanes",
        new(ImmutableSortedDictionary<int, LaneEntry>.Empty, ImmutableDictionary<LandlordId, int>.Empty, null, null),
        Evolve);

    /// <summary>The number of the lane in which a landlord lives.</summary>
    public int Of(LandlordId landlord) => Landlords.GetValueOrDefault(landlord);

    /// <summary>The number of a lane by its name; null where there is none.</summary>
    public int? Find(string name) => name == Home ? 0
        : Lanes.Values.FirstOrDefault(one => one.Name == name)?.Number;

    public string NameOf(int number) => number == 0 ? Home : Lanes[number].Name;

    /// <summary>Whether what is told of a landlord, or of all, may be in two places or in none just now.</summary>
    public bool IsMoving(LandlordId? whose) =>
        (MovingLandlord is { } moving && (whose ?? moving.Landlord) == moving.Landlord) ||
        (MovingLane is { } lane && (whose is not { } one || Of(one) == lane.Number));

    /// <summary>Why nothing can be moved now; null where it can, or where the same is being moved.</summary>
    public Refusal? Busy(LandlordId? landlord, int? lane) =>
        MovingLandlord is { } one && one.Landlord != landlord ? Other($"'{one.Landlord}'", NameOf(one.To))
        : MovingLane is { } other && other.Number != lane ? Other($"the lane '{NameOf(other.Number)}'", other.Database)
        : null;

    private static Refusal Other(string what, string to) => new(
        "lanes/other-move",
        $"Moving {what} to '{to}' was begun and is not done. Let it end, or do it again: it goes on where it was " +
        "left.");

    private static LaneBook Evolve(LaneBook book, LaneEvent happened) => happened switch
    {
        LaneEvent.Added e => book with { Lanes = book.Lanes.SetItem(e.Number, new(e.Number, e.Name, e.Database)) },
        LaneEvent.Moving e => book with { MovingLane = e },
        LaneEvent.Moved e => book with
        {
            MovingLane = null,
            Lanes = book.Lanes.SetItem(e.Number, book.Lanes[e.Number] with { Database = e.Database }),
        },
        LaneEvent.LandlordMoving e => book with { MovingLandlord = e },
        LaneEvent.LandlordMoved e => book with
        {
            MovingLandlord = null,
            Landlords = e.To == 0 ? book.Landlords.Remove(e.Landlord) : book.Landlords.SetItem(e.Landlord, e.To),
        },
        _ => throw new CorruptStreamException(book, happened),
    };
}
