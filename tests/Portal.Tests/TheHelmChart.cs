using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What packaging/ says to a cluster. Neither helm nor a container engine is here: templates use few actions, which are
/// carried out here, and what comes out is read; values are held to their schema.
/// </summary>
public partial class TheHelmChart
{
    private const string Chart = "packaging/helm/exchange";

    /// <summary>A name that no template can hold by accident or by heart.</summary>
    private static readonly string Repository =
        $"registry.test/of-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    private static readonly (string Name, object Value)[] Needed =
        [("image.repository", Repository), ("image.reference", ":1.0.0")];

    private static readonly (string Name, object Value)[] Everything =
    [
        .. Needed, ("replicas", 3), ("database.secretName", "db"), ("mail.secretName", "mail"),
        ("signIn.secretName", "oidc"), ("address", "https://exchange.test"), ("closeOn", 3),
        ("mail.operators", "ops@exchange.test"), ("trustProxy", "10.0.0.0/8"), ("image.pullSecret", "pull"),
        ("storage.className", "fast"), ("networkPolicy.fromNamespace", "edge"),
    ];

    [Fact]
    public void Pods_are_nobody_with_a_read_only_root_probed_and_take_secrets_by_reference() => Holds(text => text);

    /// <summary>What the test above is there for, planted into the template each time.</summary>
    [Theory]
    [InlineData("path: /health/ready", "path: /health/live")]
    [InlineData("path: /health/live", "path: /health/ready")]
    [InlineData("containerPort: 8080", "containerPort: 8081")]
    [InlineData("- name: http\n              containerPort", "- name: web\n              containerPort")]
    [InlineData("{{ .Values.image.repository }}", "registry.test/exchange")]
    [InlineData("{{ .Values.image.repository }}", "")]
    [InlineData("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false")]
    [InlineData("            readOnlyRootFilesystem: true\n", "")]
    [InlineData("runAsNonRoot: true", "runAsNonRoot: false")]
    [InlineData("{{ .Values.replicas }}", "{{ .Values.replica }}")]
    [InlineData("if .Values.address", "if .Values.adress")]
    [InlineData("if .Values.mail.secretName", "if .Values.mail.secret")]
    public void A_fault_that_is_planted_into_the_template_is_noticed(string right, string wrong)
    {
        Assert.Contains(right, File.ReadAllText(Template("statefulset.yaml")), StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() => Holds(text => text.Replace(right, wrong, StringComparison.Ordinal)));
    }

    /// <summary>A value that changes nothing is a promise that no template keeps.</summary>
    [Fact]
    public void Every_value_changes_what_is_rendered()
    {
        string All((string, object)[] set) => string.Concat(Directory.GetFiles(
            Product.File($"{Chart}/templates"), "*.yaml").Order().Select(
                file => Text(Path.GetFileName(file), Values(set))));
        var before = All(Everything);
        var names = Leaves(Values(Everything), "").ToList();
        Assert.True(names.Count > 20, $"There are {names.Count} values.");
        Assert.Equal([], names.Where(leaf => leaf.Value is string && All(
            [.. Everything, (leaf.Name, leaf.Value is "true" ? "false" : "other-1")]) == before)
            .Select(leaf => leaf.Name));
    }

    private static IEnumerable<(string Name, object Value)> Leaves(Dictionary<object, object> values, string above) =>
        values.SelectMany(one => one.Value is Dictionary<object, object> map
            ? Leaves(map, $"{above}{one.Key}.")
            : [($"{above}{one.Key}", one.Value)]);

    private static void Holds(Func<string, string> planted)
    {
        var values = Values(Everything);
        Assert.Equal([], ValuesSchema.Wrong(values));
        var set = Rendered("statefulset.yaml", values, planted);
        Assert.Equal("3", At(set, "spec.replicas"));
        var pod = (Dictionary<object, object>)Node(set, "spec.template.spec")!;
        Assert.Equal("true", At(pod, "securityContext.runAsNonRoot"));
        Assert.Equal("false", At(pod, "automountServiceAccountToken"));
        var container = ((List<object>)pod["containers"])[0];
        Assert.Equal($"{Repository}:1.0.0", At(container, "image"));
        Assert.Equal("true", At(container, "securityContext.readOnlyRootFilesystem"));
        Assert.Equal("false", At(container, "securityContext.allowPrivilegeEscalation"));
        Assert.Equal(["ALL"], (List<object>)Node(container, "securityContext.capabilities.drop")!);
        Assert.Equal("/health/live", At(container, "livenessProbe.httpGet.path"));
        Assert.Equal("/health/live", At(container, "startupProbe.httpGet.path"));
        Assert.Equal("/health/ready", At(container, "readinessProbe.httpGet.path"));
        var port = Assert.Single((List<object>)Node(container, "ports")!);
        Assert.All(["livenessProbe", "startupProbe", "readinessProbe"], probe =>
            Assert.Equal(At(port, "name"), At(container, $"{probe}.httpGet.port")));
        Assert.Equal("2Gi", At(container, "resources.limits.memory"));

        var environment = ((List<object>)Node(container, "env")!).ToDictionary(
            one => At(one, "name")!, one => At(one, "value") ?? $"secret {At(one, "valueFrom.secretKeyRef.name")} " +
                At(one, "valueFrom.secretKeyRef.key"), StringComparer.Ordinal);
        Assert.Equal("secret db connection", environment["EXCHANGE_DATABASE"]);
        Assert.Equal("secret mail url", environment["EXCHANGE_MAIL"]);
        Assert.Equal("secret oidc secret", environment["EXCHANGE_SIGN_IN_SECRET"]);
        Assert.Equal("https://exchange.test", environment["EXCHANGE_ADDRESS"]);
        Assert.Equal("3", environment["EXCHANGE_CLOSE_ON"]);
        Assert.EndsWith($":{At(port, "containerPort")}", environment["EXCHANGE_URLS"], StringComparison.Ordinal);
        var service = (List<object>)Node(Rendered("service.yaml", values), "spec.ports")!;
        Assert.Equal(At(port, "name"), At(service[0], "targetPort"));
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

    [GeneratedRegex(@"\b(docker\.io|quay\.io|ghcr\.io|gcr\.io|registry\.k8s\.io|mcr\.microsoft\.com)\b")]
    private static partial Regex Registry();

    [GeneratedRegex(@"'([^'\n]*)'(?= \\\n| > /usr/local/bin/exchange-health)")]
    private static partial Regex ScriptLine();
}
