using System.CommandLine;
using Exchange.Portal.Diagnosing;
using Exchange.Portal.Installing;

namespace Exchange.Portal.Cli;

/// <summary>exchange doctor — looks at everything the exchange stands on, and says what is to be done.</summary>
internal static class Doctor
{
    public static Command Command()
    {
        var signIn = Serve.SignIn();
        return new Command("doctor", "Checks what the exchange stands on; exit 1 if something fails.")
        {
            signIn,
        }.Does(async (verb, ct) =>
        {
            verb.RefuseForeignData();
            string[] secrets = SettingsFile.Here is { } settings ? [settings] : [];
            IReadOnlyList<Finding> found =
            [
                .. MachineChecks.Run(verb.Place, [.. secrets, .. Secrets(verb.Get(signIn))]),
                .. await verb.Terminal.Progress(
                    "Asking the database …", _ => DatabaseChecks.Run(
                        verb.Place, verb.Clock, WorldFailure.Of, ct)),
                await OutsideChecks.Mail(ct), await OutsideChecks.SignIn(verb.Get(signIn), ct),
            ];
            var failed = found.Count(one => one.Health == Health.Fail);
            return new(
                new
                {
                    checks = found.Select(one => new { one.Check, state = Word(one), one.Says, one.ToDo }),
                    ok = found.Count(one => one.Health == Health.Ok),
                    warn = found.Count(one => one.Health == Health.Warn),
                    fail = failed,
                },
                terminal => Tell(terminal, found), failed > 0 ? ExitCode.Refused : ExitCode.Done);
        });
    }

    private static void Tell(Terminal terminal, IReadOnlyList<Finding> found)
    {
        var width = found.Max(one => one.Check.Length);
        foreach (var one in found)
        {
            terminal.Say($"{Word(one),-4}  {one.Check.PadRight(width)}  {one.Says}");
            if (one.ToDo is { } toDo)
            {
                terminal.Say($"{new string(' ', 8 + width)}-> {toDo}");
            }
        }

        terminal.Say();
        terminal.Say($"{found.Count(one => one.Health == Health.Ok)} ok, " +
            $"{found.Count(one => one.Health == Health.Warn)} warn, " +
            $"{found.Count(one => one.Health == Health.Fail)} fail");
    }

    /// <summary>The file of the provider's settings, and that of the client's secret beside it.</summary>
    private static IEnumerable<string> Secrets(string? signIn) => string.IsNullOrEmpty(signIn) || !File.Exists(signIn)
        ? []
        : File.ReadLines(signIn).Where(line => line.StartsWith("secret_file:", StringComparison.Ordinal))
            .Select(line => Path.Combine(
                Path.GetDirectoryName(Path.GetFullPath(signIn))!, line.Split(':', 2)[1].Split('#')[0].Trim()));

    private static string Word(Finding finding) => finding.Health switch
    {
        Health.Ok => "ok",
        Health.Warn => "warn",
        Health.Fail => "fail",
    };
}
