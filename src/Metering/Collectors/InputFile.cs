using System.IO.Compression;

namespace Exchange.Metering.Collectors;

/// <summary>
/// Opens a file, or standard input for '-', unwrapping gzip by its first two bytes and not by its name.
/// </summary>
public static class InputFile
{
    private const int GzipMagic0 = 0x1f;
    private const int GzipMagic1 = 0x8b;

    /// <exception cref="RefusedException">There is no such file, or it may not be read.</exception>
    public static Stream Open(string path)
    {
        try
        {
            return Unwrap(path == "-" ? Console.OpenStandardInput() : File.OpenRead(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException(new(
                "file/unreadable", $"{e.Message} Check the path and its permissions.", path));
        }
    }

    public static Stream Unwrap(Stream stream)
    {
        var peeked = new PeekedStream(stream);
        return peeked.First == GzipMagic0 && peeked.Second == GzipMagic1
            ? new WholeGzip(peeked)
            : peeked;
    }

    /// <summary>Reads on, and says in words when the gzip underneath is broken or cut off.</summary>
    /// <exception cref="RefusedException">The compressed stream cannot be unwrapped.</exception>
    public static int Read(Stream stream, Span<byte> buffer, string file)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            throw new RefusedException(new(
                "file/broken-gzip", $"The gzip stream is broken ({e.Message}). Copy the file again and repeat.", file));
        }
    }

    /// <summary>
    /// Unwraps gzip and says when its end is missing, which .NET passes over: what was cut off would be a shorter file.
    /// </summary>
    private sealed class WholeGzip(PeekedStream packed) : ForwardStream
    {
        private readonly GZipStream _gzip = new(packed, CompressionMode.Decompress);
        private uint _count;

        public override int Read(Span<byte> buffer)
        {
            var read = _gzip.Read(buffer);
            _count += (uint)read;
            return read > 0 || buffer.Length == 0 || packed.Last == _count || packed.HasMore
                ? read
                : throw new InvalidDataException("its end is missing, so it was cut off");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _gzip.Dispose();
            }

            base.Dispose(disposing);
        }
    }

    /// <summary>A stream whose first two bytes were looked at and are handed out again.</summary>
    private sealed class PeekedStream : ForwardStream
    {
        private readonly Stream _inner;
        private readonly byte[] _peeked = new byte[2];
        private uint _last;
        private long _looked;
        private readonly int _count;
        private int _given;

        public PeekedStream(Stream inner)
        {
            _inner = inner;
            _count = inner.ReadAtLeast(_peeked, 2, throwOnEndOfStream: false);
        }

        /// <summary>The last four bytes that were read; behind a gzip stream, how much it unwraps to.</summary>
        public uint Last => _last;

        /// <summary>Whether another gzip stream seems to begin somewhere behind the first.</summary>
        public bool HasMore { get; private set; }

        public int First => _count > 0 ? _peeked[0] : -1;
        public int Second => _count > 1 ? _peeked[1] : -1;

        public override int Read(Span<byte> buffer)
        {
            if (_given == _count)
            {
                var read = _inner.Read(buffer);
                Look(buffer[..read]);
                return read;
            }

            var count = Math.Min(buffer.Length, _count - _given);
            _peeked.AsSpan(_given, count).CopyTo(buffer);
            Look(buffer[..count]);
            _given += count;
            return count;
        }

        private void Look(ReadOnlySpan<byte> bytes)
        {
            foreach (var one in bytes)
            {
                _last = (_last >> 8) | ((uint)one << 24);
                HasMore |= _looked > 2 && _last >> 8 == 0x08_8b_1f;
                _looked++;
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
