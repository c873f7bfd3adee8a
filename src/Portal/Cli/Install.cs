using System.CommandLine;
using Exchange.Portal.Installing;
using Exchange.Portal.Web;

namespace Exchange.Portal.Cli;

/// <summary>exchange install — makes this machine run the exchange as a service.</summary>
internal static class Install
{
    public static Command Command()
    {
        var user = new Option<string>("--user")
        {
            Description = "Who the service runs as; made if there is no such user.",
            HelpName = "NAME",
            DefaultValueFactory = _ => InstallOptions.DefaultUser,
        };
        var urls = new Option<string[]>("--urls")
        {
            Description = "Where the service listens; several are separated by ';'.",
            HelpName = "URL",
            DefaultValueFactory = _ => [ServerOptions.Default],
        };
        var root = new Option<string>("--root")
        {
            Description = "The root of an image that is being built, instead of this machine's.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "/",
        };
        var trial = new Option<bool>("--dry-run") { Description = "Says what would be done, and does nothing." };
        var idle = new Option<bool>("--no-start") { Description = "Leaves the service stopped." };
        return new Command(
            "install", "Makes this machine run it as a service: user, directories, settings, unit, log rotation.")
        {
            user, urls, root, trial, idle,
        }.Does((verb, _) => Task.FromResult(Run(new(
            Environment.ProcessPath!, verb.Get(user), verb.IsDataNamed ? verb.Data : InstallOptions.DefaultData,
            [.. verb.Get(urls).SelectMany(u => u.Split(';', StringSplitOptions.RemoveEmptyEntries))])
        {
            Root = Path.GetFullPath(verb.Get(root)),
            IsTrial = verb.Get(trial),
            Starts = !verb.Get(idle),
        })));
    }

    /// <summary>Everything that stands in the way is said at once, and then nothing is done.</summary>
    internal static Answer Run(InstallOptions options)
    {
        var refusals = InstallChecks.Run(options);
        if (refusals.Count > 0)
        {
            return new(
                new { errors = refusals }, terminal => terminal.Failed(refusals, json: false), ExitCode.Refused);
        }

        var steps = new Installation(options).Run();
        return new(new { steps, options.User, options.Data, settings = InstallOptions.SettingsPath }, terminal =>
        {
            terminal.Table(["state", "what"], steps.Select(step => (IReadOnlyList<string>)[step.State, step.What]));
            if (!options.IsTrial)
            {
                Next(terminal, options);
            }
        });
    }

    private static void Next(Terminal terminal, InstallOptions options)
    {
        var asUser = $"runuser -u {options.User} -- exchange";
        terminal.Say();
        if (!options.IsThisMachine || !options.Starts || !Installation.HasSystemd)
        {
            terminal.Say(options.IsThisMachine && Installation.HasSystemd
                ? "Start it with: systemctl enable --now exchange"
                : $"systemd does not run here. Start it with: {asUser} serve");
        }

        terminal.Say($"Look at it with: {asUser} doctor");
        terminal.Say(
            $"Sign in as the first operator, in a browser of this machine: {asUser} sign-in-link --as operator");
        terminal.Say($"Settings are in {InstallOptions.SettingsPath}.");
    }
}
