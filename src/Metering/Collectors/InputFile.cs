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
            ? new GZipStream(peeked, CompressionMode.Decompress)
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

    /// <summary>A stream whose first two bytes were looked at and are handed out again.</summary>
    private sealed class PeekedStream : Stream
    {
        private readonly Stream _inner;
        private readonly byte[] _peeked = new byte[2];
        private readonly int _count;
        private int _given;

        public PeekedStream(Stream inner)
        {
            _inner = inner;
            _count = inner.ReadAtLeast(_peeked, 2, throwOnEndOfStream: false);
        }

        public int First => _count > 0 ? _peeked[0] : -1;
        public int Second => _count > 1 ? _peeked[1] : -1;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_given == _count)
            {
                return _inner.Read(buffer);
            }

            var count = Math.Min(buffer.Length, _count - _given);
            _peeked.AsSpan(_given, count).CopyTo(buffer);
            _given += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

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
