using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Facts;

/// <summary>Everything that can happen to facts that decide money. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Published), "fact-published/1")]
[JsonDerivedType(typeof(Withdrawn), "fact-withdrawn/1")]
public abstract record FactEvent
{
    private FactEvent() { }

    public abstract FactName Fact { get; init; }

    /// <summary>The day from which it holds; it replaces what was said before of that day and all later ones.</summary>
    public abstract LocalDate From { get; init; }

    /// <summary>A version of a fact was published.</summary>
    /// <param name="Content">What it says, in the stored form of its kind.</param>
    public sealed record Published(FactName Fact, LocalDate From, JsonElement Content, string By, Instant At)
        : FactEvent
    {
        public override FactName Fact { get; init; } = Fact;
        public override LocalDate From { get; init; } = From;

        /// <summary>Whether it changes closed months, and finance accepted that.</summary>
        public bool IsCorrection { get; init; }
    }

    /// <summary>A fact holds no longer from a day on.</summary>
    public sealed record Withdrawn(FactName Fact, LocalDate From, string By, Instant At) : FactEvent
    {
        public override FactName Fact { get; init; } = Fact;
        public override LocalDate From { get; init; } = From;

        /// <summary>Whether it changes closed months, and finance accepted that.</summary>
        public bool IsCorrection { get; init; }
    }
}

/// <summary>What a fact is about, written 'landlord/nerc'.</summary>
/// <param name="Kind">'program', 'institution', 'landlord' and others.</param>
public readonly record struct FactName(string Kind, string Name) : IParsable<FactName>
{
    public override string ToString() => $"{Kind}/{Name}";

    public static FactName Parse(string s, IFormatProvider? provider = null) =>
        s.IndexOf('/', StringComparison.Ordinal) is var slash and > 0 && slash < s.Length - 1
            ? new(s[..slash], s[(slash + 1)..])
            : throw new FormatException($"'{s}' is not a fact. Write it like 'landlord/nerc'.");

    public static bool TryParse(
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] string? s, IFormatProvider? provider,
        out FactName result) => Text.TryParse(s, Parse, out result);
}
