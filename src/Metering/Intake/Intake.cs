using System.Threading.Channels;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Writes readings. Calls that come while a commit is under way are looked up meanwhile and share the next one. What
/// has been handed over is written even if its caller no longer waits.
/// </summary>
/// <param name="patience">How long another may hold the head and take no answer; as a turn says, usually.</param>
/// <param name="isHere">
/// Whether the lane is in this database still, as the journal says now: asked before what is there is believed to be
/// the lane's, for a database that a lane has left may be another's since. Null where there is no other.
/// </param>
internal sealed partial class Intake(
    NpgsqlDataSource database, int readingsInMemory = DedupIndex.ReadingsInMemory, TimeSpan? patience = null,
    Func<Task<bool>>? isHere = null)
{
    /// <summary>How many commits are made under the lock once another process was seen to write, too.</summary>
    private const int CommitsInTurn = 256;

    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();
    private readonly Compaction _merging = new(database, readingsInMemory);
    private DedupIndex? _ledger;
    private DedupIndex.Filters? _before;
    private Refusal? _unreadable;
    private int _inTurn;
    private Task _writer = Task.CompletedTask;
    private int _isWriting;

    /// <summary>Writes the fresh readings of a batch; answers when they are durable.</summary>
    /// <exception cref="MovedAwayException">It holds readings of a landlord who lives elsewhere since.</exception>
    public Task<BatchOutcome> Take(Batch batch, Instant now) => Submit(new(batch, now));

    /// <summary>The same for what is brought from where its landlord lived until now.</summary>
    public Task<BatchOutcome> Bring(Batch batch, Instant now) => Submit(new(batch, now) { IsMoving = true });

    /// <summary>The names that are known, perhaps not for long: a batch made with them is resolved anew.</summary>
    public async Task<Names> Names() => Volatile.Read(ref _ledger)?.Names ?? await NamesNow();

    /// <summary>The names that the blocks up to a number hold, and perhaps later ones, as they are now.</summary>
    public async Task<Names> Names(NpgsqlConnection connection, long upTo)
    {
        // What is known may be of blocks that are gone, where the database went back.
        var known = Volatile.Read(ref _ledger) is { } ledger && ledger.Stored is var (number, hash) && number >= upTo &&
            await BlockChain.Has(connection, number, hash, CancellationToken.None)
            ? ledger.Names
            : await NamesNow();
        return Damaged.Count == 0 ? known : await StoredNames.Read(connection, upTo);
    }

    /// <summary>The same where they are in memory already; null where they would have to be read.</summary>
    public async Task<Names?> NamesInMemory(NpgsqlConnection connection, long upTo) =>
        Volatile.Read(ref _ledger) is { } ledger && ledger.Damage.IsEmpty && ledger.Stored is var (number, hash) &&
        number >= upTo && await BlockChain.Has(connection, number, hash, CancellationToken.None) ? ledger.Names : null;

    /// <summary>Finds stored readings by their fingerprints; what is not there is left out.</summary>
    public async Task<Dictionary<Fingerprint.Key, (long Block, Row Row)>> Locate(
        IReadOnlySet<Fingerprint.Key> keys, CancellationToken ct)
    {
        var call = new Call(null, Instant.MinValue) { Sought = keys };
        await Submit(call).WaitAsync(ct);
        return call.Found;
    }

    private async Task<Names> NamesNow() => (await Submit(new(null, Instant.MinValue))).Batch.Names;

    /// <summary>Done when what was answered is behind the writer, and no runs of readings are being merged.</summary>
    public Task Merged => AfterWriting();

    /// <summary>Why runs of readings could not be merged; null when they could.</summary>
    public string? NotMerged => _merging.Failure;

    /// <summary>What stops everybody's readings, when it was last tried; null where nothing does.</summary>
    public Refusal? Unreadable => Volatile.Read(ref _unreadable);

    /// <summary>What the filters of known readings take.</summary>
    public long FilterBytes => Volatile.Read(ref _ledger)?.Runs.All.Sum(run => run.FilterBytes) ?? 0;

    /// <summary>Blocks that are not what was written, and whose they are.</summary>
    public IReadOnlyList<string> Damaged => Volatile.Read(ref _ledger)?.Damage.Places ?? [];

    /// <summary>Forgets what was read of the blocks, but for filters, and reads it again when it is needed.</summary>
    public void Forget()
    {
        _before = _ledger?.Known ?? _before; // No more than that: what is read again needs the room of the rest.
        Volatile.Write(ref _ledger, null);
    }

    private Task<BatchOutcome> Submit(Call call)
    {
        _calls.Writer.TryWrite(call);
        if (Interlocked.CompareExchange(ref _isWriting, 1, 0) == 0)
        {
            Volatile.Write(ref _writer, Task.Run(WriteAll));
        }

        return call.Answer.Task;
    }

    /// <summary>Runs begin to be merged after the calls whose readings filled one were answered.</summary>
    private async Task AfterWriting()
    {
        await Volatile.Read(ref _writer);
        await _merging.Done;
    }

    /// <summary>Writes until nobody waits. Whatever fails fails for those who wait now: the writer goes on.</summary>
    private async Task WriteAll()
    {
        do
        {
            var (one, two) = (new NextCommit(), new NextCommit());
            try
            {
                await WriteBy(one, two);
            }
#pragma warning disable CA1031 // Whatever it was, those who wait are told, and those who come later are served.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Forget();
                one.Fail(e);
                two.Fail(e);
            }

            Volatile.Write(ref _isWriting, 0);
        }
        while (_calls.Reader.TryPeek(out _) && Interlocked.CompareExchange(ref _isWriting, 1, 0) == 0);
    }

    private async Task WriteBy(NextCommit under, NextCommit next)
    {
        var written = Task.FromResult(Written.Yes);
        do
        {
            await Gather(next, written);
            var isNextGood = next.IsGood;
            if (await written is not Written.Yes and var how)
            {
                // What was looked up since rests on what was not written.
                (_inTurn, isNextGood) = (how == Written.Overtaken ? CommitsInTurn : _inTurn, false);
                Forget();
                await WriteInTurn(under.Calls);
            }

            if (!isNextGood || (next.Calls.Count == 0 && _ledger?.IsFull == true))
            {
                await WriteInTurn(next.Calls);
                next.Clear();
            }

            (under, next) = (next, under);
            next.Clear();
            written = under.Calls.Count > 0 ? under.Write(database) : Task.FromResult(Written.Yes);
        }
        while (under.Calls.Count > 0 || _calls.Reader.TryPeek(out _) || await IsLeaving());
    }

    /// <summary>Where nobody waits, what leaves memory is waited for until somebody does.</summary>
    private async Task<bool> IsLeaving()
    {
        if (_ledger?.Packing is not { } packing)
        {
            return false;
        }

        await Task.WhenAny(packing, _calls.Reader.WaitToReadAsync().AsTask());
        return true;
    }

    /// <summary>Takes the calls that come until the commit before is done, and looks up what is fresh.</summary>
    private async Task Gather(NextCommit next, Task<Written> before)
    {
        Task<bool>? comes = null;
        while (true)
        {
            while (next.HasRoom && _calls.Reader.TryPeek(out var call))
            {
                var ledger = Volatile.Read(ref _ledger);
                var isInTurn = !next.IsGood || call.Batch is null || ledger is null || ledger.IsFull || _inTurn > 0;
                if (isInTurn && next.IsGood && next.Calls.Count > 0)
                {
                    return; // Those before it go first.
                }

                _calls.Reader.TryRead(out _);
                await next.Take(call, isInTurn ? null : ledger);
            }

            if (before.IsCompleted || !next.HasRoom)
            {
                return;
            }

            comes = comes is null or { IsCompleted: true } ? _calls.Reader.WaitToReadAsync().AsTask() : comes;
            await Task.WhenAny(before, comes);
        }
    }
}
