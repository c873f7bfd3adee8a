using System.CommandLine;
using Exchange.Metering;
using Exchange.Portal.Collecting;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Cli;

/// <summary>exchange sources list | expect | twice — when sources were heard, and how often they are to be.</summary>
internal static class SourceVerbs
{
    public static Command Command() =>
        new("sources", "Shows when each source of usage was heard, and which are silent.")
        {
            List(), Expect(), Twice(),
        };

    private static Command List()
    {
        var silent = new Option<bool>("--silent") { Description = "Only those that are silent; exit 1 if there are." };
        return new Command("list", "Lists the sources, by who brings their readings.") { silent }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                var now = verb.Clock.GetCurrentInstant();
                var sources = (await WatchSources.All(exchange, ct))
                    .Where(one => !verb.Get(silent) || one.IsSilent(now)).ToList();
                return new(
                    sources.ConvertAll(one => new
                    {
                        one.Name,
                        one.Landlord,
                        one.Reporter,
                        one.Source,
                        firstHeard = one.FirstAt,
                        lastHeard = one.At,
                        expectedSeconds = one.Expected?.TotalSeconds,
                        isLearned = one.Set is null,
                        isSilent = one.IsSilent(now),
                    }),
                    terminal => terminal.Table(["name", "last heard", "expected every", "state"], sources.Select(one =>
                        (IReadOnlyList<string>)[
                            one.Name, Exchange.Text.Of(one.At), SourceEvery.Shown(one),
                            one.IsSilent(now) ? "silent" : "heard"])),
                    verb.Get(silent) && sources.Count > 0 ? ExitCode.Refused : ExitCode.Done);
            });
    }

    private static Command Expect()
    {
        var name = new Argument<string>("name") { Description = "The source, as 'sources list' shows it." };
        var every = new Option<string>("--every")
        {
            Description = "How often it is heard, as 1h or 2d; 'learned', or 'never' for one that ended for good.",
            HelpName = "TIME",
            Required = true,
        };
        return new Command("expect", "Says how often a source is heard; after that it is silent.") { name, every }.Does(
            async (verb, ct) =>
            {
                if (!SourceEvery.TryRead(verb.Get(every), out var interval))
                {
                    throw new RefusedException(new(
                        "usage/every", $"'{verb.Get(every)}' is no interval. Write a number and s, m, h or d, " +
                        "'learned' or 'never'."));
                }

                await using var exchange = await verb.Open(ct);
                var source = await exchange.Commands.Execute(
                    new ExpectSource(exchange.Meter, verb.Get(name), interval, Verb.By), Actors.Local(Verb.By), ct);
                return new(
                    new { source.Name, expectedSeconds = source.Expected?.TotalSeconds },
                    terminal => terminal.Say($"{source.Name} is expected: {SourceEvery.Shown(source)}."));
            });
    }

    private static Command Twice()
    {
        var month = Settings.Month();
        return new Command("twice", "Lists what two landlords report at the same time; exit 1 if there is any.")
        {
            month,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var twice = await exchange.Meter.ReportedTwice(verb.Get(month).Period, ct);
            return new(
                twice, terminal => terminal.Table(["first", "second", "from", "to"], twice.Select(one =>
                    (IReadOnlyList<string>)[
                        $"{one.First}", $"{one.Second}", Exchange.Text.Of(one.Period.Start),
                        Exchange.Text.Of(one.Period.End)])),
                twice.Count > 0 ? ExitCode.Refused : ExitCode.Done);
        });
    }
}
