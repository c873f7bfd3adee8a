using System.Security.Cryptography;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Metering;

/// <summary>'exchange lanes add' — makes a lane of an empty database; nobody lives in it yet.</summary>
/// <param name="database">What the settings of each server call it.</param>
public sealed class AddLane(Meter meter, string name, string database, string by) : ICommand<LaneEntry>
{
    public const string Allowed = "look after the machine";
    private const int MaxName = 40;
    private const int Secret = 16;

    public string Act => "add lane";
    public string Target => $"{name} in {database}";
    public string Permission => Allowed;

    public async Task<LaneEntry> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var book = LaneBook.Fold.Of(await work.Read<LaneEvent>(LaneTurn.Stream, ct));
        var number = Check(book);
        await using var alone = await LaneTurn.Take(meter.Lanes, ct);
        await RefuseLandlord(ct);
        var fresh = await meter.Lanes.Databases.Open(database, ct);
        await using var connection = await fresh.OpenConnectionAsync(ct);
        if (await Head.Read(connection, ct) is { Number: > 0 } or { Moved.Length: > 0 })
        {
            throw new RefusedException(new(
                "lanes/not-empty", "That database holds readings already. Name an empty one.", database));
        }

        await FreshDatabase.RefuseKnown(fresh, database, await meter.Databases(ct), ct);

        // One that was copied from a template has the secret of all others that were.
        await connection.Execute(
            "update metering.head set secret = $1 where number = 0", [RandomNumberGenerator.GetBytes(Secret)], ct);
        work.Append(LaneTurn.Stream, (LaneEvent[])[new LaneEvent.Added(number, name, database, by, now)]);
        return new(number, name, database);
    }

    /// <summary>'exchange lanes move NAME' moves either.</summary>
    private async Task RefuseLandlord(CancellationToken ct)
    {
        if (LandlordId.TryParse(name, null, out var landlord) && await meter.HasLandlord(landlord, ct))
        {
            throw new RefusedException(new(
                "lanes/landlord",
                $"'{name}' is a landlord, and either is moved by its name. Name the lane otherwise."));
        }
    }

    /// <returns>The number that the lane gets.</returns>
    private int Check(LaneBook book)
    {
        if (name.Length is 0 or > MaxName || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'))
        {
            throw new RefusedException(new(
                "lanes/name", $"'{name}' is no name of a lane: use at most {MaxName} letters, digits and '-'."));
        }

        if (book.Find(name) is not null)
        {
            throw new RefusedException(new("lanes/exists", $"There is a lane '{name}' already. Name it otherwise."));
        }

        if (book.Lanes.Values.FirstOrDefault(one => one.Database == database) is { } other)
        {
            throw new RefusedException(new(
                "lanes/same-database", $"The lane '{other.Name}' is in '{database}'. Each needs one of its own."));
        }

        var number = book.Lanes.Keys.LastOrDefault() + 1;
        if (number > Lane.MaxNumber)
        {
            throw new RefusedException(new("lanes/too-many", $"An exchange has {Lane.MaxNumber} lanes at most."));
        }

        return number;
    }
}
