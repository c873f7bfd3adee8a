using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Exchange.Portal.Web;

/// <summary>
/// How many connections are open. Once half of those that may be are, each is closed with its answer: whoever opened
/// many and leaves them idle would otherwise keep everybody else out until they time out.
/// </summary>
internal sealed class OpenConnections(long most)
{
    private long _open;

    public bool IsCrowded => Interlocked.Read(ref _open) > most / 2;

    public void Count(ListenOptions listens) => listens.Use(next => async connection =>
    {
        Interlocked.Increment(ref _open);
        try
        {
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    });

    public void Use(WebApplication app) => app.Use((http, next) =>
    {
        if (IsCrowded)
        {
            http.Response.OnStarting(Close, http);
        }

        return next(http);
    });

    private static Task Close(object http)
    {
        ((HttpContext)http).Response.Headers.Connection = "close";
        return Task.CompletedTask;
    }
}
