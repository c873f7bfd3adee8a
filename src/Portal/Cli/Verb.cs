using System.CommandLine;
using System.CommandLine.Parsing;
using Exchange.Journal;
using Exchange.Portal.Installing;
using Exchange.Portal.Names;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>One run of a verb: what was typed, where to print, and the exchange it works on.</summary>
internal sealed class Verb(ParseResult typed, Terminal terminal)
{
    /// <summary>Where the verbs of this flow of control print; tests run many at once.</summary>
    public static AsyncLocal<Terminal?> SpeaksTo { get; } = new();

    public Terminal Terminal => terminal;
    public bool Json => typed.GetValue(Settings.Json);
    public string Data => typed.GetValue(Settings.Data)!;
    public IClock Clock => terminal.Clock;

    /// <summary>Who is at the keyboard, for the audit log.</summary>
    public static string By => $"cli:{Environment.UserName}";

    /// <summary>The verb as it was typed, without its options: 'invoices void'.</summary>
    private string Words => string.Join(' ', Path(typed.CommandResult).Reverse());

    public DataLocation Place => new(
        Data, typed.GetValue(Settings.Database) ?? Environment.GetEnvironmentVariable("EXCHANGE_DATABASE"),
        typed.GetValue(Settings.Bare));

    /// <summary>Whether the directory was typed.</summary>
    public bool IsDataNamed => typed.GetResult(Settings.Data) is { Implicit: false };

    public T Get<T>(Option<T> option) => typed.GetValue(option)!;

    public T Get<T>(Argument<T> argument) => typed.GetValue(argument)!;

    public async Task<Composition> Open(CancellationToken ct)
    {
        RefuseForeignData();
        var exchange = await terminal.Progress("Opening the database …", _ => Composition.Open(Place, Clock, ct));
        try
        {
            foreach (var option in typed.CommandResult.Command.Options.OfType<IKnownNameOption>())
            {
                if (option.In(typed) is { } name &&
                    await Unknown(exchange, option.Kind, name, option.Name, ct) is { } refusal)
                {
                    throw new RefusedException(refusal);
                }
            }

            return exchange;
        }
        catch
        {
            await exchange.DisposeAsync();
            throw;
        }
    }

    /// <summary>Why a name is refused that was typed; null where something has it.</summary>
    public static async Task<Refusal?> Unknown(
        Composition exchange, NameKind kind, string name, string where, CancellationToken ct)
    {
        var viewer = new Viewer(By, "", Role.Finance);
        await using var view = new View(exchange.Views, viewer);
        return await new KnownNames(exchange, viewer, view).Refusal(kind, name, where, ct);
    }

    /// <summary>
    /// Root that opens the data of a service would leave files there that the service cannot read.
    /// </summary>
    /// <exception cref="RefusedException">The data are another user's.</exception>
    public void RefuseForeignData()
    {
        if (SettingsFile.Fault is { } fault)
        {
            throw new RefusedException(fault);
        }

        if (Place.Database is null && Environment.IsPrivilegedProcess && Directory.Exists(Data) &&
            Account.OwnerOf(Data) is var (owner, id) && id != 0)
        {
            throw new RefusedException(new(
                "data/of-another-user", $"The data directory '{Data}' belongs to '{owner}', and what root made in it " +
                $"could not be read by its service. Run: runuser -u {owner} -- exchange {Words} …", "--data"));
        }
    }

    public static Task<int> Run(
        ParseResult typed, Func<Verb, CancellationToken, Task<Answer>> work, CancellationToken ct) =>
        new Verb(typed, SpeaksTo.Value ?? Terminal.Here()).Run(work, ct);

    private static IEnumerable<string> Path(CommandResult command)
    {
        for (var at = command; at?.Parent is CommandResult above; at = above)
        {
            yield return at.Command.Name;
        }
    }

    private async Task<int> Run(Func<Verb, CancellationToken, Task<Answer>> work, CancellationToken ct)
    {
        using var said = EventHeaders.Use(new(By, Words));
        try
        {
            var answer = await work(this, ct);
            if (Json)
            {
                terminal.Json(answer.Document);
            }
            else
            {
                answer.Tell(terminal);
            }

            return answer.Exit;
        }
        catch (RefusedException e)
        {
            terminal.Failed([e.Refusal], Json);
            return e.Refusal.Code.Split('/')[0] switch
            {
                "postgres" or "world" => ExitCode.WorldFailed,
                "usage" when !NameKinds.IsUnknown(e.Refusal) => ExitCode.WrongUsage,
                _ => ExitCode.Refused,
            };
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            terminal.Error.WriteLine("Stopped. What was answered before stays; nothing half done was kept.");
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (WorldFailure.Of(e) is { } failure)
        {
            terminal.Failed([failure], Json);
            return ExitCode.WorldFailed;
        }
        catch (Exception e) // The edge of the program: whatever is left is our fault, and is told whole.
        {
            terminal.Failed([new("bug", $"The program itself failed; please report this. {e}")], Json);
            return ExitCode.WorldFailed;
        }
    }
}

/// <summary>Gives a command its work.</summary>
internal static class Verbs
{
    public static Command Does(this Command command, Func<Verb, CancellationToken, Task<Answer>> work)
    {
        command.SetAction((typed, ct) => Verb.Run(typed, work, ct));
        return command;
    }
}
