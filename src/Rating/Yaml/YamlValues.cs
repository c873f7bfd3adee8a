using NodaTime;
using NodaTime.Text;

namespace Exchange.Rating;

/// <summary>The kinds of value that files in pricing/ hold, beyond words and numbers.</summary>
internal static class YamlValues
{
    /// <summary>The end that never comes.</summary>
    public static readonly Instant Never = NodaTime.Instant.FromUtc(9998, 12, 31, 0, 0);

    /// <summary>
    /// An instant in UTC; a month or a day stands for its first instant. What ends in the year 9999 never ends, and
    /// nothing begins then.
    /// </summary>
    public static Instant? Instant(YamlMap yaml, string key)
    {
        if (yaml.Word(key) is not { } word)
        {
            return null;
        }

        var instant = Read(word)
            ?? throw yaml.Bad(key, "an instant in UTC, like 2026-10-15T00:00:00Z or 2026-10-15");
        return instant < Never ? instant
            : key == "until" ? Never
            : throw yaml.Bad(key, "an instant before 9998-12-31");
    }

    private static Instant? Read(string word) => BillingMonth.TryParse(word, null, out var month) ? month.Start
        : LocalDatePattern.Iso.Parse(word) is { Success: true } day ? day.Value.AtMidnight().InUtc().ToInstant()
        : InstantPattern.ExtendedIso.Parse(word) is { Success: true } instant ? instant.Value
        : null;

    public static string Name(YamlMap yaml, string key) =>
        Exchange.Name.IsStored(yaml.Required(key)) && yaml.Required(key).Length <= Exchange.Name.MaxLength
            ? yaml.Required(key)
            : throw yaml.Bad(key, "a name of 1 to 200 characters");

    /// <summary>The name of a landlord, which nobody takes for a project that is paid.</summary>
    public static LandlordId Landlord(YamlMap yaml, string key) => Seller.IsProject(Name(yaml, key))
        ? throw yaml.Bad(key, "a name that does not begin with 'project:', as what projects earn is noted under")
        : new LandlordId(Name(yaml, key));

    /// <summary>A list of words, or one word that stands for a list of one.</summary>
    public static IReadOnlyList<string> OneOrMore(YamlMap yaml, string key) =>
        !yaml.Has(key) ? [] : yaml.IsList(key) ? yaml.Words(key) : yaml.Word(key) is { } word ? [word] : [];
}
