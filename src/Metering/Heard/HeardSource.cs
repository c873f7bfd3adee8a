using NodaTime;

namespace Exchange.Metering;

/// <summary>A source as it was heard: who brought its readings, when, and how long it was quiet in between.</summary>
public sealed record HeardSource
{
    /// <summary>What readings from files that somebody read in are brought by.</summary>
    public const string Files = "files";

    private const int GapsToLearn = 4;
    private const int TimesLearned = 2;
    private static readonly Duration LeastSilence = Duration.FromMinutes(5);

    public required LandlordId Landlord { get; init; }

    /// <summary>'key:ID', 'collector:NAME' or 'files'.</summary>
    public required string Reporter { get; init; }

    /// <summary>Empty for those that are too many to be told apart.</summary>
    public required string Source { get; init; }
    public required Instant FirstAt { get; init; }
    public required Instant At { get; init; }

    /// <summary>The last times between one hearing and the next, in seconds.</summary>
    public required IReadOnlyList<long> Gaps { get; init; }

    /// <summary>What an operator said of how often it is heard; null while it is learned.</summary>
    public SourceInterval? Set { get; init; }

    /// <summary>How a person names it: 'nerc/key:4f1c/urn:nerc:stack'.</summary>
    public string Name => NameOf(Landlord, Reporter, Source);

    /// <summary>
    /// The longest time between two hearings of late but one, which may have been an outage; null while too little is
    /// known.
    /// </summary>
    public Duration? Learned => Gaps.Count < GapsToLearn
        ? null
        : Duration.FromSeconds(Gaps.OrderDescending().ElementAt(1));

    /// <summary>How often it is expected; null where it is not.</summary>
    public Duration? Expected => Set is null ? Learned : Set.Every;

    /// <summary>From when on it is silent; null where it never is.</summary>
    public Instant? SilentFrom => Set is not null ? At + Set.Every
        : Learned is { } learned ? At + Duration.Max(learned * TimesLearned, LeastSilence)
        : null;

    public bool IsSilent(Instant now) => SilentFrom is { } from && now >= from;

    public static string NameOf(LandlordId landlord, string reporter, string source) =>
        $"{landlord}/{reporter}/{source}";
}

/// <summary>How often a source is expected to be heard; null for one that may be silent for ever.</summary>
public sealed record SourceInterval(Duration? Every);
