using System.Diagnostics;
using NodaTime;

namespace Exchange.Portal.Audit;

/// <summary>
/// What was refused, so counted that the log grows by a bounded amount however often somebody is refused: of each actor
/// the first few in a while are told one by one, the others are told as counts when the while is over. A while in which
/// some were only counted makes the next one twice as long.
/// </summary>
internal sealed class RefusalCounts(Func<long> ticks)
{
    /// <summary>Whoever is not known shares one budget with all others who are not.</summary>
    public const string Stranger = "nobody";

    public const int OfStrangers = 20;
    public const int OfSomebody = 200;

    /// <summary>Kinds of refusal that are counted apart; the rest are counted together.</summary>
    public const int MaxKinds = 10;

    /// <summary>Actors are people and keys that were let in; beyond so many the rest share one budget.</summary>
    private const int MaxActors = 10_000;

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxWindow = TimeSpan.FromHours(1);

    private readonly Lock _turn = new();
    private readonly Dictionary<string, Window> _windows = new(StringComparer.Ordinal);

    /// <summary>What one actor was refused since a moment.</summary>
    private sealed class Window
    {
        public long Since { get; set; }
        public TimeSpan Length { get; set; } = Shortest;
        public int Noted { get; set; }

        /// <summary>Those that were not told, under what the first of each kind was.</summary>
        public Dictionary<(string Act, string Result), AuditEvent.Noted> Counted { get; } = [];
    }

    /// <summary>Whether this one is to be told by itself; if not it is counted.</summary>
    public bool IsTold(AuditEvent.Noted refused)
    {
        lock (_turn)
        {
            var (actor, window) = WindowOf(refused.Actor);
            if (window.Noted < (actor == Stranger ? OfStrangers : OfSomebody))
            {
                window.Noted++;
                return true;
            }

            Count(window, refused);
            return false;
        }
    }

    /// <summary>Takes back what could not be written: it is told with what is counted next.</summary>
    public void PutBack(AuditEvent.Noted counted)
    {
        lock (_turn)
        {
            Count(WindowOf(counted.Actor).Window, counted);
        }
    }

    private (string Actor, Window Window) WindowOf(string of)
    {
        var actor = _windows.ContainsKey(of) || _windows.Count < MaxActors ? of : Stranger;
        if (!_windows.TryGetValue(actor, out var window))
        {
            _windows[actor] = window = new() { Since = ticks() };
        }

        return (actor, window);
    }

    private static void Count(Window window, AuditEvent.Noted refused)
    {
        var kind = (refused.Act, refused.Result);
        if (!window.Counted.ContainsKey(kind) && window.Counted.Count >= MaxKinds)
        {
            kind = ("other requests", refused.Result.Split('/')[0]);
        }

        window.Counted[kind] = window.Counted.TryGetValue(kind, out var first)
            ? first with { Times = (int)Math.Min(int.MaxValue, (long)first.Times + refused.Times) }
            : refused with { Act = kind.Item1 };
    }

    /// <summary>The counts of each while that is over.</summary>
    /// <param name="all">Also those of whiles that are not: the program ends.</param>
    public IReadOnlyList<AuditEvent.Noted> Take(Instant now, bool all = false)
    {
        var taken = new List<AuditEvent.Noted>();
        lock (_turn)
        {
            foreach (var (actor, window) in _windows.ToList())
            {
                if (!all && Stopwatch.GetElapsedTime(window.Since, ticks()) < window.Length)
                {
                    continue;
                }

                if (window.Counted.Count == 0)
                {
                    _windows.Remove(actor);
                    continue;
                }

                taken.AddRange(window.Counted.Values.Select(counted => counted with { At = now }));
                window.Counted.Clear();
                (window.Since, window.Noted) = (ticks(), 0);
                window.Length = window.Length * 2 < MaxWindow ? window.Length * 2 : MaxWindow;
            }
        }

        return taken;
    }
}
