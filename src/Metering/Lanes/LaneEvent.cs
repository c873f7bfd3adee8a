using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Metering;

/// <summary>What was decided about lanes: which there are, where each is, who lives where. Stored for ever.</summary>
[JsonDerivedType(typeof(Added), "lane-added/1")]
[JsonDerivedType(typeof(Moving), "lane-moving/1")]
[JsonDerivedType(typeof(Moved), "lane-moved/1")]
[JsonDerivedType(typeof(LandlordMoving), "lane-landlord-moving/1")]
[JsonDerivedType(typeof(LandlordMoved), "lane-landlord-moved/1")]
public abstract record LaneEvent
{
    private LaneEvent() { }

    /// <summary>There is a lane more.</summary>
    /// <param name="Number">Its pages and blocks are told apart by it; never given again.</param>
    /// <param name="Database">What the settings of each server call its database.</param>
    public sealed record Added(int Number, string Name, string Database, string By, Instant At) : LaneEvent;

    /// <summary>From here on a lane may be closed where it is; nothing is told of it until it is moved.</summary>
    public sealed record Moving(int Number, string Database, string By, Instant At) : LaneEvent;

    /// <summary>A lane is in this database from now on.</summary>
    public sealed record Moved(int Number, string Database, string By, Instant At) : LaneEvent;

    /// <summary>From here on a landlord may be closed in its lane; nothing is told of it until it is moved.</summary>
    public sealed record LandlordMoving(LandlordId Landlord, int From, int To, string By, Instant At) : LaneEvent;

    /// <summary>A landlord lives in this lane from now on.</summary>
    public sealed record LandlordMoved(LandlordId Landlord, int From, int To, string By, Instant At) : LaneEvent;
}
