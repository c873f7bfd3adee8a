using Exchange.Journal;
using NodaTime;

namespace Exchange.Metering;

/// <summary>What moving a landlord or a lane came to.</summary>
/// <param name="Brought">Readings of a landlord, blocks of a lane, that were not there before.</param>
public sealed record MoveOutcome(string What, string From, string To, long Brought);

/// <summary>'exchange lanes move LANDLORD --to LANE' — brings a landlord's readings into another lane.</summary>
public sealed class MoveLandlord(Meter meter, LandlordId landlord, string to, string by) : ICommand<MoveOutcome>
{
    public string Act => "move landlord";
    public string Target => $"{landlord} to {to}";
    public string Permission => AddLane.Allowed;

    /// <exception cref="RefusedException">There is no such lane, it lives there, or other things are moved.</exception>
    public async Task<MoveOutcome> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        await using var alone = await LaneTurn.Take(meter.Lanes, ct);
        var map = await meter.Lanes.Now(ct);
        var (book, begun) = (map.Book, map.Book.MovingLandlord);
        var number = book.Find(to) ?? throw new RefusedException(new(
            "lanes/unknown", $"There is no lane '{to}'. 'exchange lanes list' shows those that there are."));
        if ((book.Busy(landlord, null) ?? Problem(book, begun, number)) is { } refusal)
        {
            throw new RefusedException(refusal);
        }

        var from = map.Of(landlord);
        if (begun is not null && number == begun.From)
        {
            var brought = await new LandlordMove(from, map[begun.To], landlord, now).GiveUp(ct);
            Append(work, map.Version, new LaneEvent.LandlordMoved(landlord, begun.To, number, by, now));
            return new($"{landlord}", book.NameOf(begun.To), to, brought);
        }

        var move = new LandlordMove(from, map[number], landlord, now);
        await move.Copy(ct);
        var version = map.Version;
        if (begun is null)
        {
            LaneEvent begins = new LaneEvent.LandlordMoving(landlord, from.Number, number, by, now);
            await meter.Lanes.Journal.Append([StreamAppend.Of(LaneTurn.Stream, version++, [begins])], ct);
        }

        await move.Close(ct);
        await move.Finish(ct);
        Append(work, version, new LaneEvent.LandlordMoved(landlord, from.Number, number, by, now));
        return new($"{landlord}", from.Name, to, move.Readings);
    }

    private Refusal? Problem(LaneBook book, LaneEvent.LandlordMoving? begun, int number) =>
        begun is null && book.Of(landlord) == number
            ? new("lanes/there", $"'{landlord}' lives in the lane '{to}' already.")
        : begun is not null && number != begun.To && number != begun.From
            ? new("lanes/other-move",
                $"Moving '{landlord}' to '{book.NameOf(begun.To)}' was begun. Move it there, or back to " +
                $"'{book.NameOf(begun.From)}', first.")
        : null;

    private static void Append(UnitOfWork work, long version, LaneEvent happened) =>
        work.Append(StreamAppend.Of(LaneTurn.Stream, version, [happened]));
}
