using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Metering.Collectors.Live;

/// <summary>Numbers of a meter's bundles that never came, while later ones did.</summary>
public readonly record struct MissingBundles(string Meter, long First, long Last)
{
    public override string ToString() => First == Last ? $"{Meter} {First}" : $"{Meter} {First}-{Last}";
}

/// <summary>Which bundles of offline meters were taken.</summary>
public sealed class BundleLog(NpgsqlDataSource database)
{
    /// <summary>What is missing between the bundles that came.</summary>
    public async Task<IReadOnlyList<MissingBundles>> Missing(CancellationToken ct)
    {
        const string Sql = """
            select meter, before + 1, sequence - 1
            from (
              select meter, sequence, lag(sequence, 1, 0::bigint) over (partition by meter order by sequence) as before
              from metering.bundle
            ) as numbered
            where sequence > before + 1
            order by meter collate "C", sequence
            """;
        await using var command = database.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var missing = new List<MissingBundles>();
        while (await rows.ReadAsync(ct))
        {
            missing.Add(new(rows.GetString(0), rows.GetInt64(1), rows.GetInt64(2)));
        }

        return missing;
    }

    /// <summary>Whether this very bundle was taken before.</summary>
    /// <exception cref="RefusedException">Its number was used for another, or its neighbour does not fit.</exception>
    internal async Task<bool> Knows(MeterBundle bundle, string file, CancellationToken ct)
    {
        const string Sql = """
            select sequence, sha256, previous
            from metering.bundle
            where meter = $1 and sequence between $2 - 1 and $2 + 1
            order by sequence
            """;
        await using var command = database.Statement(Sql, [bundle.Meter, bundle.Sequence]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var known = new List<ChainLink>();
        while (await rows.ReadAsync(ct))
        {
            known.Add(new(
                rows.GetInt64(0), Convert.ToHexStringLower(rows.GetFieldValue<byte[]>(1)),
                rows.IsDBNull(2) ? null : Convert.ToHexStringLower(rows.GetFieldValue<byte[]>(2))));
        }

        var (fit, beside) = new ChainLink(bundle.Sequence, bundle.Sha256, bundle.Previous).Among(known);
        return fit switch
        {
            ChainFit.NumberUsedTwice => throw new RefusedException(new("bundle/number-used-twice",
                $"Meter '{bundle.Meter}' has sent another bundle {bundle.Sequence} before; the first one counts. " +
                "Find out which of them is right.", file)),
            ChainFit.Broken => throw new RefusedException(new("bundle/broken-chain",
                $"Bundle {bundle.Sequence} of '{bundle.Meter}' does not fit bundle {beside.Sequence}, which was " +
                "taken before: one of them was replaced. Nothing of it is taken; ask whoever keeps the meter.", file)),
            _ => fit == ChainFit.Known,
        };
    }

    internal async Task MarkAccepted(MeterBundle bundle, string file, Instant now, CancellationToken ct)
    {
        const string Sql = """
            insert into metering.bundle (meter, sequence, sha256, previous, events, file, taken_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict do nothing
            """;
        await using var command = database.Statement(Sql, []);
        foreach (var value in (object[])[
            bundle.Meter, bundle.Sequence, Convert.FromHexString(bundle.Sha256),
            bundle.Previous is { } previous ? Convert.FromHexString(previous) : DBNull.Value, (long)bundle.Events.Count,
            file, now])
        {
            command.Parameters.Add(new() { Value = value });
        }

        await command.ExecuteNonQueryAsync(ct);
    }
}
