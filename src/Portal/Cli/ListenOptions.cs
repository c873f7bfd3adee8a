using System.CommandLine;
using Exchange.Portal.Web;

namespace Exchange.Portal.Cli;

/// <summary>Where 'exchange serve' listens, and what stands before it.</summary>
internal sealed class ListenOptions
{
    public const string UrlsVariable = "EXCHANGE_URLS";

    public Option<string[]> Urls { get; } = new("--urls")
    {
        Description = $"Where to listen; several are separated by ';' [env: {UrlsVariable}].",
        HelpName = "URL",
        DefaultValueFactory = _ => [Settings.FromEnvironment(UrlsVariable) ?? ServerOptions.Default],
    };

    public Option<string?> Address { get; } = new("--address")
    {
        Description = "Where people reach it, when a proxy stands before it, as https://exchange.example.org " +
            "[env: EXCHANGE_ADDRESS].",
        HelpName = "URL",
        DefaultValueFactory = _ => Settings.FromEnvironment("EXCHANGE_ADDRESS"),
    };

    public Option<string[]> Proxies { get; } = new("--trust-proxy")
    {
        Description = "A proxy that is believed about who asks: an address or a network; may be given again " +
            "[env: EXCHANGE_TRUST_PROXY].",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => Settings.FromEnvironment("EXCHANGE_TRUST_PROXY")?.Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
    };

    public IReadOnlyList<string> UrlsOf(Verb verb) =>
        [.. verb.Get(Urls).SelectMany(urls => urls.Split(';', StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>Where people reach it; null where that was not said.</summary>
    /// <exception cref="RefusedException">It is no address.</exception>
    public Uri? AddressOf(Verb verb) => verb.Get(Address) is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var url) ? url
        : throw new RefusedException(new(
            "serve/address", $"'{text}' is not a URL. Write it like 'https://exchange.example.org'.", "--address"));
}
