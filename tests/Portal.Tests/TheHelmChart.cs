using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Exchange.Testing;
using Xunit;
using YamlDotNet.Serialization;

namespace Exchange.Portal.Tests;

/// <summary>
/// What packaging/ says to a cluster. Neither helm nor a container engine is here: templates use few actions, which are
/// carried out here, and what comes out is read; values are held to their schema.
/// </summary>
public partial class TheHelmChart
{
    private const string Chart = "packaging/helm/exchange";

    private static readonly (string Name, object Value)[] Needed =
        [("image.repository", "registry.test/exchange"), ("image.reference", ":1.0.0")];

    [Fact]
    public void Pods_are_nobody_with_a_read_only_root_probed_and_take_secrets_by_reference()
    {
        var values = Values([
            .. Needed, ("replicas", 3), ("database.secretName", "db"), ("mail.secretName", "mail"),
            ("signIn.secretName", "oidc"), ("address", "https://exchange.test"), ("closeOn", 3)]);
        Assert.Equal([], ValuesSchema.Wrong(values));
        var set = Rendered("statefulset.yaml", values);
        Assert.Equal("3", At(set, "spec.replicas"));
        var pod = (Dictionary<object, object>)Node(set, "spec.template.spec")!;
        Assert.Equal("true", At(pod, "securityContext.runAsNonRoot"));
        Assert.Equal("false", At(pod, "automountServiceAccountToken"));
        var container = ((List<object>)pod["containers"])[0];
        Assert.Equal("registry.test/exchange:1.0.0", At(container, "image"));
        Assert.Equal("true", At(container, "securityContext.readOnlyRootFilesystem"));
        Assert.Equal("false", At(container, "securityContext.allowPrivilegeEscalation"));
        Assert.Equal(["ALL"], (List<object>)Node(container, "securityContext.capabilities.drop")!);
        Assert.Equal("/health/live", At(container, "livenessProbe.httpGet.path"));
        Assert.Equal("/health/live", At(container, "startupProbe.httpGet.path"));
        Assert.Equal("/health/ready", At(container, "readinessProbe.httpGet.path"));
        Assert.Equal("2Gi", At(container, "resources.limits.memory"));

        var environment = ((List<object>)Node(container, "env")!).ToDictionary(
            one => At(one, "name")!, one => At(one, "value") ?? $"secret {At(one, "valueFrom.secretKeyRef.name")} " +
                At(one, "valueFrom.secretKeyRef.key"), StringComparer.Ordinal);
        Assert.Equal("secret db connection", environment["EXCHANGE_DATABASE"]);
        Assert.Equal("secret mail url", environment["EXCHANGE_MAIL"]);
        Assert.Equal("secret oidc secret", environment["EXCHANGE_SIGN_IN_SECRET"]);
        Assert.Equal("https://exchange.test", environment["EXCHANGE_ADDRESS"]);
        Assert.Equal("3", environment["EXCHANGE_CLOSE_ON"]);
        var mounted = ((List<object>)Node(container, "volumeMounts")!).Select(one => At(one, "mountPath")).ToList();
        Assert.Equal(["/var/lib/exchange", "/tmp", "/etc/exchange/sign-in"], mounted);
        Assert.StartsWith(mounted[0]!, environment["EXCHANGE_DATA"], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_said_is_left_out_and_every_template_is_of_its_release()
    {
        var values = Values(Needed);
        Assert.Equal([], ValuesSchema.Wrong(values));
        foreach (var file in Directory.GetFiles(Product.File($"{Chart}/templates"), "*.yaml"))
        {
            var one = Rendered(Path.GetFileName(file), values);
            Assert.Equal("moc", At(one, "metadata.name"));
            var selected = Node(one, "spec.selector.matchLabels") ?? Node(one, "spec.selector") ??
                Node(one, "spec.podSelector.matchLabels");
            Assert.Equal(
                "exchange moc",
                string.Join(' ', ((Dictionary<object, object>)selected!).Values));
        }

        var text = Text("statefulset.yaml", values);
        Assert.DoesNotContain("secretKeyRef", text, StringComparison.Ordinal);
        Assert.DoesNotContain("EXCHANGE_ADDRESS", text, StringComparison.Ordinal);
        Assert.DoesNotContain("imagePullSecrets", text, StringComparison.Ordinal);
        var policy = Rendered("networkpolicy.yaml", values);
        Assert.Equal(
            ["53", "53", "443", "5432", "587"],
            ((List<object>)Node(((List<object>)Node(policy, "spec.egress")!)[0], "ports")!).Select(p => At(p, "port")));
        Assert.Equal("", Text("networkpolicy.yaml", Values([.. Needed, ("networkPolicy.enabled", false)])).Trim());
        var named = Rendered("networkpolicy.yaml", Values([.. Needed, ("networkPolicy.fromNamespace", "edge")]));
        Assert.Contains("edge", ((Dictionary<object, object>)Node(
            Node(((List<object>)Node(named, "spec.ingress")!)[0], "from") is List<object> from ? from[0] : null,
            "namespaceSelector.matchLabels")!).Values);
    }

    [Theory]
    [InlineData("replicas", 2)] // Each would keep a database of its own.
    [InlineData("replicas", 0)]
    [InlineData("image.repository", "")]
    [InlineData("image.reference", "latest")]
    [InlineData("image.tag", ":1.0.0")]
    [InlineData("closeOn", 29)]
    [InlineData("storage.size", "20 GB")]
    [InlineData("address", "exchange.example.org/path")]
    [InlineData("database.password", "x")]
    public void The_schema_refuses_what_would_not_work(string name, object value) =>
        Assert.NotEmpty(ValuesSchema.Wrong(Values([.. Needed, (name, value)])));

    [Fact]
    public void No_file_names_a_registry()
    {
        Assert.Equal("", At(Values([]), "image.repository"));
        foreach (var file in Directory.GetFiles(Product.File("packaging"), "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotMatch(Registry(), File.ReadAllText(file));
        }
    }

    /// <summary>The script by which the image asks whether the exchange is ready, as the Containerfile writes it.
    /// </summary>
    [Theory]
    [InlineData("HTTP/1.1 200 OK", 0)]
    [InlineData("HTTP/1.1 503 Service Unavailable", 1)]
    public async Task The_image_asks_whether_it_is_ready(string answer, int exit)
    {
        using var scratch = new Scratch();
        var script = Path.Combine(scratch.Path, "health");
        var written = await File.ReadAllTextAsync(Product.File("packaging/Containerfile"), Serving.Ct);
        var lines = ScriptLine().Matches(written).Select(m => m.Groups[1].Value).Where(line => line != "%s\\n");
        await File.WriteAllTextAsync(script, string.Join('\n', lines) + "\n", Serving.Ct);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var process = Process.Start("bash", [script, $"{((IPEndPoint)listener.LocalEndpoint).Port}"]);
        using var asked = await listener.AcceptTcpClientAsync(Serving.Ct);
        await using var stream = asked.GetStream();
        var request = new byte[1024];
        var read = await stream.ReadAsync(request, Serving.Ct);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer + "\r\n\r\n"), Serving.Ct);
        await process.WaitForExitAsync(Serving.Ct);
        Assert.StartsWith("GET /health/ready HTTP/1.0\r\n", Encoding.ASCII.GetString(request, 0, read));
        Assert.Equal(exit, process.ExitCode);
    }

    private static Dictionary<object, object> Values((string Name, object Value)[] set)
    {
        var values = new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(
            File.ReadAllText(Product.File($"{Chart}/values.yaml")));
        foreach (var (name, value) in set)
        {
            var parts = name.Split('.');
            var at = parts[..^1].Aggregate(values, (of, part) => (Dictionary<object, object>)of[part]);
            at[parts[^1]] = value is string text ? text : $"{value}".ToLowerInvariant();
        }

        return values;
    }

    private static Dictionary<object, object> Rendered(string template, object values) =>
        new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(Text(template, values));

    /// <summary>Carries out the actions that the templates use; another one fails.</summary>
    private static string Text(string template, object values)
    {
        var (text, shown, loops) = (new StringBuilder(), new Stack<bool>(), new Stack<int>());
        IReadOnlyList<string> lines = File.ReadAllLines(Product.File($"{Chart}/templates/{template}"));
        var repeated = new List<object>();
        var body = new List<string>();
        foreach (var line in lines)
        {
            if (Block().Match(line) is { Success: true } block)
            {
                switch (block.Groups[1].Value)
                {
                    case "if":
                        shown.Push(IsTrue(Node(values, block.Groups[2].Value[".Values.".Length..])));
                        break;
                    case "range":
                        repeated = (List<object>)Node(values, block.Groups[2].Value[".Values.".Length..])!;
                        loops.Push(shown.Count);
                        shown.Push(true);
                        break;
                    default:
                        shown.Pop();
                        if (loops.TryPeek(out var depth) && depth == shown.Count)
                        {
                            loops.Pop();
                            text.AppendJoin("", repeated.SelectMany(one => body.Select(
                                of => of.Replace("{{ . }}", $"{one}", StringComparison.Ordinal) + "\n")));
                            body = [];
                        }

                        break;
                }
            }
            else if (shown.All(one => one))
            {
                if (loops.Count > 0)
                {
                    body.Add(line);
                }
                else
                {
                    text.Append(Said(line, values)).Append('\n');
                }
            }
        }

        Assert.Empty(shown);
        Assert.DoesNotContain("{{", text.ToString(), StringComparison.Ordinal);
        return text.ToString();
    }

    private static string Said(string line, object values) => Value().Replace(line, one => one.Groups[1].Value switch
    {
        ".Release.Name" => "moc",
        ".Release.Service" => "Helm",
        var path => (At(values, path[".Values.".Length..]), one.Groups[2].Success) switch
        {
            (null, _) => throw new InvalidOperationException($"'{line}' names a value that values.yaml lacks."),
            (var value, true) => $"\"{value}\"",
            (var value, false) => value,
        },
    });

    private static bool IsTrue(object? value) => value is not (null or "" or "false" or "0");

    private static string? At(object? of, string path) => Node(of, path)?.ToString();

    private static object? Node(object? of, string path) => path.Split('.').Aggregate(of, (at, part) =>
        at is Dictionary<object, object> map ? map.GetValueOrDefault(part) : null);

    [GeneratedRegex(@"^\{\{- (if|range|end) ?(\.Values[\w.]+)? ?\}\}$")]
    private static partial Regex Block();

    [GeneratedRegex(@"\{\{ (\.[\w.]+)( \| quote)? \}\}")]
    private static partial Regex Value();

    [GeneratedRegex(@"\b(docker\.io|quay\.io|ghcr\.io|gcr\.io|registry\.k8s\.io|mcr\.microsoft\.com)\b")]
    private static partial Regex Registry();

    [GeneratedRegex(@"'([^'\n]*)'(?= \\\n| > /usr/local/bin/exchange-health)")]
    private static partial Regex ScriptLine();
}
