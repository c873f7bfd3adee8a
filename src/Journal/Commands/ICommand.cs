using NodaTime;

namespace Exchange.Journal;

/// <summary>
/// One thing that somebody can ask for. It reads streams, asks the rule and says what is to be appended; who may, the
/// audit note, conflicts and refusals are the executor's.
/// </summary>
/// <typeparam name="TResult">What whoever asked is told.</typeparam>
public interface ICommand<TResult>
{
    /// <summary>What the audit log calls it: 'void invoice'.</summary>
    string Act { get; }

    /// <summary>What it is done to, as the audit log names it.</summary>
    string Target { get; }

    /// <summary>The permission that it needs.</summary>
    string Permission { get; }

    /// <exception cref="RefusedException">The rule said no.</exception>
    Task<TResult> Decide(UnitOfWork work, Instant now, CancellationToken ct);

    /// <summary>
    /// Tidies what the journal does not hold, once all is appended: a secret that no longer signs, a copy in memory. A
    /// crash may leave it out.
    /// </summary>
    Task Appended(TResult result, CancellationToken ct) => Task.CompletedTask;
}
