using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>What telling a window again came to, in readings.</summary>
public sealed record WindowCorrected(int Unchanged, int Replaced, int Retracted, int Added);

/// <summary>Makes corrections: of single readings, or of all that a source said of a window.</summary>
public sealed class Corrections
{
    private readonly Meter _meter;

    internal Corrections(Meter meter) => _meter = meter;

    /// <summary>A correction that takes a reading back, or says what is right; named after what it says.</summary>
    public static UsageCorrection Of(
        LandlordId landlord, string source, string id, string reason, Reading? right, Instant now) => new()
        {
            Landlord = landlord,
            Source = source,
            Id = $"correction-{Hash($"{source}\n{id}\n{Text.Of(now)}\n{reason}")}",
            Corrects = id,
            Time = now,
            Reason = reason,
            Replacement = right,
        };

    /// <summary>A correction under an id of its own, of the same and as of now: of several the latest holds.</summary>
    public static UsageCorrection Again(UsageCorrection correction, string reason, Instant now) => correction with
    {
        Id = $"correction-{Hash($"{Text.Of(now)}\n{reason}\n{correction.ToEvent()}")}",
        Reason = reason,
        Time = now,
    };

    /// <summary>
    /// Replaces what a source said of a window by what it says now: what it does not say any more is taken back, what
    /// it says otherwise is replaced, what is new is taken. To repeat it changes nothing.
    /// </summary>
    /// <param name="readings">All that the source says of the window; each begins in it.</param>
    /// <exception cref="RefusedException">A reading is of another landlord, source or time.</exception>
    public async Task<WindowCorrected> TellAgain(
        LandlordId landlord, string source, Period window, IReadOnlyList<Reading> readings, string reason, Instant now,
        CancellationToken ct)
    {
        foreach (var reading in readings)
        {
            if (reading.Resource.Landlord != landlord || reading.Source != source || !window.Contains(reading.From))
            {
                throw new RefusedException(new(
                    "correct/other-window",
                    $"The reading '{reading.Id}' of '{reading.Source}' at {Text.Of(reading.From)} is not of " +
                    $"'{source}' of {landlord} in {window}. Leave it out, or name the window that has it."));
            }
        }

        var lane = (await _meter.Ask(landlord, ct)).Map.Of(landlord);
        await using var connection = await lane.Database.OpenConnectionAsync(ct);
        var stored = await Stored(connection, lane.Intake, (landlord, source), window, ct);
        var said = readings.ToDictionary(reading => reading.Id);
        List<Collected> corrections =
        [
            .. stored.Values.Where(one => one.Now is not null && !said.ContainsKey(one.Id))
                .Select(one => (Collected)Of(landlord, source, one.Id, reason, null, now)),
        ];
        var retracted = corrections.Count;
        var differing = readings.Where(reading => stored.TryGetValue(reading.Id, out var one) && one.Now != reading)
            .ToList();
        corrections.AddRange(differing.Select(
            reading => (Collected)Of(landlord, source, reading.Id, reason, reading, now)));
        var fresh = readings.Where(reading => !stored.ContainsKey(reading.Id)).ToList();
        await _meter.Ingest(corrections, ct);
        var added = (int)(await _meter.Ingest(fresh.Select(reading => (Collected)reading), ct)).Accepted;
        return new(readings.Count - differing.Count - fresh.Count, differing.Count, retracted, added);
    }

    /// <summary>What is stored of a source in a window by id, as it is now.</summary>
    private static async Task<Dictionary<string, (string Id, Reading? Now)>> Stored(
        NpgsqlConnection connection, Intake intake, (LandlordId Landlord, string Source) whose, Period window,
        CancellationToken ct)
    {
        const string Sql = """
            select number, readings, from_us, to_us, first_name, names, body, ids, hash
            from metering.block
            where int8range(from_us, nullif(to_us, 9223372036854775807) + 1) && int8range($1, $2)
            order by number
            """;
        var (start, end) = (window.Start.ToUnixTimeTicks() / 10, window.End.ToUnixTimeTicks() / 10);
        var (landlord, source) = whose;
        var names = await intake.Names(connection, await UsageStore.Head(connection, ct));
        var fingerprint = new Fingerprint((await Head.Read(connection, ct)).Secret);
        var rows = new List<(Fingerprint.Key Key, Row Row)>();
        Row[] room = [];
        await foreach (var (block, _) in BlockChain.Blocks(connection, Sql, ct, start, end))
        {
            foreach (ref readonly var row in block.Unpack(ref room))
            {
                if (row.Correction is null && row.From >= start && row.From < end &&
                    Sources.Text(names[row.Source]) == source &&
                    ResourceId.Parse(Readings.Text(names, row.Resource)).Landlord == landlord)
                {
                    rows.Add((fingerprint.Of(row), row));
                }
            }
        }

        var corrected = (await CorrectedReadings.Of(connection, rows.Select(row => row.Key), ct))
            .ToDictionary(one => one.Reading, one => one.Now);
        return rows.ToDictionary(one => one.Row.Id.ToString(), one => (one.Row.Id.ToString(),
            !corrected.TryGetValue(one.Key, out var now) ? Readings.Of(one.Row, names)
                : now is { } folded ? Readings.Of(folded.In(one.Row), names) : null));
    }

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..24];
}
