using Exchange.Journal;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Tests;

/// <summary>Runs commands as whoever has the machine.</summary>
internal static class Doing
{
    public static Task<TResult> Do<TResult>(this Composition exchange, ICommand<TResult> command) =>
        exchange.Commands.Execute(command, Actors.Local("test"), Serving.Ct);
}
