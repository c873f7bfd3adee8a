using System.Collections.Concurrent;

namespace Exchange.Portal.Peers;

/// <summary>
/// Whose statement is read into memory now: one of each peer that said first who it is, and two of all who did not.
/// Strangers can keep their own two places and nobody else's.
/// </summary>
internal sealed class StatementTurns : IDisposable
{
    /// <summary>A peer gives up after ten seconds itself; who takes longer is not one, or tries again.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(20);

    private const int Strangers = 2;
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _ofPeers = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _ofStrangers = new(Strangers);

    /// <summary>How many places there are for those who do not say who they are.</summary>
    public int OfStrangers => _ofStrangers.CurrentCount;

    /// <summary>The turn, to be released; null where it is taken.</summary>
    /// <param name="peer">An admitted peer that showed that it is the one; null for anybody else.</param>
    public SemaphoreSlim? Take(string? peer)
    {
        var turn = peer is null ? _ofStrangers : _ofPeers.GetOrAdd(peer, _ => new(1));
        return turn.Wait(TimeSpan.Zero) ? turn : null;
    }

    public void Dispose()
    {
        _ofStrangers.Dispose();
        foreach (var turn in _ofPeers.Values)
        {
            turn.Dispose();
        }
    }
}
