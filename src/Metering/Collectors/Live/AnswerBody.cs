namespace Exchange.Metering.Collectors.Live;

/// <summary>
/// The body of an answer of a server that is somebody else's: one that goes silent in it, or never ends, is not waited
/// for longer than a whole answer may take, and fills no memory.
/// </summary>
/// <param name="patience">How long all of it may take.</param>
/// <param name="most">How many bytes it may have.</param>
/// <param name="refused">What is thrown of one that takes longer, or has more.</param>
internal sealed class AnswerBody(
    Stream body, TimeSpan patience, long most, Func<string, Exception> refused, CancellationToken ct) : ForwardStream
{
    private readonly byte[] _room = new byte[64 << 10];
    private CancellationTokenSource? _late;
    private long _came;

    public override int Read(Span<byte> buffer)
    {
        if (_late is null)
        {
            _late = CancellationTokenSource.CreateLinkedTokenSource(ct);
            _late.CancelAfter(patience);
        }

        int read;
        try
        {
            var room = _room.AsMemory(0, Math.Min(_room.Length, buffer.Length));
            read = body.ReadAsync(room, _late.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw refused($"its answer does not end within {patience.TotalSeconds:0} s");
        }

        _came += read;
        _room.AsSpan(0, read).CopyTo(buffer);
        return _came <= most ? read : throw refused($"its answer is longer than {most >> 20:#,0} MiB");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _late?.Dispose();
            body.Dispose();
        }

        base.Dispose(disposing);
    }
}
