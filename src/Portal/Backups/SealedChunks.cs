using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Exchange.Portal.Backups;

/// <summary>
/// A stream in chunks of at most a mebibyte, each sealed with AES-GCM under its number and whether it is the last: none
/// can be changed, moved, taken out or cut off without telling. One key seals one stream.
/// </summary>
internal static class SealedChunks
{
    public const int Size = 1 << 20;
    private const int TagLength = 16;
    private const int NonceLength = 12;

    private static byte[] Nonce(long number, bool isLast)
    {
        var nonce = new byte[NonceLength];
        nonce[0] = isLast ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64BigEndian(nonce.AsSpan(NonceLength - sizeof(long)), number);
        return nonce;
    }

    /// <summary>What is written to it is sealed; <see cref="Finish"/> says that it was all.</summary>
    internal sealed class Writer(Stream into, byte[] key) : Stream
    {
        private readonly AesGcm _cipher = new(key, TagLength);
        private readonly byte[] _chunk = new byte[Size];
        private int _length;
        private long _number;

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            while (!buffer.IsEmpty)
            {
                if (_length == Size)
                {
                    Seal(isLast: false);
                }

                var part = buffer[..Math.Min(buffer.Length, Size - _length)];
                part.CopyTo(_chunk.AsSpan(_length));
                _length += part.Length;
                buffer = buffer[part.Length..];
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        /// <summary>Seals the last chunk. Without it the stream is one that was cut off.</summary>
        public void Finish() => Seal(isLast: true);

        private void Seal(bool isLast)
        {
            var (hidden, tag) = (new byte[_length], new byte[TagLength]);
            _cipher.Encrypt(Nonce(_number++, isLast), _chunk.AsSpan(0, _length), hidden, tag);
            Span<byte> length = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(length, isLast ? -_length - 1 : _length);
            into.Write(length);
            into.Write(hidden);
            into.Write(tag);
            _length = 0;
        }

        public override void Flush() => into.Flush();
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _cipher.Dispose();
            CryptographicOperations.ZeroMemory(_chunk);
            base.Dispose(disposing);
        }
    }

    /// <summary>What was sealed, as it was written; a refusal at the first chunk that is not.</summary>
    internal sealed class Reader(Stream from, byte[] key, string file) : Stream
    {
        private readonly AesGcm _cipher = new(key, TagLength);
        private byte[] _chunk = [];
        private int _at;
        private long _number;
        private bool _isOver;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            while (_at == _chunk.Length && !_isOver)
            {
                Open();
            }

            var part = Math.Min(buffer.Length, _chunk.Length - _at);
            _chunk.AsSpan(_at, part).CopyTo(buffer);
            _at += part;
            return part;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ValueTask.FromResult(Read(buffer.Span));
        }

        private void Open()
        {
            Span<byte> prefix = stackalloc byte[sizeof(int)];
            Take(prefix);
            var told = BinaryPrimitives.ReadInt32BigEndian(prefix);
            var length = told < 0 ? -(told + 1) : told;
            if (length > Size || (told >= 0 && length != Size))
            {
                throw Damaged();
            }

            var (hidden, tag, chunk) = (new byte[length], new byte[TagLength], new byte[length]);
            Take(hidden);
            Take(tag);
            try
            {
                _cipher.Decrypt(Nonce(_number, told < 0), hidden, tag, chunk);
            }
            catch (AuthenticationTagMismatchException)
            {
                throw Damaged();
            }

            (_chunk, _at, _isOver) = (chunk, 0, told < 0);
            _number++;
            if (_isOver && from.ReadByte() >= 0)
            {
                throw Damaged();
            }
        }

        private void Take(Span<byte> bytes)
        {
            if (from.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            {
                throw new RefusedException(new(
                    "backup/damaged",
                    $"The backup is cut off in chunk {_number + 1}. Nothing was restored. Take another copy of it, " +
                    "or an older one.", file));
            }
        }

        private RefusedException Damaged() => new(new(
            "backup/damaged",
            $"Chunk {_number + 1} of the backup is not what was written{(_number == 0
                ? ", or this is not what it was sealed with" : "")}. Nothing was restored. Take another copy of it, " +
            "or an older one.", file));

        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _cipher.Dispose();
            from.Dispose();
            base.Dispose(disposing);
        }
    }
}
