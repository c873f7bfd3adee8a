using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Jobs;

/// <summary>
/// Asks a run of a job to end before it is done, whichever server runs it, and lets that run hear of it.
/// </summary>
internal sealed class StopAsked : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _watching;

    private StopAsked(NpgsqlDataSource database, Job job, Instant due, CancellationToken ct)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _watching = Watch(database, job, due);
    }

    /// <summary>Who asked; null while nobody did.</summary>
    public string? By { get; private set; }

    public CancellationToken Token => _stop.Token;

    public static StopAsked Of(NpgsqlDataSource database, Job job, Instant due, CancellationToken ct) =>
        new(database, job, due, ct);

    private async Task Watch(NpgsqlDataSource database, Job job, Instant due)
    {
        const string Sql = "select stop_asked_by from exchange.job_run where job = $1 and due = $2";
        while (!_ended.IsCancellationRequested && By is null)
        {
            await Task.Delay(Pause, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await using var command = database.Statement(Sql, [job.Name, due]);
                if (await command.ExecuteScalarAsync(_ended.Token) is string { Length: > 0 } by)
                {
                    By = by;
                    await _stop.CancelAsync();
                }
            }
            catch (Exception e) when (e is OperationCanceledException or NpgsqlException)
            {
                // Nobody can be heard while the database is away; the run itself says if it cannot go on.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _watching;
        _ended.Dispose();
        _stop.Dispose();
    }
}
