using Exchange.Journal;
using NodaTime;

namespace Exchange.Portal.Commands;

/// <summary>
/// Something that changes nothing that is decided in the journal, and is noted all the same: what was taken out as
/// files, a backup, read models built again. That it was refused is noted too.
/// </summary>
/// <param name="target">What it is done to, while it is not known better.</param>
/// <param name="targetOf">What it was done to, told by what came of it.</param>
internal sealed class NotedAct<TResult>(
    string act, string target, string permission, Func<CancellationToken, Task<TResult>> work,
    Func<TResult, string>? targetOf = null) : ICommand<TResult>
{
    public string Act => act;
    public string Target { get; private set; } = target;
    public string Permission => permission;

    public async Task<TResult> Decide(UnitOfWork decided, Instant now, CancellationToken ct)
    {
        var result = await work(ct);
        Target = targetOf?.Invoke(result) ?? Target;
        return result;
    }
}

/// <summary>Makes noted acts without naming the type of what comes of them.</summary>
internal static class NotedAct
{
    /// <summary>At the command line, by whoever can run it.</summary>
    public static Task<TResult> Noted<TResult>(
        this CommandExecutor commands, string act, string target, Func<CancellationToken, Task<TResult>> work,
        CancellationToken ct, Func<TResult, string>? targetOf = null) => commands.Execute(
            new NotedAct<TResult>(act, target, Actor.HasTheMachine, work, targetOf),
            Actors.Local(EventHeaders.Current?.Who ?? "exchange"), ct);
}
