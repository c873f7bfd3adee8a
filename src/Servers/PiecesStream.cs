namespace Exchange.Servers;

/// <summary>A body in pieces: memory for each is there at once, and none is copied to put them together.</summary>
internal sealed class PiecesStream(IReadOnlyList<byte[]> pieces) : ForwardStream
{
    private const int PieceLength = 1 << 16;
    private int _piece;
    private int _at;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_piece < pieces.Count && _at == pieces[_piece].Length)
        {
            (_piece, _at) = (_piece + 1, 0);
        }

        if (_piece == pieces.Count)
        {
            return ValueTask.FromResult(0);
        }

        var read = Math.Min(buffer.Length, pieces[_piece].Length - _at);
        pieces[_piece].AsMemory(_at, read).CopyTo(buffer);
        _at += read;
        return ValueTask.FromResult(read);
    }

    /// <summary>Reads a body whole; null where it has more bytes than so many.</summary>
    public static async Task<byte[][]?> Pieces(Stream body, long maxBytes, CancellationToken ct)
    {
        var pieces = new List<byte[]>();
        for (var total = 0L; ;)
        {
            var piece = GC.AllocateUninitializedArray<byte>(PieceLength);
            var read = await body.ReadAtLeastAsync(piece, PieceLength, throwOnEndOfStream: false, ct);
            total += read;
            if (total > maxBytes)
            {
                return null;
            }

            pieces.Add(read < PieceLength ? piece[..read] : piece);
            if (read < PieceLength)
            {
                return [.. pieces];
            }
        }
    }
}
