using Npgsql;

namespace Exchange.Metering;

/// <summary>How readings are written under the lock on the end of the chain.</summary>
internal sealed partial class Intake
{
    /// <summary>
    /// If a commit of several calls fails, each is tried alone: what is wrong with one harms none. A turn that was lost
    /// is begun again: what may be there of it counts once.
    /// </summary>
    private async Task WriteInTurn(IReadOnlyList<Call> calls, int lost = 0)
    {
        try
        {
            await Commit(calls);
        }
        catch (NpgsqlException e) when (Turn.IsLost(e) && lost < Turn.MaxLost)
        {
            Forget();
            await WriteInTurn(calls, lost + 1);
        }
#pragma warning disable CA1031 // Whatever it was, the one who waits is told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Forget();
            _unreadable = (e as RefusedException)?.Refusal is { Code: Metering.Unreadable.Code } refusal
                ? refusal
                : _unreadable;
            foreach (var call in calls.Where(call => !call.Answer.Task.IsCompleted))
            {
                await (calls.Count == 1 ? Task.FromResult(call.Answer.TrySetException(e)) : WriteInTurn([call], lost));
            }
        }
    }

    /// <summary>Writes under the lock on the head: processes take turns.</summary>
    private async Task Commit(IReadOnlyList<Call> calls)
    {
        var ct = CancellationToken.None; // To stop here would leave unknown whether it was written.
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var head = await Head.Lock(database, connection, patience ?? Turn.MaxStuck, ct);
        var ledger = _ledger is { } known && await known.Follows(connection, head, ct)
            ? known
            : isHere is null || await isHere()
            ? new(database, head, readingsInMemory, _ledger?.Known ?? _before)
            : throw new MovedAwayException("everybody");
        _before = null;
        await ledger.CatchUp(connection, head, ct);
        var commit = new NextCommit();
        foreach (var call in calls.Where(call => !NextCommit.IsRefused(call, ledger)))
        {
            await commit.Look(call, ledger, connection, ct);
        }

        commit.Pack();
        if (!await commit.Write(connection, ct))
        {
            throw new InvalidOperationException("The end of the chain moved while it was locked. Restore a backup.");
        }

        await ledger.Leave(connection, ct);
        await transaction.CommitAsync(ct);
        ledger.Part();
        _inTurn = Math.Max(0, _inTurn - 1);
        ledger.Confirm(ledger.Head);
        Volatile.Write(ref _ledger, ledger);
        _unreadable = null;
        _merging.Begin(ledger.Runs);
        commit.Answer();
    }
}
