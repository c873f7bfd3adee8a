using System.Buffers;
using System.Text.Json;

namespace Exchange.Metering;

/// <summary>Reads a stream of events through a buffer that is no larger than the largest event needs.</summary>
internal static class EventStream
{
    private const int BufferLength = 1 << 16;

    /// <summary>
    /// More is no usage: an event has some hundred bytes, and what is unusual in one is looked at several times.
    /// </summary>
    private const int LargestEvent = 1 << 20;

    /// <summary>
    /// So many events one batch of everything may hold: more than fit into 64 MiB where each is one. What is none takes
    /// two bytes there, and hundreds here.
    /// </summary>
    internal const int EventsAtOnce = 400_000;

    /// <summary>
    /// Reads all events into batches; null if there are more bytes than so many, or more of them than may be, or one of
    /// a request is larger than any usage.
    /// </summary>
    /// <param name="full">Takes a full batch and gives the next; without it all is one batch.</param>
    /// <returns>The last batch.</returns>
    /// <exception cref="JsonException">This is not JSON.</exception>
    public static async Task<Batch?> Read(
        Stream stream, EventParser parser, Batch batch, long most, Func<Batch, Task<Batch>>? full,
        CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            var (filled, wanted, total) = (0, 1, 0L);
            for (var isAll = false; !isAll;)
            {
                if (filled == buffer.Length)
                {
                    if (full is null && filled >= LargestEvent)
                    {
                        return null;
                    }

                    buffer = Longer(buffer);
                }

                var read = await stream.ReadAsync(buffer.AsMemory(filled), ct);
                (isAll, filled, total) = (read == 0, filled + read, total + read);
                if (total > most)
                {
                    return null;
                }

                if (filled < wanted && !isAll)
                {
                    continue; // The last event was not whole, and is not read again for every piece of it.
                }

                var at = 0;
                int consumed;
                do
                {
                    consumed = parser.Read(
                        buffer.AsSpan(at, filled - at), isAll, batch,
                            Block.MaxReadings - (full is null ? 0 : batch.Length));
                    at += consumed;
                    if (full is not null && batch.Length >= Block.MaxReadings)
                    {
                        batch = await full(batch);
                    }
                }
                while (consumed > 0 && !parser.IsTooMuch(batch));

                if (parser.IsTooMuch(batch))
                {
                    return null;
                }

                buffer.AsSpan(at, filled - at).CopyTo(buffer);
                filled -= at;
                wanted = at > 0 ? filled + 1 : Math.Min(filled * 2, LargestEvent);
            }

            return batch;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Longer(byte[] buffer)
    {
        if (buffer.Length >= LargestEvent)
        {
            throw new JsonException("An event is larger than 1 MiB.");
        }

        var longer = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(longer, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return longer;
    }
}
