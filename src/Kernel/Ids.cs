using System.Diagnostics.CodeAnalysis;

namespace Exchange;

/// <summary>
/// A name that others gave to something: any text of 1 to 200 characters of which one can be seen, without control
/// characters. Names that were stored before some had to be visible stay what they are.
/// </summary>
public static class Name
{
    public const int MaxLength = 200;

    /// <summary>A kind may stand before a name that is stored: 'project:' before a project that is paid.</summary>
    private const int MaxKind = 20;

    /// <summary>Whether somebody may give a thing this name.</summary>
    public static bool IsOne([NotNullWhen(true)] string? text) =>
        IsStored(text) && text.Length <= MaxLength && !Text.IsBlank(text);

    /// <summary>A name that is given now.</summary>
    /// <exception cref="FormatException">The text is blank, too long or holds control characters.</exception>
    public static string Of(string text) => IsOne(text) ? text : throw NotOne();

    /// <summary>A name that was taken once, by whatever version.</summary>
    /// <exception cref="FormatException">The text is empty, too long or holds control characters.</exception>
    public static string Stored(string text) => IsStored(text) ? text : throw NotOne();

    /// <summary>Whether a thing may have this name that was named by whatever version.</summary>
    public static bool IsStored([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= MaxLength + MaxKind } && !string.IsNullOrWhiteSpace(text) &&
        !text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.AsSpan().ContainsAnyInRange('\x7f', '\x9f');

    private static FormatException NotOne() =>
        new($"A name has 1 to {MaxLength} characters of which one is visible, none of them control characters.");
}

/// <summary>An organisation that sells services in the exchange.</summary>
public readonly record struct LandlordId(string Value) : IParsable<LandlordId>
{
    public static LandlordId Parse(string s, IFormatProvider? provider = null) => new(Name.Stored(s));
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out LandlordId result) =>
        Text.TryParse(s, Parse, out result);
    public override string ToString() => Value ?? "";
}

/// <summary>One installation of a service: 'stack', 'ocp-prod'.</summary>
public readonly record struct ClusterId(string Value) : IParsable<ClusterId>
{
    public static ClusterId Parse(string s, IFormatProvider? provider = null) => new(Name.Stored(s));
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ClusterId result) =>
        Text.TryParse(s, Parse, out result);
    public override string ToString() => Value ?? "";
}

/// <summary>
/// The project that used something, by the code its cluster gave it (an OpenStack UUID, a namespace).
/// </summary>
public readonly record struct ProjectId(string Value) : IParsable<ProjectId>
{
    public static ProjectId Parse(string s, IFormatProvider? provider = null) => new(Name.Stored(s));
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ProjectId result) =>
        Text.TryParse(s, Parse, out result);
    public override string ToString() => Value ?? "";
}

/// <summary>The person who answers for projects, by the e-mail address the exchange knows them under.</summary>
public readonly record struct PiId(string Value) : IParsable<PiId>
{
    public static PiId Parse(string s, IFormatProvider? provider = null) => new(Name.Stored(s));
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out PiId result) =>
        Text.TryParse(s, Parse, out result);
    public override string ToString() => Value ?? "";
}

/// <summary>A priced item of a landlord's sheet: 'OpenStack CPU'.</summary>
public readonly record struct SkuId(string Value) : IParsable<SkuId>
{
    public static SkuId Parse(string s, IFormatProvider? provider = null) => new(Name.Stored(s));
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out SkuId result) =>
        Text.TryParse(s, Parse, out result);
    public override string ToString() => Value ?? "";
}
