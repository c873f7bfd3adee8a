namespace Exchange.Invoicing.Kept;

/// <summary>
/// Parts that left memory, as sorted runs in a file that has no name: it is gone with this process, however that ends.
/// Whoever asks for lines in their order reads each run once.
/// </summary>
internal sealed class PartRuns : IDisposable
{
    private const int PartsAChunk = 64;
    private readonly List<Run> _runs = [];
    private FileStream? _file;

    private readonly record struct Chunk(string First, string Last, long At, int Length);

    /// <summary>A sorted run, and which of its chunks was read last.</summary>
    private sealed class Run
    {
        public List<Chunk> Chunks { get; } = [];
        public int Read { get; set; } = -1;
        public IReadOnlyList<KeptPart> Parts { get; set; } = [];
    }

    public bool IsEmpty => _runs.Count == 0;

    /// <summary>How many parts of the runs are in memory: a chunk of each at most.</summary>
    public int InMemory => _runs.Sum(run => run.Parts.Count);

    public void Dispose() => _file?.Dispose();

    /// <param name="sorted">Parts in the order of their lines.</param>
    public void Add(IEnumerable<KeptPart> sorted)
    {
        var (file, run) = (_file ??= Unnamed(), new Run());
        file.Seek(0, SeekOrigin.End);
        foreach (var chunk in sorted.Chunk(PartsAChunk))
        {
            var bytes = KeptBlock.Pack(chunk);
            run.Chunks.Add(new(chunk[0].Line, chunk[^1].Line, file.Position, bytes.Length));
            file.Write(bytes);
        }

        _runs.Add(run);
    }

    /// <summary>The parts of a line, those of older runs first, each run in its order.</summary>
    public IEnumerable<KeptPart> Of(string line)
    {
        foreach (var run in _runs)
        {
            for (var at = First(run.Chunks, line);
                at < run.Chunks.Count && string.CompareOrdinal(run.Chunks[at].First, line) <= 0; at++)
            {
                foreach (var part in Parts(run, at))
                {
                    if (part.Line == line)
                    {
                        yield return part;
                    }
                }
            }
        }
    }

    private IReadOnlyList<KeptPart> Parts(Run run, int at)
    {
        if (run.Read != at)
        {
            var chunk = run.Chunks[at];
            var bytes = new byte[chunk.Length];
            _file!.Seek(chunk.At, SeekOrigin.Begin);
            _file.ReadExactly(bytes);
            (run.Read, run.Parts) = (at, KeptBlock.Unpack<KeptPart>(bytes, PartsAChunk));
        }

        return run.Parts;
    }

    /// <summary>The first chunk that may have the line.</summary>
    private static int First(List<Chunk> chunks, string line)
    {
        var (low, high) = (0, chunks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = string.CompareOrdinal(chunks[middle].Last, line) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static FileStream Unnamed()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        File.Delete(path); // Linux keeps it until it is closed.
        return file;
    }
}
