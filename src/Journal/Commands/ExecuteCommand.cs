using NodaTime;

namespace Exchange.Journal;

/// <summary>Runs a command without permission and audit note: for jobs of the exchange itself, and tests.</summary>
public static class ExecuteCommand
{
    /// <summary>Decides and appends once.</summary>
    /// <exception cref="RefusedException">The rule said no.</exception>
    /// <exception cref="ConflictException">Someone else changed what was read; ask again.</exception>
    public static async Task<TResult> Execute<TResult>(
        this IJournal journal, ICommand<TResult> command, Instant now, CancellationToken ct)
    {
        var work = new UnitOfWork(journal);
        var result = await command.Decide(work, now, ct);
        if (work.Appends is { Count: > 0 } appends)
        {
            await journal.Append(appends, ct);
        }

        await command.Appended(result, ct);
        return result;
    }
}
