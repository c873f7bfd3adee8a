using Exchange.Journal;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Commands;

/// <summary>Who asks: the viewer of a page, whoever holds a key, or whoever has the machine.</summary>
internal static class Actors
{
    /// <summary>At the command line: whoever can run it can read the database, so nothing is kept from them.</summary>
    public static Actor Local(string name) => new(name, "local", _ => true);

    public static Actor Of(HttpContext http)
    {
        var viewer = Viewer.Needed(http);
        return new(
            viewer.Actor, AuthorizationResults.Origin(http),
            permission => Permissions.ByRole.TryGetValue(permission, out var roles) && roles.Contains(viewer.Role));
    }

    /// <summary>Runs a command for a page.</summary>
    /// <returns>The refusal, which is shown beside the field that it is about; null when it is done.</returns>
    public static async Task<Refusal?> Try<TResult>(
        this CommandExecutor commands, ICommand<TResult> command, HttpContext http, CancellationToken ct) =>
        (await commands.Ask(command, http, ct)).Refusal;

    /// <summary>Runs a command for a page that shows what came of it, or the refusal.</summary>
    public static async Task<(TResult? Done, Refusal? Refusal)> Ask<TResult>(
        this CommandExecutor commands, ICommand<TResult> command, HttpContext http, CancellationToken ct)
    {
        try
        {
            return (await commands.Execute(command, Of(http), ct), null);
        }
        catch (RefusedException e)
        {
            return (default, e.Refusal);
        }
    }
}
