using System.Text.Json;

namespace Exchange.Portal.Web.SigningIn;

/// <summary>What a token says of somebody, as it says it: nothing is made into text that is not one value.</summary>
internal sealed record TokenClaims(JsonElement Payload)
{
    /// <summary>The claim as text; null when it is absent or is not one value.</summary>
    public string? One(string claim) => Payload.TryGetProperty(claim, out var value) ? Word(value) : null;

    /// <summary>The values of a claim that is one value or a list.</summary>
    public IReadOnlyList<string> All(string claim) => !Payload.TryGetProperty(claim, out var value) ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(Word).OfType<string>()]
        : Word(value) is { } one ? [one] : [];

    /// <summary>
    /// The address, in the spelling in which addresses are compared, when its provider says that it is theirs: an
    /// 'email_verified' that is absent or anything but true says nothing.
    /// </summary>
    public string? VerifiedEmail =>
        One("email_verified") == "true" && EmailAddress.TryNormalize(One("email"), out var address) ? address : null;

    private static string? Word(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };
}
