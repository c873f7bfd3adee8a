using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Nerc;

/// <summary>Everything that can happen to a month of NERC's inputs. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(FileKept), "nerc-file-kept/1")]
[JsonDerivedType(typeof(Imported), "nerc-month-imported/1")]
public abstract record NercMonthEvent
{
    private NercMonthEvent() { }

    /// <summary>A file came that this month had not seen; it is kept whole, for ever.</summary>
    public sealed record FileKept(string Sha256, string Text) : NercMonthEvent;

    /// <summary>The month's inputs are these files from now on; what they were before stays.</summary>
    public sealed record Imported(IReadOnlyList<ImportedFile> Files, string By, Instant At) : NercMonthEvent;
}

/// <summary>A file among a month's inputs, by what it is and what it holds.</summary>
public sealed record ImportedFile(NercRole Role, string Name, string Sha256);

/// <summary>The inputs of a month: every version of them that was imported.</summary>
public sealed record NercMonth
{
    public static readonly Fold<NercMonth, NercMonthEvent> Fold = new("nerc", new(), Evolve);

    public ImmutableDictionary<string, string> Texts { get; init; } = ImmutableDictionary<string, string>.Empty;
    public ImmutableList<IReadOnlyList<ImportedFile>> Versions { get; init; } = [];

    /// <summary>The files of a version, from 1, or of the latest; none where there is no such version.</summary>
    public IReadOnlyList<NercFile> Files(int? version)
    {
        var number = version ?? Versions.Count;
        return number >= 1 && number <= Versions.Count
            ? [.. Versions[number - 1].Select(file => new NercFile(file.Role, file.Name, Texts[file.Sha256]))]
            : [];
    }

    /// <summary>Takes in a month's files. The same files again add nothing; other files need an open month.</summary>
    public static Decision<NercMonthEvent> Import(
        NercMonth month, BillingMonth name, IReadOnlyList<NercFile> files, bool isClosed, string by, Instant now)
    {
        List<ImportedFile> imported =
            [.. files.Select(file => new ImportedFile(file.Role, file.Name, Hash(file.Text)))];
        if (month.Versions.Count > 0 && month.Versions[^1].SequenceEqual(imported))
        {
            return [];
        }

        if (isClosed && month.Versions.Count > 0)
        {
            return new Refusal(
                "nerc/month-closed",
                $"{name} is closed, and these files are not those that it was imported with. What comes late belongs " +
                "to an open month, as an adjustment.");
        }

        var texts = files.Select((file, i) => (imported[i].Sha256, file.Text)).DistinctBy(file => file.Sha256);
        return new(
        [
            .. texts.Where(file => !month.Texts.ContainsKey(file.Sha256))
                .Select(file => new NercMonthEvent.FileKept(file.Sha256, file.Text)),
            new NercMonthEvent.Imported(imported, by, now),
        ]);
    }

    private static NercMonth Evolve(NercMonth month, NercMonthEvent happened) => happened switch
    {
        NercMonthEvent.FileKept e when !month.Texts.ContainsKey(e.Sha256) =>
            month with { Texts = month.Texts.Add(e.Sha256, e.Text) },
        NercMonthEvent.Imported e when e.Files.All(file => month.Texts.ContainsKey(file.Sha256)) =>
            month with { Versions = month.Versions.Add(e.Files) },
        _ => throw new CorruptStreamException(month, happened),
    };

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
