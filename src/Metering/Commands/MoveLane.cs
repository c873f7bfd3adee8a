using Exchange.Journal;
using NodaTime;

namespace Exchange.Metering;

/// <summary>'exchange lanes move LANE --to DATABASE' — brings a whole lane into another database.</summary>
/// <param name="database">What the settings of each server call it.</param>
public sealed class MoveLane(Meter meter, string name, string database, string by) : ICommand<MoveOutcome>
{
    public string Act => "move lane";
    public string Target => $"{name} to {database}";
    public string Permission => AddLane.Allowed;

    /// <exception cref="RefusedException">It is none, it is there, or the database holds something else.</exception>
    public async Task<MoveOutcome> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        await using var alone = await LaneTurn.Take(meter.Lanes, ct);
        var map = await meter.Lanes.Now(ct);
        var (book, begun) = (map.Book, map.Book.MovingLane);
        var number = book.Find(name) ?? throw new RefusedException(new(
            "lanes/unknown", $"There is no lane '{name}'. 'exchange lanes list' shows those that there are."));
        if ((book.Busy(null, number) ?? Problem(book, begun, number)) is { } refusal)
        {
            throw new RefusedException(refusal);
        }

        var target = await meter.Lanes.Databases.Open(database, ct);
        var move = new LaneMove(map[number], target, meter.Lanes.Host);
        await FreshDatabase.RefuseKnown(target, database, await meter.Databases(ct), ct);
        await move.Begin(begun is not null, ct);
        await move.Copy(ct);
        var version = map.Version;
        if (begun is null)
        {
            await meter.Lanes.Journal.Append([StreamAppend.Of<LaneEvent>(
                LaneTurn.Stream, version++, [new LaneEvent.Moving(number, database, by, now)])], ct);
        }

        await move.Close(ct);
        await move.Finish(ct);
        work.Append(StreamAppend.Of<LaneEvent>(
            LaneTurn.Stream, version, [new LaneEvent.Moved(number, database, by, now)]));
        return new(name, book.Lanes[number].Database, database, move.Copied);
    }

    private Refusal? Problem(LaneBook book, LaneEvent.Moving? begun, int number) =>
        number == 0
            ? new("lanes/home", "Home is in the ledger's own database and goes with it. Move its landlords instead.")
        : begun is not null && begun.Database != database
            ? new("lanes/other-move", $"Moving '{name}' to '{begun.Database}' was begun. Move it there first.")
        : book.Lanes.Values.FirstOrDefault(one => one.Database == database) is { } other
            ? new("lanes/same-database", $"The lane '{other.Name}' is in '{database}'. Name another database.")
        : null;
}
