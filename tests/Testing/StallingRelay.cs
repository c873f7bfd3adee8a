using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Exchange.Testing;

/// <summary>
/// Stands before a mail server and never passes on that it took a message: whoever sends one waits, and can be killed
/// in between.
/// </summary>
public sealed class StallingRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _unsaid;

    private StallingRelay(int server)
    {
        _listener.Start();
        _ = Accept(server);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Done when the server has taken a message of which its sender does not know.</summary>
    public Task Taken => _taken.Task;

    /// <summary>How many the server has taken without its sender's knowing.</summary>
    public int Unsaid => Volatile.Read(ref _unsaid);

    public static StallingRelay Before(int server) => new(server);

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task Accept(int server)
    {
        while (!_end.IsCancellationRequested)
        {
            var client = await _listener.AcceptTcpClientAsync(_end.Token);
            _ = Pass(client, server);
        }
    }

    private async Task Pass(TcpClient client, int server)
    {
        using var from = client;
        using var to = new TcpClient();
        await to.ConnectAsync(IPAddress.Loopback, server, _end.Token);
        var sent = new StringBuilder();
        var forth = Copy(from.GetStream(), to.GetStream(), text =>
        {
            sent.Append(text);
            return Task.CompletedTask;
        });
        await Copy(to.GetStream(), from.GetStream(), async _ =>
        {
            if (sent.ToString().EndsWith("\r\n.\r\n", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _unsaid);
                _taken.TrySetResult();
                await Task.Delay(Timeout.Infinite, _end.Token); // The sender hears nothing more.
            }
        });
        await forth;
    }

    private async Task Copy(NetworkStream from, NetworkStream to, Func<string, Task> seen)
    {
        var buffer = new byte[65_536];
        while (await from.ReadAsync(buffer, _end.Token) is > 0 and var read)
        {
            await seen(Encoding.Latin1.GetString(buffer, 0, read));
            await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }
}
