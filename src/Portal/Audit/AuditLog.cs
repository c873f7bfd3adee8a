using System.Diagnostics;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using Exchange.Journal;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Portal.Audit;

/// <summary>Who did what to what, from where, with what result; in the journal, so in its hash chain.</summary>
[JsonDerivedType(typeof(Noted), "audit-noted/1")]
internal abstract record AuditEvent
{
    private AuditEvent() { }

    /// <param name="Result">'done', or the code of the refusal.</param>
    /// <param name="Times">How often the very same thing happened at once.</param>
    public sealed record Noted(
        string Actor, string Act, string Target, string Result, string Origin, int Times, Instant At) : AuditEvent
    {
        private const int MaxWord = 300;

        /// <summary>A note of something that happened once, its words cut to what a note holds.</summary>
        public static Noted Of(string actor, string act, string target, string result, string origin, Instant at) =>
            new(Cut(actor), Cut(act), Cut(target), result, origin, 1, at);

        /// <summary>Without the one character that no event may hold: who is refused for it is noted, too.</summary>
        private static string Cut(string word) =>
            (word.Length <= MaxWord ? word : word[..MaxWord]).Replace('\0', '\uFFFD');
    }
}

/// <summary>Writes the audit log: callers share a commit, and each goes on once its note is durable.</summary>
internal sealed class AuditLog : IAsyncDisposable
{
    /// <summary>How often it is looked whether counts of refusals are due.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    private readonly RefusalCounts _refusals = new(Stopwatch.GetTimestamp);
    private readonly CancellationTokenSource _ending = new();

    /// <summary>What was taken to be noted is in the log before anybody else says that all is.</summary>
    private readonly SemaphoreSlim _counting = new(1);

    private readonly Channel<(AuditEvent.Noted Note, TaskCompletionSource Durable)> _waiting =
        Channel.CreateBounded<(AuditEvent.Noted, TaskCompletionSource)>(4_096);
    private readonly IJournal _journal;
    private readonly IClock _clock;
    private readonly Task _writer;
    private readonly Task _counter;
    private string _stream = "";
    private long _version;

    public AuditLog(IJournal journal, IClock clock)
    {
        _journal = journal;
        _clock = clock;
        _writer = Task.Run(Write);
        _counter = Task.Run(Count);
    }

    /// <summary>
    /// Notes that somebody was refused something. They can be that as often as they like, so beyond some a minute it is
    /// counted, and the counts are noted later.
    /// </summary>
    public async Task NoteRefusal(
        string actor, string act, string target, string result, string origin, CancellationToken ct)
    {
        var refused = Of(actor, act, target, result, origin);
        if (_refusals.IsTold(refused))
        {
            var written = Write(refused, ct);
            await written.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!written.IsCompletedSuccessfully) // Also of one who did not wait: better twice than never.
            {
                _refusals.PutBack(refused);
            }

            await written;
        }
    }

    /// <summary>Notes what was counted so far.</summary>
    public async Task FlushCounts(CancellationToken ct)
    {
        await _counting.WaitAsync(ct);
        try
        {
            var outcome = await WriteCounts(all: true, ct);
            await outcome;
        }
        finally
        {
            _counting.Release();
        }
    }

    public async Task Note(string actor, string act, string target, string result, string origin, CancellationToken ct)
    {
        await Write(Of(actor, act, target, result, origin), ct);
    }

    private AuditEvent.Noted Of(string actor, string act, string target, string result, string origin) =>
        AuditEvent.Noted.Of(actor, act, target, result, origin, _clock.GetCurrentInstant());

    private async Task Write(AuditEvent.Noted note, CancellationToken ct)
    {
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _waiting.Writer.WriteAsync((note, durable), ct);
        await durable.Task.WaitAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _counter;
        _waiting.Writer.TryComplete();
        await _writer;
        _counting.Dispose();
        _ending.Dispose();
    }

    /// <summary>Notes counts when they are due, and the last of them at the end.</summary>
    private async Task Count()
    {
        while (!_ending.IsCancellationRequested)
        {
            await Task.Delay(Between, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _counting.WaitAsync(CancellationToken.None);
            try
            {
                await WriteCounts(all: _ending.IsCancellationRequested, CancellationToken.None);
            }
            finally
            {
                _counting.Release();
            }
        }
    }

    /// <summary>Writes the counts that are due. While the database is away they are counted on.</summary>
    /// <returns>The last that failed; a task that is done where none did.</returns>
    private async Task<Task> WriteCounts(bool all, CancellationToken ct)
    {
        var outcome = Task.CompletedTask;
        foreach (var counted in _refusals.Take(_clock.GetCurrentInstant(), all))
        {
            var written = Write(counted, ct);
            await written.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!written.IsCompletedSuccessfully)
            {
                _refusals.PutBack(counted);
                outcome = written;
            }
        }

        return outcome;
    }

    private async Task Write()
    {
        while (await _waiting.Reader.WaitToReadAsync())
        {
            var batch = new List<(AuditEvent.Noted Note, TaskCompletionSource Durable)>();
            while (batch.Count < 1_000 && _waiting.Reader.TryRead(out var next))
            {
                batch.Add(next);
            }

            try
            {
                await Append(batch.ConvertAll(b => b.Note));
                batch.ForEach(b => b.Durable.SetResult());
            }
            catch (Exception e)
            {
                batch.ForEach(b => b.Durable.SetException(e)); // Every caller hears that its act is not in the log.
            }
        }
    }

    /// <summary>One stream a day. The same thing many times at once is one note, so that a flood stays small.</summary>
    private async Task Append(IReadOnlyList<AuditEvent.Noted> notes)
    {
        var day = LocalDatePattern.Iso.Format(notes[^1].At.InUtc().Date);
        var events = notes
            .GroupBy(n => n with { At = default, Times = 1 })
            .Select(same => (AuditEvent)(same.First() with { Times = same.Sum(n => n.Times) }))
            .ToList();
        for (var attempt = 1; ; attempt++)
        {
            if (_stream != $"audit-{day}")
            {
                _stream = $"audit-{day}";
                _version = (await _journal.Read<AuditEvent>(_stream, CancellationToken.None)).Count;
            }

            try
            {
                await _journal.Append([StreamAppend.Of(_stream, _version, events)], CancellationToken.None);
                _version += events.Count;
                return;
            }
            catch (ConflictException) when (attempt < 20)
            {
                _stream = ""; // Another process wrote first: look again.
                await Task.Delay(attempt);
            }
        }
    }
}
