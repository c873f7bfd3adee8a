using Exchange.Metering.Collectors.Live;
using Exchange.Portal.Jobs;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.SigningIn;

namespace Exchange.Portal.Web;

/// <summary>How the server is started.</summary>
/// <param name="Urls">Where it listens.</param>
internal sealed record ServerOptions(IReadOnlyList<string> Urls)
{
    /// <summary>Whom visitors may pick to be; only a demonstration on loopback has any.</summary>
    public IReadOnlyList<Persona> Personas { get; init; } = [];

    /// <summary>The identity provider that people sign in with; null when there is none.</summary>
    public SignInSettings? SignIn { get; init; }

    /// <summary>What fetches usage while it serves.</summary>
    public IReadOnlyList<ICollector> Collectors { get; init; } = [];

    /// <summary>What is done by itself while it serves; a server of tests does nothing by itself.</summary>
    public IReadOnlyList<Job> Jobs { get; init; } = [];

    /// <summary>Whether webhooks may lead into private networks, and without TLS.</summary>
    public bool WebhooksToPrivate { get; init; }

    /// <summary>The origins whose pages may show a project's panel in a frame; by default none may.</summary>
    public IReadOnlyList<string> PanelIn { get; init; } = [];

    /// <summary>Where people reach this server, when a proxy stands before it; null where none does.</summary>
    public Uri? Address { get; init; }

    /// <summary>The proxies that are believed about who asks: addresses, and networks as '10.0.0.0/8'.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>How to believe Stripe's webhooks; null where Stripe is off.</summary>
    public Stripe.StripeSettings? Stripe { get; init; }

    /// <summary>How many things a landlord or a person may do in a row.</summary>
    public int ActsInARow { get; init; } = ActBudgets.InARow;

    /// <summary>How this server is one of several; null where it is the only one.</summary>
    public Servers.ServerPlace? Cluster { get; init; }

    public const string Default = "http://127.0.0.1:5080";

    /// <exception cref="RefusedException">
    /// A URL or origin cannot be read, or personas were asked for elsewhere.
    /// </exception>
    public ServerOptions Checked()
    {
        if (PanelIn.FirstOrDefault(origin => !IsOrigin(origin)) is { } odd)
        {
            throw new RefusedException(new(
                "serve/panel-origin",
                $"'{odd}' is not an origin. Write it like 'https://horizon.example.org', without a path.",
                "--panel-in"));
        }

        if (Address is { } address && (!IsOrigin(address.GetLeftPart(UriPartial.Authority)) || Personas.Count > 0))
        {
            throw new RefusedException(new(
                "serve/address", $"'{address}' is not an address of this server. Write it like " +
                "'https://exchange.example.org', without a path; a demonstration has none.", "--address"));
        }

        if (TrustedProxies.FirstOrDefault(proxy => !PublicAddress.IsProxy(proxy)) is { } stranger)
        {
            throw new RefusedException(new(
                "serve/proxy", $"'{stranger}' is no address of a proxy. Write it like '10.1.2.3' or '10.1.0.0/16'.",
                "--trust-proxy"));
        }

        foreach (var url in Urls)
        {
            Check(url);
        }

        return this;
    }

    private void Check(string url)
    {
        var anywhere = url.Replace("://*", "://any", StringComparison.Ordinal)
            .Replace("://+", "://any", StringComparison.Ordinal);
        if (!Uri.TryCreate(anywhere, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new RefusedException(new(
                "usage/url", $"'{url}' is not a URL to listen on. Write it like '{Default}'.", "--urls"));
        }

        if (Personas.Count > 0 && !uri.IsLoopback)
        {
            throw new RefusedException(new(
                "serve/personas-not-loopback",
                "The demonstration lets every visitor pick who they are, so it is served on this machine only, " +
                $"not on '{url}'. Use '{Default}'.",
                "--urls"));
        }
    }

    /// <summary>It goes into a header as it is, so it must be no more than a scheme, a host and a port.</summary>
    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https") &&
        uri.GetLeftPart(UriPartial.Authority) == text && uri.UserInfo.Length == 0 &&
        uri.HostNameType is UriHostNameType.Dns or UriHostNameType.IPv4;
}
