using System.CommandLine;
using Exchange.Metering.Collectors.Live;

namespace Exchange.Portal.Cli;

/// <summary>
/// exchange collect pack — what a meter without a network runs: the next signed bundle of its events.
/// </summary>
internal static class PackBundle
{
    public static Command Command()
    {
        var files = new Argument<string[]>("file")
        {
            Description = "CloudEvents, one a line; '-' is the standard input.",
            Arity = ArgumentArity.OneOrMore,
        };
        var meter = new Option<string>("--meter")
        {
            Description = "The meter's name, as the exchange's collectors.yaml has it.",
            HelpName = "NAME",
            Required = true,
        };
        var key = new Option<string>("--key")
        {
            Description = "The meter's private key on the curve P-256, PEM.",
            HelpName = "FILE",
            Required = true,
        };
        var directory = new Option<string>("--out")
        {
            Description = "Where the meter's bundles are; the newest there says which comes next.",
            HelpName = "DIR",
            Required = true,
        };
        return new Command("pack", "Packs events of a meter without a network into its next signed bundle.")
        {
            files, meter, key, directory,
        }.Does((verb, ct) => Pack(
            verb.Get(files), verb.Get(meter), verb.Get(key), verb.Get(directory), ct));
    }

    private static async Task<Answer> Pack(
        string[] files, string meter, string key, string directory, CancellationToken ct)
    {
        if (!Name.IsOne(meter) || meter.Contains('/', StringComparison.Ordinal))
        {
            throw new RefusedException(new(
                "usage/value",
                $"'{meter}' is no name of a meter. Use 1 to {Name.MaxLength} printable characters and no '/'.",
                "--meter"));
        }

        var packed = BundleSpool.Pack(directory, meter, await Files.Read(key, ct), files);
        return new(packed, terminal => terminal.Say(
            $"{packed.Path}: bundle {packed.Sequence} of {meter}, {packed.Events} events."));
    }
}
