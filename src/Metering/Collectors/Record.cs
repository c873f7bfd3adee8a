using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Exchange.Metering.Collectors;

/// <summary>How collectors look into JSON that others wrote: a field may be missing, null, text or a number.</summary>
internal static class Record
{
    private const int MaxKeptLength = 64 << 10;

    /// <summary>The field as text; null when it is missing, null, empty, or not a plain value.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null,
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
                _ => null,
            }
            : null;

    public static string? Text(this JsonElement element, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (element.Text(name) is { } text)
            {
                return text;
            }
        }

        return null;
    }

    /// <summary>The field when it is an object or an array; null otherwise.</summary>
    public static JsonElement? Inside(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) &&
        value.ValueKind is JsonValueKind.Object or JsonValueKind.Array
            ? value
            : null;

    /// <summary>The same bytes have the same name: the id of a record that brought none.</summary>
    public static string Hash(string text) =>
        $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16))}";

    /// <summary>The misfit that a record is, under the id that its content gives it.</summary>
    public static RejectedReading Reject(
        MisfitException why, string source, LandlordId landlord, string raw, string where = "") =>
        new(why.Reason, $"{where}{why.Message}", source, Hash(raw), landlord, Kept(raw));

    /// <summary>Whether letters of a text were lost on the way, because they were none.</summary>
    public static bool HasLost(string text) => text.Contains('\uFFFD', StringComparison.Ordinal);

    /// <summary>The record as it came; bytes that are no UTF-8 are shown as such.</summary>
    public static string Raw(this JsonElement element) =>
        Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(element));

    /// <summary>
    /// Why a record could not be read: it said so itself, or there is something in it that no field may hold, such as
    /// half a letter. Null for what is not the record's fault.
    /// </summary>
    public static MisfitException? AsMisfit(Exception e) => e switch
    {
        MisfitException misfit => misfit,
        InvalidOperationException or FormatException or OverflowException or ArgumentException =>
            MisfitException.NotText(),
        _ => null,
    };

    /// <summary>What is kept of a record that could not be understood, as a database can hold it.</summary>
    public static string Kept(string text)
    {
        var length = int.Min(text.Length, MaxKeptLength);
        length -= length > 0 && char.IsHighSurrogate(text[length - 1]) ? 1 : 0;
        var kept = new StringBuilder(text, 0, length, length);
        for (var i = 0; i < kept.Length; i++)
        {
            if (kept[i] == '\0' || (char.IsSurrogate(kept[i]) && !IsWhole(kept, i)))
            {
                kept[i] = '\uFFFD';
            }
        }

        return kept.ToString();
    }

    private static bool IsWhole(StringBuilder text, int at) => char.IsHighSurrogate(text[at])
        ? at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])
        : at > 0 && char.IsHighSurrogate(text[at - 1]);
}

/// <summary>Why a record cannot be a reading; a collector catches it and hands on a misfit.</summary>
public sealed class MisfitException(string reason, string why) : Exception(why)
{
    public string Reason => reason;

    public static MisfitException Missing(string what) => new(
        "record/missing-field", $"The record has no {what}. Have its reporter send it, or discard the record.");

    public static MisfitException NotATime(string what, string? text) => new(
        "record/not-a-time", $"'{text}' is not a time for {what}. Write it in UTC, like '2026-11-01T00:00:00'.");

    public static MisfitException NotANumber(string what, string? text) => new(
        "record/not-a-number", $"'{text}' is not a number for {what}. Write it as a plain decimal.");

    public static MisfitException NotText() => new(
        "record/not-text",
        "A field of the record cannot be read: half a letter, bytes that are no UTF-8, or a value of another kind. " +
        "Have its reporter send it again, or discard the record.");

    /// <summary>For a record of which each name stands once in its object.</summary>
    /// <exception cref="MisfitException">A name stands twice.</exception>
    public static void Once(JsonElement record)
    {
        if (NamesInObjects.Wrong(record) is { } twice)
        {
            throw new MisfitException(
                "record/key-twice", $"{twice} Have its reporter send each name once, or discard the record.");
        }
    }

    public static MisfitException UnknownState(string word) => new(
        "record/unknown-state",
        $"'{word}' is not a state of a server that is known here. Report it, or discard the record.");

    public static MisfitException BrokenEnvelope() => new(
        "record/broken-envelope", "The oslo.message of the envelope is not JSON. Have it sent again.");

    public static MisfitException EmptyPeriod(string what) => new(
        "record/empty-period", $"The {what} does not end after it begins. Discard the record.");

    public static MisfitException NotAName(string what, string text) => new(
        "record/not-a-name", $"'{text}' cannot name {what}: 1 to {Name.MaxLength} printable characters.");
}
