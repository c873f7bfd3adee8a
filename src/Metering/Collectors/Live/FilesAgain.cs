using System.Text.Json;

namespace Exchange.Metering.Collectors.Live;

/// <summary>
/// Files of a directory that can be read again: those that say what happened. What says what there is, as a dump of a
/// database does, is compared with the next one instead.
/// </summary>
public sealed class FilesAgain(
    FileDrop drop, string directory, string pattern, string format, CollectorLog log) : ICollectsAgain
{
    private const string CloudEvents = "cloudevents";

    public CollectorIdentity Identity => drop.Identity;

    /// <summary>The collector, able to be asked again where files of its format can.</summary>
    public static ICollector Of(
        FileDrop drop, string directory, string pattern, string format, CollectorLog log) =>
        FullDumps.AreOf(format) ? drop : new FilesAgain(drop, directory, pattern, format, log);

    public Task Collect(Collecting collecting, bool stay, CancellationToken ct) =>
        drop.Collect(collecting, stay, ct);

    public Period Whole(Period window) => window;

    public async Task<ToldAgain> Tell(Period window, CollectorContext context, CancellationToken ct)
    {
        var paths = DropFolder.Files(directory, pattern);
        var there = paths.Select(Path.GetFileName).ToHashSet();
        if ((await log.Files(Identity.Name, ct)).FirstOrDefault(file => !there.Contains(file)) is { } gone)
        {
            throw new RefusedException(new(
                "collect/file-gone", $"'{gone}' was taken and is not in the directory any more, so what it told " +
                "would be taken back. Nothing was changed. Copy it there again, as it was or corrected.", directory));
        }

        var readings = new List<Reading>();
        foreach (var path in paths)
        {
#pragma warning disable CA2000 // Disposed at the end of each turn; a copy of the record confuses the analyzer.
            using var input = InputFile.Open(path);
#pragma warning restore CA2000
            readings.AddRange(Read(input, context with { File = Path.GetFileName(path) })
                .Select(CollectAgain.Understood).Where(one => window.Contains(one.From)));
        }

        return new(readings, []);
    }

    private IEnumerable<Collected> Read(Stream input, CollectorContext context) => format == CloudEvents
        ? Events(input, context.File).Where(
            one => one.Reading?.Resource.Landlord is not { } of || of == context.Landlord)
        : CollectorFormats.Read(format, input, context);

    private static IEnumerable<Collected> Events(Stream input, string file)
    {
        try
        {
            using var text = new StreamReader(input);
            return EventFile.Read(text.ReadToEnd()).Where(one => one.Correction is null);
        }
        catch (JsonException e)
        {
            throw new RefusedException(new(
                "file/not-json", $"It has not only CloudEvents: {e.Message} Only such files are read again.",
                file));
        }
    }
}
