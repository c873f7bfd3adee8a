using System.CommandLine;
using Exchange.Servers;

namespace Exchange.Portal.Cli;

/// <summary>How 'exchange serve' becomes one of several servers of an exchange.</summary>
internal sealed class ClusterOptions
{
    public Option<string?> At { get; } = Of(
        "--cluster", "ADDRESS", "EXCHANGE_CLUSTER",
        "Shares lanes with other servers, which reach this one here, as 10.1.0.1:5081");

    public Option<string?> Certificate { get; } = Of(
        "--cluster-certificate", "FILE", "EXCHANGE_CLUSTER_CERTIFICATE",
        "The certificate and key by which other servers know this one");

    public Option<string?> Authority { get; } = Of(
        "--cluster-authority", "FILE", "EXCHANGE_CLUSTER_AUTHORITY",
        "The certificate of the authority that issued those of all servers");

    /// <summary>Where this server is one of several; null where it is the only one.</summary>
    /// <exception cref="RefusedException">One of the options cannot be used.</exception>
    public ServerPlace? Place(Verb verb) => verb.Get(At) is { } at
        ? ServerPlace.Of(at, verb.Get(Certificate), verb.Get(Authority))
        : null;

    private static Option<string?> Of(string name, string help, string variable, string description) => new(name)
    {
        Description = $"{description} [env: {variable}].",
        HelpName = help,
        DefaultValueFactory = _ => Settings.FromEnvironment(variable),
    };
}
