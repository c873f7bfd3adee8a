using System.Runtime.InteropServices;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Calls that share a commit, what is fresh of each, and the blocks that this comes to.</summary>
internal sealed class NextCommit
{
    private const int MaxRows = 65_536;
    private readonly List<Call> _calls = [];
    private readonly List<BatchOutcome> _answers = [];
    private readonly List<Row> _fresh = [];
    private List<(Block Block, byte[] Hash)> _blocks = [];
    private Head? _before;
    private Head? _after;
    private DedupIndex? _ledger;
    private int _rows;

    public IReadOnlyList<Call> Calls => _calls;

    /// <summary>Whether everything was looked up, so that it can be written as it is.</summary>
    public bool IsGood { get; private set; } = true;

    public bool HasRoom => _rows < MaxRows && _calls.Count < MaxRows;

    public void Clear()
    {
        _calls.Clear();
        _answers.Clear();
        _fresh.Clear();
        (_ledger, _rows, IsGood) = (null, 0, true);
    }

    /// <summary>Adds a call that was taken from those that wait: it is in the commit, or is told why not.</summary>
    /// <param name="ledger">Null where it is to be looked up under the lock.</param>
    public async Task Take(Call call, DedupIndex? ledger)
    {
        try
        {
            if (ledger is null)
            {
                AddInTurn(call);
            }
            else
            {
                await Add(call, ledger);
            }
        }
        catch (Exception e)
        {
            call.Answer.TrySetException(e);
            throw;
        }
    }

    /// <summary>Tells everybody who was not answered yet.</summary>
    public void Fail(Exception e)
    {
        foreach (var call in _calls)
        {
            call.Answer.TrySetException(e);
        }
    }

    /// <summary>Adds a call that is to be looked up under the lock.</summary>
    private void AddInTurn(Call call)
    {
        _calls.Add(call);
        _rows += call.Batch?.Count ?? 0;
        IsGood = false;
    }

    /// <summary>Adds a call and looks it up.</summary>
    private async Task Add(Call call, DedupIndex ledger)
    {
        if (call.Batch is { } batch && (MovedAwayException.Of(ledger.Moved, batch) is not null ||
            (!ledger.Damage.IsEmpty && ledger.Damage.ProblemOf(batch.Landlords()) is not null)))
        {
            AddInTurn(call); // Perhaps its landlord came back, or the block: that is seen under the lock.
            return;
        }

        try
        {
            await Look(call, ledger, null, CancellationToken.None);
        }
#pragma warning disable CA1031 // Whatever it was, it is tried again under the lock, and told there.
        catch
#pragma warning restore CA1031
        {
            ledger.IsSpoilt = true;
            AddInTurn(call);
        }
    }

    /// <summary>
    /// Whether a call is answered at once: its landlord lives elsewhere, or what may be of it cannot be read.
    /// </summary>
    public static bool IsRefused(Call call, DedupIndex ledger)
    {
        if (call.Batch is null || (ledger.Damage.IsEmpty && ledger.Moved.Length == 0))
        {
            return false;
        }

        Exception? problem = call.IsMoving ? null : MovedAwayException.Of(ledger.Moved, call.Batch);
        problem ??= ledger.Damage.ProblemOf(call.Batch.Landlords());
        if (problem is not null)
        {
            call.Answer.TrySetException(problem);
        }

        return problem is not null;
    }

    /// <summary>Finds out what of a call is fresh.</summary>
    public async Task Look(Call call, DedupIndex ledger, NpgsqlConnection? connection, CancellationToken ct)
    {
        _ledger = ledger;
        var batch = call.Batch ?? new(ledger.Names);
        batch.Resolve(ledger.Names);
        var taken = new BatchOutcome(batch);
        await ledger.Know(connection, batch, _fresh, taken.Add, ct);
        call.Found = call.Sought is { } sought ? await ledger.Locate(connection!, sought, ct) : [];
        _calls.Add(call);
        _answers.Add(taken);
        _rows += batch.Count;
    }

    /// <summary>Makes blocks of what is fresh.</summary>
    public void Pack()
    {
        _before = _ledger?.Head;
        _blocks = _fresh.Count > 0 ? _ledger!.Pack(CollectionsMarshal.AsSpan(_fresh)) : [];
        _after = _ledger?.Head;
    }

    /// <summary>Writes it in a transaction of its own, and answers; no exception, whatever happens.</summary>
    public async Task<Written> Write(NpgsqlDataSource database)
    {
        var ct = CancellationToken.None; // To stop here would leave unknown whether it was written.
        try
        {
            Pack(); // Before anything is awaited: the next calls are looked up while this is written.
            await using var connection = await database.OpenConnectionAsync(ct);
            await using var transaction = HasMisfits ? await connection.BeginTransactionAsync(ct) : null;
            if (!await Turn.Wait(Write(connection, ct), database, connection, Turn.MaxStuck))
            {
                return Written.Overtaken;
            }

            if (transaction is not null)
            {
                await transaction.CommitAsync(ct);
            }
        }
#pragma warning disable CA1031 // Whatever it was, each call is tried alone then, and told.
        catch
#pragma warning restore CA1031
        {
            return Written.No;
        }

        _ledger!.Confirm(_after!);
        Answer();
        return Written.Yes;
    }

    /// <summary>Writes the blocks and what is set aside; no if the chain has another end than is known.</summary>
    public async Task<bool> Write(NpgsqlConnection connection, CancellationToken ct)
    {
        // Also where nothing is fresh: what is known to be there is there only while the chain ends as is known.
        if (_blocks.Count > 0
            ? !await BlockChain.Append(connection, _before!, _blocks, ct)
            : _before is not null && !await BlockChain.EndsAt(connection, _before, ct))
        {
            return false;
        }

        foreach (var (call, answer) in _calls.Zip(_answers))
        {
            await QuarantineTable.Add(
                connection, [.. answer.Batch.Misfits.Select(m => m.Misfit), .. answer.Conflicts.Values], call.Now, ct);
        }

        return true;
    }

    public void Answer()
    {
        foreach (var (call, answer) in _calls.Zip(_answers))
        {
            call.Answer.TrySetResult(answer);
        }
    }

    private bool HasMisfits => _answers.Exists(a => a.Batch.Misfits.Count + a.Conflicts.Count > 0);
}

/// <summary>Whether a commit was made, or another process was faster.</summary>
internal enum Written
{
    Yes,
    No,
    Overtaken,
}
