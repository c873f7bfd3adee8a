using System.Text;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>An event may be long, and is taken for one up to a bound, in whatever pieces it comes.</summary>
public class LargeEvents
{
    private const int Largest = 1 << 20;
    private const string Data =
        """{"landlord":"nerc","cluster":"stack","project":"p-1","kind":"vm","state":"running","shape":{}PAD}""";

    [Theory]
    [InlineData(Largest - 64, 1 << 16, true)]
    [InlineData(Largest - 64, 1 << 20, true)]
    [InlineData(Largest - 64, 70_001, true)]
    [InlineData((Largest / 2) + 1_000, 4_096, true)]
    [InlineData(600_000, 77_777, true)]
    [InlineData(Largest + 1, 1 << 16, false)]
    [InlineData(Largest + 1, 3 << 20, false)]
    [InlineData(3 * Largest, 4_096, false)]
    public async Task An_event_is_at_most_a_mebibyte_long(int length, int piece, bool isTaken)
    {
        foreach (var isPacked in (bool[])[false, true])
        {
            var text = Event(length, isPacked);
            var read = Read($"{Event(1_000, false)}\n{text}\n{Event(1_000, true)}\n", piece);
            Assert.Equal(isTaken ? 3 : null, (await read)?.Count);
        }
    }

    private static string Event(int length, bool isPacked)
    {
        var start = $$"""{"specversion":"1.0","id":"e-{{length}}-{{isPacked}}","source":"urn:t","type":"exchange.usage.state.v1","subject":"vm-1","time":"2025-06-01T01:00:00Z",""";
        var room = length - start.Length - 1;
        if (!isPacked)
        {
            room -= "\"data\":".Length + Data.Length - "PAD".Length;
            return $"{start}\"data\":{Data.Replace("PAD", Padding(room), StringComparison.Ordinal)}}}";
        }

        room -= "\"data_base64\":\"\"".Length;
        var bytes = (room / 4 * 3) - Data.Length + "PAD".Length;
        var packed = Convert.ToBase64String(
            Encoding.UTF8.GetBytes(Data.Replace("PAD", Padding(bytes), StringComparison.Ordinal)));
        return $"{start}\"data_base64\":\"{packed}\"{new string(' ', room - packed.Length)}}}";
    }

    private static string Padding(int length) => $",\"x\":\"{new string('x', length - 7)}\"";

    private static async Task<Batch?> Read(string text, int piece)
    {
        var batch = new Batch(new());
        var parser = new EventParser(new(), new(), null, Instant.FromUtc(2025, 7, 1, 0, 0));
        using var stream = new Pieces(Encoding.UTF8.GetBytes(text), piece);
        var read = await EventStream.Read(stream, parser, batch, long.MaxValue, null, CancellationToken.None);
        return read;
    }

    /// <summary>A stream that gives at most so many bytes at once.</summary>
    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
