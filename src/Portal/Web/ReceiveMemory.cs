using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Exchange.Portal.Web;

/// <summary>
/// Memory in which connections receive and are answered: 64 KiB at once, and less where there is little. Blocks of 4
/// KiB, as they usually are, cost a call of the system and a turn of the thread pool for every ten readings.
/// </summary>
internal sealed class ReceiveMemory(long memory) : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int MaxKept = 128;
    private readonly int _length = BlockLengthOf(memory);
    private readonly ConcurrentQueue<byte[]> _kept = new();

    public override int MaxBufferSize => _length;

    public static int BlockLengthOf(long memory) => memory < 1L << 30 ? 1 << 13 : 1 << 16;

    /// <summary>
    /// What may have come on a connection before anybody reads it: a MiB, and less where there is little. Bodies of
    /// those who are told to come again are not read at all, and each connection would hold one.
    /// </summary>
    public static int ReadAheadOf(long memory) => memory < 1L << 30 ? 1 << 16 : 1 << 20;

    /// <summary>One pool for all: blocks that one connection gave back are there for the next.</summary>
    public MemoryPool<byte> Create(MemoryPoolOptions? options) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, _length);
        return new Block(this, _kept.TryDequeue(out var kept)
            ? kept
            : GC.AllocateUninitializedArray<byte>(_length, pinned: true));
    }

    /// <summary>Those who share it are done with it one by one; it lives as long as they do.</summary>
    protected override void Dispose(bool disposing)
    {
    }

    private void Return(byte[] bytes)
    {
        if (_kept.Count < MaxKept)
        {
            _kept.Enqueue(bytes);
        }
    }

    /// <summary>A block that someone has, until it is given back.</summary>
    private sealed class Block(ReceiveMemory pool, byte[] bytes) : IMemoryOwner<byte>
    {
        private byte[]? _bytes = bytes;

        public Memory<byte> Memory =>
            Volatile.Read(ref _bytes) ?? throw new ObjectDisposedException(nameof(ReceiveMemory));

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _bytes, null) is { } bytes)
            {
                pool.Return(bytes);
            }
        }
    }
}
