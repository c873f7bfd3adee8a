using Exchange.Journal;
using Exchange.Portal.Audit;
using NodaTime;

namespace Exchange.Portal.Commands;

/// <summary>
/// Runs every command of a person or a program in one way, whether it came from a page, the API or the command line:
/// who may, what the rule says, and one append that holds the events and the audit note of them.
/// </summary>
internal sealed class CommandExecutor(IJournal journal, AuditLog audit, Projections projections, IClock clock)
{
    private const int Tries = 3;

    /// <exception cref="RefusedException">
    /// Who asks may not, the rule said no, or others were faster each time. The refusal is in the audit log.
    /// </exception>
    public async Task<TResult> Execute<TResult>(ICommand<TResult> command, Actor actor, CancellationToken ct)
    {
        using var said = EventHeaders.Use(new(actor.Name, command.Act, EventHeaders.Current?.Correlation));
        try
        {
            if (!actor.May(command.Permission))
            {
                throw new RefusedException(new(
                    "access/not-yours", $"This needs the permission '{command.Permission}', which you do not have."));
            }

            return await Decide(command, actor, ct);
        }
        catch (RefusedException e)
        {
            await audit.Note(actor.Name, command.Act, command.Target, e.Refusal.Code, actor.Origin, ct);
            throw;
        }
    }

    private async Task<TResult> Decide<TResult>(ICommand<TResult> command, Actor actor, CancellationToken ct)
    {
        for (var tried = 1; ; tried++)
        {
            await projections.CatchUp(ct); // What commands look up by number is as new as the journal.
            try
            {
                var work = new UnitOfWork(journal);
                var result = await command.Decide(work, clock.GetCurrentInstant(), ct);
                await Append(work.Appends, command.Act, command.Target, actor, ct);
                await projections.CatchUp(ct);
                await command.Appended(result, ct);
                return result;
            }
            catch (ConflictException) when (tried < Tries)
            {
                // Someone else was faster; what they wrote is read with the next try.
            }
            catch (ConflictException)
            {
                throw new RefusedException(new(
                    "request/overtaken",
                    $"Others changed the same thing {Tries} times while this was decided. Look at it again."));
            }
        }
    }

    /// <summary>The events and their note together; where nothing came of it, the note alone.</summary>
    private async Task Append(
        IReadOnlyList<StreamAppend> appends, string act, string target, Actor actor, CancellationToken ct)
    {
        if (appends.Count == 0)
        {
            await audit.Note(actor.Name, act, target, "done", actor.Origin, ct);
            return;
        }

        // A stream of its own, named after what it notes: no two commands ever wait for each other's notes.
        var first = appends[0];
        var note = StreamAppend.Of<AuditEvent>(
            $"audit-of:{first.Stream}@{first.ExpectedVersion}", 0,
            [AuditEvent.Noted.Of(actor.Name, act, target, "done", actor.Origin, clock.GetCurrentInstant())]);
        await journal.Append([.. appends, note], ct);
    }
}
