using System.Buffers.Binary;
using System.Diagnostics;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering.Bench;

/// <summary>
/// How fast this machine stores rows at all: plain binary COPY of 64-byte rows into a table without an index, one
/// connection, 20,000 rows a commit. What the meter does is told as a part of it.
/// </summary>
public static class CopyCeiling
{
    private const int RowsACommit = 20_000;
    private const int RowLength = 2 + (4 + 64);

    /// <summary>How long it takes to store so many rows.</summary>
    public static async Task<TimeSpan> Store(NpgsqlDataSource database, int rows, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await connection.Execute("create schema if not exists bench", [], ct);
        await connection.Execute("create table bench.ceiling (row bytea not null)", [], ct);
        await connection.Execute("alter table bench.ceiling alter row set storage plain", [], ct);
        var start = Stopwatch.GetTimestamp();
        for (var done = 0; done < rows; done += RowsACommit)
        {
            await using var copy = await connection.BeginRawBinaryCopyAsync(
                "copy bench.ceiling from stdin (format binary)", ct);
            await copy.WriteAsync(Rows(done, Math.Min(RowsACommit, rows - done)), ct);
        }

        var took = Stopwatch.GetElapsedTime(start);
        await connection.Execute("drop table bench.ceiling", [], ct);
        return took;
    }

    private static byte[] Rows(int first, int count)
    {
        var bytes = new byte[19 + (count * RowLength) + 2];
        "PGCOPY\n"u8.CopyTo(bytes);
        (bytes[7], bytes[8], bytes[9], bytes[10]) = (0xff, (byte)'\r', (byte)'\n', 0);
        for (var i = 0; i < count; i++)
        {
            var row = bytes.AsSpan(19 + (i * RowLength), RowLength);
            BinaryPrimitives.WriteInt16BigEndian(row, 1);
            BinaryPrimitives.WriteInt32BigEndian(row[2..], 64);
            for (var word = 0; word < 8; word++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(row[(6 + (word * 8))..], ((long)(first + i) << 3) + word);
            }
        }

        BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(bytes.Length - 2), -1);
        return bytes;
    }
}
