using System.Globalization;
using System.Net.Sockets;
using Xunit;

namespace Exchange.Testing;

/// <summary>A real RabbitMQ on loopback, with ports, data and a name server of its own.</summary>
public sealed class TestRabbit : IAsyncDisposable
{
    private readonly Component _names;
    private readonly Dictionary<string, string> _environment;
    private Component _server;

    private TestRabbit(Component names, Component server, Dictionary<string, string> environment, int port)
    {
        (_names, _server, _environment) = (names, server, environment);
        Url = new Uri($"amqp://guest:guest@127.0.0.1:{port}/");
    }

    public Uri Url { get; }

    public static async Task<TestRabbit> Start()
    {
        Component.Find("rabbitmq-server", "/usr/lib/rabbitmq/bin/rabbitmq-server");
        var epmd = Component.Find("rabbitmq-server", "epmd", "/usr/lib/erlang/erts-*/bin/epmd");
        var (port, own, names) = (Ports.Free(), Ports.Free(), Ports.Free());
        var folder = Component.NewFolder().FullName;
        var ct = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "rabbit.conf"), $"listeners.tcp.1 = 127.0.0.1:{port}\nlog.console.level = error\n", ct);
        await File.WriteAllTextAsync(Path.Combine(folder, "plugins"), "[].\n", ct);
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = folder,
            ["RABBITMQ_NODENAME"] = $"test{port}@localhost",
            ["RABBITMQ_DIST_PORT"] = own.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(folder, "pid"),
            ["RABBITMQ_SCHEMA_DIR"] = Path.Combine(folder, "schema"),
            ["RABBITMQ_GENERATED_CONFIG_DIR"] = Path.Combine(folder, "generated"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "plugins"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, "rabbit"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = names.ToString(CultureInfo.InvariantCulture),
        };
        var server = Component.Start(epmd, Component.NewFolder().FullName, environment);
        var rabbit = new TestRabbit(server, Started(folder, environment), environment, port);
        await rabbit.Listens();
        return rabbit;
    }

    /// <summary>Ends it as a loss of power would, and starts it again over what it had written.</summary>
    public async Task KillAndStart()
    {
        _server.Keep = true;
        await _server.DisposeAsync();
        _server = Started(_server.Folder, _environment);
        await Listens();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _names.DisposeAsync();
    }

    private static Component Started(string folder, Dictionary<string, string> environment) =>
        Component.Start("/usr/lib/rabbitmq/bin/rabbitmq-server", folder, environment);

    private Task Listens() => _server.Until(async () =>
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(Url.Host, Url.Port, TestContext.Current.CancellationToken);
        return true;
    });
}
