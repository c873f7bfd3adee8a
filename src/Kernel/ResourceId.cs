using System.Diagnostics.CodeAnalysis;

namespace Exchange;

/// <summary>
/// A thing that is used (a VM, a pod, a volume, a quota), named by who runs it, where, what it is and its own id.
/// Written 'nerc/stack/vm/0001'; the id comes last and may itself hold slashes, the other parts may not.
/// </summary>
public sealed record ResourceId(LandlordId Landlord, ClusterId Cluster, string Kind, string Subject)
    : IParsable<ResourceId>
{
    public static ResourceId Parse(string s, IFormatProvider? provider = null) =>
        s.Split('/', 4) is [var landlord, var cluster, var kind, var subject]
            ? new(LandlordId.Parse(landlord), ClusterId.Parse(cluster), Name.Stored(kind), Name.Stored(subject))
            : throw new FormatException($"'{s}' is not a resource. Write it like 'nerc/stack/vm/0001'.");

    public static bool TryParse(
        [NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out ResourceId result)
    {
        var found = Text.TryParse(s, (text, _) => new Found(Parse(text)), out var parsed);
        result = parsed.Resource;
        return found;
    }

    public override string ToString() => $"{Landlord}/{Cluster}/{Kind}/{Subject}";

    private readonly record struct Found(ResourceId? Resource);
}
