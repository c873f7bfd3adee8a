using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Exchange.Metering.Collectors.Live;

/// <summary>What says which files of a directory are one bill.</summary>
/// <param name="Together">What the names of one bill's files share: the first group, or all that is found.</param>
/// <param name="Manifest">A pattern of files that list those of one bill; null for none.</param>
/// <param name="AreReissues">Whether each file is a whole bill by itself.</param>
public sealed record BillParts(Regex? Together, string? Manifest, bool AreReissues);

/// <summary>
/// Takes bills that someone puts into a directory, each whole: the files that belong together are one issue, and are
/// taken again together when one of them is new.
/// </summary>
public sealed class BillDrop(
    CollectorIdentity identity, (string Directory, string Pattern) drop, string format, BillParts parts, Bills bills)
    : ICollector
{
    private sealed record Delivery(string Name, IReadOnlyList<string> Files)
    {
        /// <summary>How many rows each file has, where that is known.</summary>
        public IReadOnlyDictionary<string, long> Rows { get; init; } = new Dictionary<string, long>();
    }

    public CollectorIdentity Identity => identity;

    public async Task Collect(Collecting collecting, bool stay, CancellationToken ct)
    {
        List<Refusal> refused = [];
        foreach (var delivery in parts.Manifest is null ? ByName(refused) : ByManifest(refused))
        {
            try
            {
                await Take(delivery, collecting, ct);
            }
            catch (RefusedException e)
            {
                refused.Add(e.Refusal);
            }
        }

        DropFolder.Refuse(refused);
        await collecting.Move(
            collecting.Position ?? "no file yet", collecting.Now, 0, new(0, 0, 0), new Tally(), ct);
    }

    private async Task Take(Delivery delivery, Collecting collecting, CancellationToken ct)
    {
        List<byte[]> hashes = [];
        foreach (var file in delivery.Files)
        {
            hashes.Add(await DropFolder.Sha256(drop.Directory, file, ct));
        }

        var sha256 = hashes.Count == 1 ? hashes[0] : SHA256.HashData([.. hashes.SelectMany(hash => hash)]);
        if (await collecting.HasTaken(sha256, ct))
        {
            return;
        }

        var context = collecting.Context(delivery.Name);
        List<(Stream Stream, CollectorContext Context)> inputs = [];
        try
        {
            foreach (var file in delivery.Files)
            {
                inputs.Add((InputFile.Open(file), context with { File = Path.GetFileName(file) }));
            }

            var rules = new BillRules
            {
                AsksForParts = parts is { Together: null, Manifest: null, AreReissues: false },
                Rows = delivery.Rows,
            };
            var outcome = await bills.Take(format, inputs, rules, ct);
            await collecting.Heard(format, ct);
            await collecting.MarkAccepted(sha256, delivery.Name, ct);
            await collecting.Move(delivery.Name, null, null, outcome, context.Tally, ct);
        }
        finally
        {
            foreach (var (stream, _) in inputs)
            {
                await stream.DisposeAsync();
            }
        }
    }

    private List<Delivery> ByName(List<Refusal> refused)
    {
        var files = DropFolder.Files(drop.Directory, drop.Pattern);
        if (parts.Together is not { } together)
        {
            return files.ConvertAll(file => new Delivery(Path.GetFileName(file), [file]));
        }

        refused.AddRange(files.Where(file => !together.IsMatch(Path.GetFileName(file))).Select(file => new Refusal(
            "bill/of-no-delivery", $"Its name does not fit 'together: {together}', so nobody knows which bill it is " +
            "a part of. Rename it, or correct the collector.", file)));
        return
        [
            .. files.Where(file => together.IsMatch(Path.GetFileName(file)))
                .GroupBy(file => together.Match(Path.GetFileName(file)) is var match && match.Groups.Count > 1
                    ? match.Groups[1].Value
                    : match.Value)
                .Select(same => new Delivery(same.Key, [.. same])),
        ];
    }

    private List<Delivery> ByManifest(List<Refusal> refused)
    {
        List<Delivery> deliveries = [];
        foreach (var manifest in DropFolder.Files(drop.Directory, parts.Manifest!, inFolders: true))
        {
            try
            {
                DropFolder.Check(drop.Directory, manifest);
                var (listed, beside) = (BillManifest.Read(manifest), Path.GetDirectoryName(manifest)!);
                var files = listed.ConvertAll(one => (one.Rows, Path: BillManifest.Find(
                    one.Name, drop.Directory, beside) ?? throw Missing(one, listed, manifest)));
                if (files.DistinctBy(one => one.Path).Count() < files.Count)
                {
                    throw new RefusedException(new("bill/bad-manifest",
                        "Two files that it lists are one file here, or it lists one twice. Copy them with the " +
                        "folders that it names.", manifest));
                }

                deliveries.Add(new(Path.GetFileName(manifest), files.ConvertAll(one => one.Path))
                {
                    Rows = files.Where(one => one.Rows is not null).DistinctBy(one => Path.GetFileName(one.Path))
                        .ToDictionary(one => Path.GetFileName(one.Path), one => one.Rows!.Value),
                });
            }
            catch (RefusedException e)
            {
                refused.Add(e.Refusal);
            }
        }

        return deliveries;
    }

    private static RefusedException Missing(ListedFile one, List<ListedFile> listed, string manifest) => new(new(
        "bill/part-missing", string.Create(CultureInfo.InvariantCulture,
            $"Its bill has {listed.Count} files, and '{one.Name.Split('/')[^1]}' is not there. Copy it; " +
            $"nothing of the bill is taken before."), manifest));
}
