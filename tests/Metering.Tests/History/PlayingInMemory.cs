using Exchange.Testing;
using Xunit;

namespace Exchange.Metering.Tests.History;

/// <summary>
/// The drawn histories over what decides, without a database: fingerprints, blocks, corrections, pages and the fold, with
/// cuts, batches, orders, repetitions, restarts, rebuilds, crashes before a step is kept, and restores. Each comes to what
/// the thirty lines say, to the microsecond. Decision 0279 tells which planted faults which seeds find.
/// </summary>
public sealed class PlayingInMemory
{
    [Fact]
    public void Comes_to_what_the_reference_says()
    {
        var found = new SortedDictionary<int, string>();
        Parallel.ForEach(Draws.Seeds(few: 200, many: 5_000), (seed, loop) =>
        {
            var problem = new Play(seed).Run();
            if (problem is not null)
            {
                lock (found)
                {
                    found[seed] = problem;
                }

                loop.Break(); // Those before it are still played: the first seed that finds it is told.
            }
        });
        Assert.True(found.Count == 0, found.Count == 0 ? "" : $"seed {found.First().Key}: {found.First().Value}");
    }

    /// <summary>One history, and what is taken of it at each moment.</summary>
    private sealed class Play(int seed)
    {
        private static readonly byte[] Secret = [.. Enumerable.Range(1, 16).Select(one => (byte)one)];
        private readonly Random _random = new(seed);
        private readonly DrawnHistory _history = new(new(seed));
        private readonly FoldInMemory _meter = new(Secret);
        private Dictionary<(LandlordId, string, string), Collected> _taken = [];
        private (FoldInMemory.Kept Kept, Dictionary<(LandlordId, string, string), Collected> Taken)? _dump;

        /// <returns>What went wrong; null where all is right.</returns>
        public string? Run()
        {
            var problem = Enumerable.Range(0, _random.Next(10, 40)).Select(_ => Act(_random.Next(20)))
                .FirstOrDefault(one => one is not null);
            foreach (var batch in _history.All.OrderBy(_ => _random.Next()).Chunk(_random.Next(1, 30)))
            {
                problem ??= Send(batch);
            }

            problem ??= Look();
            _meter.Rebuild();
            return problem ?? Look();
        }

        private string? Act(int act)
        {
            switch (act)
            {
                case 0 or 1:
                    return Look();
                case 2 or 3:
                    _meter.Step(_random.Next(1, 5));
                    return null;
                case 4:
                    _meter.Restart();
                    return null;
                case 5:
                    _meter.Rebuild();
                    return null;
                case 6:
                    _meter.StepAndDie(_random.Next(1, 5));
                    return null;
                case 7:
                    _dump = (_meter.Keep(), new(_taken));
                    return null;
                case 8 when _dump is { } dump:
                    _meter.Restore(dump.Kept);
                    _taken = new(dump.Taken);
                    return null;
                default:
                    return Send(_random.GetItems(_history.All.ToArray(), _random.Next(1, 14)));
            }
        }

        private string? Send(IReadOnlyList<Collected> batch)
        {
            var expected = batch.Select(one => !_taken.TryAdd(DrawnHistory.KeyOf(one), one)
                ? _taken[DrawnHistory.KeyOf(one)] == one ? ItemFate.Duplicate : ItemFate.Quarantined
                : ItemFate.Accepted).ToList();
            var answered = _meter.Take(batch, _random.Next(1, 9));
            return expected.SequenceEqual(answered) ? null
                : $"{string.Join(' ', answered)} and not {string.Join(' ', expected)}";
        }

        private string? Look()
        {
            var wanted = HistoryReference.Of(_taken.Values, DrawnHistory.June.Period.End);
            var found = _meter.Told(DrawnHistory.June.Period.End);
            return wanted == found ? null : $"\n{wanted}\nbut\n{found}";
        }
    }
}
