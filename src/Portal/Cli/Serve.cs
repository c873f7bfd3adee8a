using System.CommandLine;
using Exchange.Portal.Collecting;
using Exchange.Portal.Jobs;
using Exchange.Portal.Web;
using Exchange.Portal.Web.SigningIn;

namespace Exchange.Portal.Cli;

/// <summary>exchange serve — the portal, the API and the jobs.</summary>
internal static class Serve
{
    public static Command Command()
    {
        var urls = new Option<string[]>("--urls")
        {
            Description = "Where to listen; several are separated by ';'.",
            HelpName = "URL",
            DefaultValueFactory = _ => [ServerOptions.Default],
        };
        var signIn = new Option<string?>("--sign-in")
        {
            Description = "A file that names the identity provider people sign in with (see src/Portal/README.md).",
            HelpName = "FILE",
        };
        var inside = new Option<bool>("--webhooks-to-private")
        {
            Description = "Lets webhooks lead into private networks, and without TLS.",
        };
        var framing = new Option<string[]>("--panel-in")
        {
            Description = "Another portal that may show a project's panel in a frame; may be given again.",
            HelpName = "ORIGIN",
        };
        var collecting = Collect.File();
        return new Command("serve", "Serves the portal and the API, and runs the jobs, until stopped.")
        {
            urls, signIn, collecting, inside, framing,
        }.Does(
            async (verb, ct) =>
            {
                var options = new ServerOptions(
                    [.. verb.Get(urls).SelectMany(u => u.Split(';', StringSplitOptions.RemoveEmptyEntries))])
                {
                    Jobs = AllJobs.Of(JobSettings.Here()),
                    SignIn = verb.Get(signIn) is { } file ? await SignInSettings.Read(file, ct) : null,
                    WebhooksToPrivate = verb.Get(inside),
                    PanelIn = verb.Get(framing) ?? [],
                    Stripe = Stripe.StripeSettings.Here(),
                }.Checked();
                await using var exchange = await verb.Open(ct);
                using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
                var collectors = await CollectorFile.Read(exchange, verb.Get(collecting), http, ct);
                await using var app = Server.Build(exchange, options with { Collectors = collectors });
                await app.StartAsync(ct);
                verb.Terminal.Say($"Serving {string.Join(" and ", app.Urls)}. Ctrl-C stops it.");
                await app.WaitForShutdownAsync(ct);
                return new(new { served = options.Urls }, terminal => terminal.Say("Stopped."));
            });
    }
}
