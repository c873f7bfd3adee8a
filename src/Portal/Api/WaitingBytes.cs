namespace Exchange.Portal.Api;

/// <summary>
/// How many bytes of requests are read and not answered yet, of all requests together and unpacked. Beyond a bound
/// the next is asked to come again, so that memory stays bounded however large requests are.
/// </summary>
internal sealed class WaitingBytes(long most = WaitingBytes.Most)
{
    public const long Most = 192 << 20;
    private long _waiting;

    /// <summary>The same bytes, counted as they are read and until it is disposed.</summary>
    public Counted Count(Stream stream) => new(this, stream);

    /// <summary>A body whose bytes are counted; to read on beyond the bound throws.</summary>
    public sealed class Counted(WaitingBytes waiting, Stream stream) : Stream
    {
        private long _read;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await stream.ReadAsync(buffer, cancellationToken);
            Add(read);
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = stream.Read(buffer, offset, count);
            Add(read);
            return read;
        }

        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            Interlocked.Add(ref waiting._waiting, -_read);
            _read = 0;
            base.Dispose(disposing);
        }

        private void Add(int read)
        {
            _read += read;
            if (Interlocked.Add(ref waiting._waiting, read) > waiting.Allowed)
            {
                throw new TooManyException();
            }
        }
    }

    /// <summary>More bytes wait than may.</summary>
    public sealed class TooManyException() : Exception("Too many bytes wait for an answer.");

    private long Allowed => most;
}
