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
        var (listen, signIn, collecting, cluster) = (
            new ListenOptions(), SignIn(), Collect.File(), new ClusterOptions());
        var inside = new Option<bool>("--webhooks-to-private")
        {
            Description = "Lets webhooks lead into private networks, and without TLS.",
        };
        var framing = new Option<string[]>("--panel-in")
        {
            Description = "Another portal that may show a project's panel in a frame; may be given again.",
            HelpName = "ORIGIN",
        };
        return new Command("serve", "Serves the portal and the API, and runs the jobs, until stopped.")
        {
            listen.Urls, signIn, listen.Address, listen.Proxies, collecting, inside, framing,
            cluster.At, cluster.Certificate, cluster.Authority,
        }.Does(
            async (verb, ct) =>
            {
                MemoryLimit.Apply(sharesWithDatabase: verb.Place.Database is null);
                ConnectionLimits.Check(ConnectionLimits.Descriptors());
                var believed = verb.Get(signIn) is { } file ? await SignInSettings.Read(file, ct) : null;
                return await Run(verb, verb.Get(collecting), new ServerOptions(listen.UrlsOf(verb))
                {
                    Jobs = AllJobs.Of(JobSettings.Here()),
                    SignIn = believed,
                    Address = listen.AddressOf(verb) ?? believed?.Address,
                    TrustedProxies = verb.Get(listen.Proxies) ?? [],
                    WebhooksToPrivate = verb.Get(inside),
                    PanelIn = verb.Get(framing) ?? [],
                    Stripe = Stripe.StripeSettings.Here(),
                    Cluster = cluster.Place(verb),
                }.Checked(), ct);
            });
    }

    private static async Task<Answer> Run(Verb verb, string? collecting, ServerOptions options, CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
        var collectors = await CollectorFile.Read(exchange, collecting, http, ct);
        await using var app = Server.Build(exchange, options with { Collectors = collectors });
        await Start(app, options, ct);
        verb.Terminal.Say($"Serving {string.Join(" and ", app.Urls)}. Ctrl-C stops it.");
        await app.WaitForShutdownAsync(ct);
        return new(new { served = options.Urls }, terminal => terminal.Say("Stopped."));
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
}
