using System.CommandLine;
using System.Net.Sockets;
using Exchange.Portal.Collecting;
using Exchange.Portal.Jobs;
using Exchange.Portal.Web;
using Exchange.Portal.Web.SigningIn;
using Microsoft.AspNetCore.Connections;

namespace Exchange.Portal.Cli;

/// <summary>exchange serve — the portal, the API and the jobs.</summary>
internal static class Serve
{
    public const string UrlsVariable = "EXCHANGE_URLS";

    /// <summary>The file of the identity provider, which the doctor asks for, too.</summary>
    public static Option<string?> SignIn() => new("--sign-in")
    {
        Description = "A file that names the identity provider people sign in with: docs/operating/sign-in.md " +
            "[env: EXCHANGE_SIGN_IN].",
        HelpName = "FILE",
        DefaultValueFactory = _ => Settings.FromEnvironment("EXCHANGE_SIGN_IN"),
    };

    public static Command Command()
    {
        var urls = new Option<string[]>("--urls")
        {
            Description = "Where to listen; several are separated by ';' [env: EXCHANGE_URLS].",
            HelpName = "URL",
            DefaultValueFactory = _ => [Settings.FromEnvironment(UrlsVariable) ?? ServerOptions.Default],
        };
        var signIn = SignIn();
        var inside = new Option<bool>("--webhooks-to-private")
        {
            Description = "Lets webhooks lead into private networks, and without TLS.",
        };
        var framing = new Option<string[]>("--panel-in")
        {
            Description = "Another portal that may show a project's panel in a frame; may be given again.",
            HelpName = "ORIGIN",
        };
        var address = new Option<string?>("--address")
        {
            Description = "Where people reach it, when a proxy stands before it, as https://exchange.example.org " +
                "[env: EXCHANGE_ADDRESS].",
            HelpName = "URL",
            DefaultValueFactory = _ => Settings.FromEnvironment("EXCHANGE_ADDRESS"),
        };
        var proxies = new Option<string[]>("--trust-proxy")
        {
            Description = "A proxy that is believed about who asks: an address or a network; may be given again " +
                "[env: EXCHANGE_TRUST_PROXY].",
            HelpName = "ADDRESS",
            DefaultValueFactory = _ => Settings.FromEnvironment("EXCHANGE_TRUST_PROXY")?.Split(
                ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
        };
        var (collecting, cluster) = (Collect.File(), new ClusterOptions());
        return new Command("serve", "Serves the portal and the API, and runs the jobs, until stopped.")
        {
            urls, signIn, address, proxies, collecting, inside, framing,
            cluster.At, cluster.Certificate, cluster.Authority,
        }.Does(
            async (verb, ct) =>
            {
                MemoryLimit.Apply(sharesWithDatabase: verb.Place.Database is null);
                ConnectionLimits.Check(ConnectionLimits.Descriptors());
                var believed = verb.Get(signIn) is { } file ? await SignInSettings.Read(file, ct) : null;
                var options = new ServerOptions(
                    [.. verb.Get(urls).SelectMany(u => u.Split(';', StringSplitOptions.RemoveEmptyEntries))])
                {
                    Jobs = AllJobs.Of(JobSettings.Here()),
                    SignIn = believed,
                    Address = AddressOf(verb.Get(address)) ?? believed?.Address,
                    TrustedProxies = verb.Get(proxies) ?? [],
                    WebhooksToPrivate = verb.Get(inside),
                    PanelIn = verb.Get(framing) ?? [],
                    Stripe = Stripe.StripeSettings.Here(),
                    Cluster = cluster.Place(verb),
                }.Checked();
                await using var exchange = await verb.Open(ct);
                using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
                var collectors = await CollectorFile.Read(exchange, verb.Get(collecting), http, ct);
                await using var app = Server.Build(exchange, options with { Collectors = collectors });
                await Start(app, options, ct);
                verb.Terminal.Say($"Serving {string.Join(" and ", app.Urls)}. Ctrl-C stops it.");
                await app.WaitForShutdownAsync(ct);
                return new(new { served = options.Urls }, terminal => terminal.Say("Stopped."));
            });
    }

    private static async Task Start(WebApplication app, ServerOptions options, CancellationToken ct)
    {
        try
        {
            await app.StartAsync(ct);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException or SocketException)
        {
            throw new RefusedException(new(
                "world/port", $"{string.Join(" or ", options.Urls)} is taken by another program, perhaps another " +
                "'exchange serve'. Stop it, or listen elsewhere with --urls http://127.0.0.1:8080.", "--urls"));
        }
    }

    private static Uri? AddressOf(string? text) => text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var url) ? url
        : throw new RefusedException(new(
            "serve/address", $"'{text}' is not a URL. Write it like 'https://exchange.example.org'.", "--address"));
}
