namespace Exchange.Metering.Bench;

/// <summary>The lines of some events of a load, one after the other, made as they are read.</summary>
public sealed class LoadStream(UsageLoad load, int first, int end) : ForwardStream
{
    private int _next = first;

    public override int Read(Span<byte> buffer)
    {
        Span<byte> line = stackalloc byte[UsageLoad.MaxLineLength];
        var filled = 0;
        while (_next < end)
        {
            var length = load.Line(_next, line);
            if (length > buffer.Length - filled)
            {
                return filled > 0 ? filled : throw new NotSupportedException("There is no room for a line.");
            }

            line[..length].CopyTo(buffer[filled..]);
            filled += length;
            _next++;
        }

        return filled;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(buffer.Span));
}
