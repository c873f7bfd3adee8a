namespace Exchange.Portal.Api;

/// <summary>
/// How many requests with usage may be in work at once, and how many of their bytes may be read and not answered yet:
/// of all together, of each landlord and of each key. Beyond a bound the next is asked to come again, so that memory is
/// bounded however large requests are, and nobody can take the room of the others.
/// </summary>
internal sealed class UploadBudgets
{
    /// <summary>As many bytes wait at most where there is memory enough.</summary>
    private const long CeilingBytes = 192 << 20;

    /// <summary>The least that is worth a server: a request of a few MiB of each of several senders.</summary>
    private const long FewestBytes = 24 << 20;

    /// <summary>
    /// The part of memory that bodies may take: what is made of a body while it is read takes several times as much.
    /// </summary>
    private const long MemoryShare = 12;

    /// <summary>No request may be larger, unpacked, however much memory there is.</summary>
    private const long LargestRequest = 64 << 20;

    /// <summary>How many requests may be in work of all, of a landlord, and of a key.</summary>
    public const int MaxUploads = 96;
    public const int MaxUploadsOfLandlord = 24;
    public const int MaxUploadsOfKey = 12;

    private readonly Lock _lock = new();
    private readonly Use _all;
    private readonly Dictionary<string, Use> _landlords = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Use> _keys = new(StringComparer.Ordinal);

    /// <param name="memory">What this process may use, as the collector of garbage says it.</param>
    public UploadBudgets(long memory)
    {
        MaxBytes = Math.Clamp(memory / MemoryShare, FewestBytes, CeilingBytes);
        _all = new(MaxUploads, MaxBytes);
    }

    /// <summary>How many bytes may wait of all, of a landlord, and of a key; unpacked.</summary>
    public long MaxBytes { get; }
    public long MaxBytesOfLandlord => MaxBytes * 7 / 12;
    public long MaxBytesOfKey => MaxBytes * 3 / 8;

    /// <summary>How many bytes a request may have, unpacked: one that its key could never send is too large.</summary>
    public long MaxBytesOfRequest => Math.Min(LargestRequest, MaxBytesOfKey);

    /// <summary>A place for a request; null where all, its landlord or its key have too many in work.</summary>
    public Upload? Begin(LandlordId landlord, string key)
    {
        lock (_lock)
        {
            Use[] uses =
            [
                _all,
                Of(_landlords, landlord.Value, MaxUploadsOfLandlord, MaxBytesOfLandlord),
                Of(_keys, key, MaxUploadsOfKey, MaxBytesOfKey),
            ];
            if (uses.Any(use => use.Uploads == use.MaxUploads))
            {
                return null;
            }

            foreach (var use in uses)
            {
                use.Uploads++;
            }

            return new(bytes => TryAdd(uses, bytes), bytes => End(landlord.Value, key, uses, bytes));
        }
    }

    private static Use Of(Dictionary<string, Use> all, string name, int uploads, long bytes) =>
        all.TryGetValue(name, out var use) ? use : all[name] = new(uploads, bytes);

    private void End(string landlord, string key, Use[] uses, long bytes)
    {
        lock (_lock)
        {
            foreach (var use in uses)
            {
                use.Uploads--;
                use.Bytes -= bytes;
            }

            if (uses[1].Uploads == 0)
            {
                _landlords.Remove(landlord);
            }

            if (uses[2].Uploads == 0)
            {
                _keys.Remove(key);
            }
        }
    }

    private bool TryAdd(Use[] uses, int bytes)
    {
        lock (_lock)
        {
            if (uses.Any(use => use.Bytes + bytes > use.MaxBytes))
            {
                return false;
            }

            foreach (var use in uses)
            {
                use.Bytes += bytes;
            }

            return true;
        }
    }

    /// <summary>What is in work of somebody, and how much may be.</summary>
    private sealed class Use(int maxUploads, long maxBytes)
    {
        public int MaxUploads => maxUploads;
        public long MaxBytes => maxBytes;
        public int Uploads { get; set; }
        public long Bytes { get; set; }
    }

    /// <summary>A request in work, until it is disposed.</summary>
    public sealed class Upload : IDisposable
    {
        private readonly Func<int, bool> _tryAdd;
        private readonly Action<long> _end;
        private long _bytes;
        private bool _isOver;

        internal Upload(Func<int, bool> tryAdd, Action<long> end) => (_tryAdd, _end) = (tryAdd, end);

        /// <summary>Notes bytes that were read and are in memory until it is over.</summary>
        /// <exception cref="TooManyException">More wait than may.</exception>
        public void Add(int bytes)
        {
            if (!_tryAdd(bytes))
            {
                throw new TooManyException();
            }

            _bytes += bytes;
        }

        public void Dispose()
        {
            if (!_isOver)
            {
                _isOver = true;
                _end(_bytes);
            }
        }
    }

    /// <summary>More bytes wait than may.</summary>
    public sealed class TooManyException() : Exception("Too many bytes wait for an answer.");
}
