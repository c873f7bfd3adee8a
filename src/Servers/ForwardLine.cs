namespace Exchange.Servers;

/// <summary>
/// The line to the server that owns a lane: while some batches are under way the next fills up. Whoever waits in it has
/// a place and bytes of the server's budgets for uploads, so that it is no longer than those allow.
/// </summary>
/// <param name="send">Brings a batch there, and what became of each back.</param>
internal sealed class ForwardLine(Func<ForwardedRequest[], Task<ForwardedAnswer[]>> send)
{
    private const int BatchesAtOnce = 4;
    private const long BytesOfBatch = 4 << 20;
    private const long RestMilliseconds = 1_000;

    private readonly Lock _turn = new();
    private readonly Queue<Waiting> _waiting = new();
    private int _underWay;
    private long _restsUntil;

    /// <summary>Whether nothing is sent for a moment, because nothing arrived.</summary>
    public bool Rests => Environment.TickCount64 < Volatile.Read(ref _restsUntil);

    /// <summary>What became of a request. Whatever fails is thrown: then nobody knows whether it was taken.</summary>
    public Task<ForwardedAnswer> Send(ForwardedRequest request)
    {
        var one = new Waiting(request);
        lock (_turn)
        {
            _waiting.Enqueue(one);
            if (_underWay == BatchesAtOnce)
            {
                return one.Answer.Task;
            }

            _underWay++;
        }

        _ = SendAll();
        return one.Answer.Task;
    }

    private async Task SendAll()
    {
        while (Next() is { Count: > 0 } batch)
        {
            try
            {
                var answers = await send([.. batch.Select(one => one.Request)]);
                if (answers.Length != batch.Count)
                {
                    throw new InvalidOperationException("An owner answered another number of requests than it got.");
                }

                foreach (var (one, answer) in batch.Zip(answers))
                {
                    one.Answer.SetResult(answer);
                }
            }
            catch (Exception e)
            {
                Volatile.Write(ref _restsUntil, Environment.TickCount64 + RestMilliseconds);
                batch.ForEach(one => one.Answer.TrySetException(e));
            }
        }
    }

    private List<Waiting> Next()
    {
        var (batch, bytes) = (new List<Waiting>(), 0L);
        lock (_turn)
        {
            while (bytes < BytesOfBatch && _waiting.TryDequeue(out var one))
            {
                bytes += one.Request.Bytes;
                batch.Add(one);
            }

            _underWay -= batch.Count == 0 ? 1 : 0;
        }

        return batch;
    }

    private sealed record Waiting(ForwardedRequest Request)
    {
        public TaskCompletionSource<ForwardedAnswer> Answer { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
