using System.Collections.Concurrent;
using System.Diagnostics;

namespace Exchange.Portal;

/// <summary>
/// Answers that cost a dry run of a close, kept for all who ask. One holds while the journal says the same of what it
/// rests on, for as long as whoever asks allows. One is worked out at a time; who waited for it has it, too.
/// </summary>
internal sealed class RecentAnswers<TKey, TAnswer> : IDisposable
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Kept> _kept = new();
    private readonly SemaphoreSlim _one = new(1);

    /// <param name="Usage">What the meter had; nothing where time alone changes the answer.</param>
    /// <param name="Began">When it was begun: it is as new as whatever was asked before.</param>
    private sealed record Kept(string Journal, string? Usage, long Began, TAnswer Answer);

    /// <param name="journal">Versions of all that it rests on: where they change, it is worked out at once.</param>
    /// <param name="maxAge">How old it may be; nothing for an answer of now.</param>
    /// <param name="usage">
    /// What the meter has: an answer of the same usage holds, however old it is. Null where time alone changes it.
    /// </param>
    public async Task<TAnswer> Of(
        TKey key, string journal, TimeSpan maxAge, Func<Task<string>>? usage, Func<Task<TAnswer>> work,
        CancellationToken ct)
    {
        var asked = Stopwatch.GetTimestamp();
        if (Holding(key, journal) is { } recent && IsWithin(recent))
        {
            return recent.Answer;
        }

        var now = usage is null ? null : await usage();
        await _one.WaitAsync(ct);
        try
        {
            if (Holding(key, journal) is { } kept && (IsWithin(kept) || (now is not null && kept.Usage == now)))
            {
                return kept.Answer;
            }

            var began = Stopwatch.GetTimestamp();
            var answer = await work();
            Forget(began);
            _kept[key] = new(journal, now, began, answer);
            return answer;
        }
        finally
        {
            _one.Release();
        }

        bool IsWithin(Kept one) => Stopwatch.GetElapsedTime(one.Began, asked) < maxAge;
    }

    public void Dispose() => _one.Dispose();

    private Kept? Holding(TKey key, string journal) =>
        _kept.GetValueOrDefault(key) is { } kept && kept.Journal == journal ? kept : null;

    /// <summary>Those that are older than anybody takes, so that no number of keys fills the memory.</summary>
    private void Forget(long now)
    {
        foreach (var (key, kept) in _kept)
        {
            if (kept.Usage is null && Stopwatch.GetElapsedTime(kept.Began, now) >= RecentAnswers.MaxAge)
            {
                _kept.TryRemove(key, out _);
            }
        }
    }
}

/// <summary>What holds of all of them.</summary>
internal static class RecentAnswers
{
    /// <summary>How old pages take an answer.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);
}
