namespace Exchange.Metering;

/// <summary>
/// Takes what is of several landlords side by side, since each lane waits for a disk of its own; what is of one
/// landlord in the order in which it came, for the first of two readings of the same id is the one that counts.
/// </summary>
/// <param name="take">Takes a part where its landlord lives.</param>
internal sealed class LandlordTakes(Func<string, Batch, Task<IngestOutcome>> take) : IAsyncDisposable
{
    private const int AtOnce = 16; // Parts of 8,192 readings at most wait in memory.
    private readonly Dictionary<string, Task<IngestOutcome>> _of = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _room = new(AtOnce);
    private volatile bool _hasFailed;

    /// <summary>Takes a part once what came before it of the same landlord is taken, and there is room.</summary>
    public async Task Add(string whose, Batch part, CancellationToken ct)
    {
        await _room.WaitAsync(ct);
        if (_hasFailed)
        {
            _room.Release();
            await Done(); // Tells why.
        }

        _of[whose] = After(_of.GetValueOrDefault(whose), whose, part);
    }

    /// <summary>What all of it came to, once it is durable.</summary>
    public async Task<IngestOutcome> Done() => (await Task.WhenAll(_of.Values)).Aggregate(
        new IngestOutcome(0, 0, 0), (sum, one) => sum + one);

    /// <summary>Nothing is under way any more when whoever began it is told that it failed.</summary>
    public async ValueTask DisposeAsync()
    {
        Task all = Task.WhenAll(_of.Values);
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _room.Dispose();
    }

    private async Task<IngestOutcome> After(Task<IngestOutcome>? before, string whose, Batch part)
    {
        try
        {
            var sum = before is null ? new(0, 0, 0) : await before;
            return sum + await take(whose, part);
        }
        catch
        {
            _hasFailed = true;
            throw;
        }
        finally
        {
            _room.Release();
        }
    }
}
