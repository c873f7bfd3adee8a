using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Exchange.Rating;

/// <summary>A step of a ladder: below so many percent of a month, so many of its charges are credited.</summary>
public readonly record struct LevelStep(decimal Below, decimal Credit);

/// <summary>Which maintenance is left out: announced so many days before, up to so many hours a month.</summary>
/// <param name="Hours">Null for any number.</param>
public sealed record MaintenanceTerms(int NoticeDays, decimal? Hours);

/// <summary>
/// What a landlord promises of a service from a month on: how much of each month it works, and what customers are
/// credited where it does not. Without steps nothing is promised from then on. Stored as it is here.
/// </summary>
/// <param name="Ladder">From the highest availability to the lowest; credits grow.</param>
/// <param name="Cap">The most percent of a month's charges that are credited.</param>
/// <param name="Maintenance">Null where maintenance counts like everything else.</param>
/// <param name="Excludes">Kinds of outage that never count.</param>
public sealed record ServiceLevel(
    LandlordId Landlord, string Service, BillingMonth From, ImmutableArray<LevelStep> Ladder, decimal Cap,
    MaintenanceTerms? Maintenance, ImmutableArray<OutageKind> Excludes)
{
    private const int MaxSteps = 20;

    /// <summary>The SKU under which it is credited; no price sheet can sell it.</summary>
    public static readonly SkuId CreditSku = new("service-credit");

    /// <summary>What decides money of it, in words.</summary>
    [JsonIgnore]
    public string Terms => $"{Landlord}/{Service} from {From}: " +
        (Ladder.IsEmpty ? "nothing is promised" : string.Join(", ", Ladder.Select(
            step => $"below {Text.Of(step.Below)} % credit {Text.Of(step.Credit)} %"))) +
        (Cap < 100 ? $", at most {Text.Of(Cap)} %" : "") +
        (Maintenance is { } terms ? $", without maintenance announced {terms.NoticeDays} days before" +
            (terms.Hours is { } hours ? $", up to {Text.Of(hours)} hours a month" : "") : "") +
        (Excludes.IsEmpty ? "" : $", without {string.Join(", ", Excludes.Order().Select(Word))}");

    /// <summary>A kind of outage as files and people write it: 'force-majeure'.</summary>
    public static string Word(OutageKind kind) => kind switch
    {
        OutageKind.Failure => "failure",
        OutageKind.Maintenance => "maintenance",
        OutageKind.Customer => "customer",
        OutageKind.ForceMajeure => "force-majeure",
    };

    public static OutageKind? KindOf(string word) =>
        Enum.GetValues<OutageKind>().Where(kind => Word(kind) == word).Select(kind => (OutageKind?)kind)
            .FirstOrDefault();

    /// <summary>The percent of charges that are credited at an availability.</summary>
    public decimal CreditAt(ServiceAvailability measured) =>
        decimal.Min(Cap, Ladder.Where(step => measured.IsBelow(step.Below)).Select(step => step.Credit)
            .DefaultIfEmpty(0).Max());

    /// <summary>Whether customers have at least what another promises them, at every availability.</summary>
    public bool IsAtLeast(ServiceLevel other) =>
        Ladder.Concat(other.Ladder).All(step => CreditJustBelow(step.Below) >= other.CreditJustBelow(step.Below)) &&
        Excludes.All(other.Excludes.Contains) && (Maintenance is not { } mine || other.Maintenance is { } theirs &&
            mine.NoticeDays >= theirs.NoticeDays && (theirs.Hours is null || mine.Hours <= theirs.Hours));

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public Refusal? Wrong(string? where = null)
    {
        var what = !Name.IsOne(Service) ? "the service has no name"
            : Ladder.Length > MaxSteps ? $"more than {MaxSteps} steps"
            : Ladder.Any(step => step.Below is <= 0 or > 100 || step.Credit is <= 0 or > 100)
                ? "each step is more than 0 and at most 100 percent"
            : Ladder.Zip(Ladder.Skip(1)).Any(two =>
                two.Second.Below >= two.First.Below || two.Second.Credit <= two.First.Credit)
                ? "each step lies below the one before and credits more"
            : Cap is <= 0 or > 100 ? "the cap is more than 0 and at most 100 percent"
            : Maintenance is { NoticeDays: < 0 or > 365 } or { Hours: < 0 or > 744 }
                ? "maintenance has 0 to 365 days of notice and 0 to 744 hours a month"
            : Excludes.Contains(OutageKind.Failure) ? "failures always count"
            : null;
        return what is null ? null : new Refusal(
            "levels/wrong", $"The level of {Landlord}/{Service}: {what}. Write steps like 99.9 % → 10 %.", where);
    }

    /// <summary>Reads 'levels' of a file.</summary>
    /// <exception cref="RefusedException">The text is not such a list; file and line are named.</exception>
    public static ImmutableArray<ServiceLevel> Read(string text, string file)
    {
        var yaml = YamlMap.Read(text, file);
        var levels = yaml.Maps("levels").Select(ReadOne).ToImmutableArray();
        yaml.NoOthers();
        return levels;
    }

    public bool Equals(ServiceLevel? other) => other is not null && Terms == other.Terms;
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Terms);

    private decimal CreditJustBelow(decimal percent) => decimal.Min(
        Cap, Ladder.Where(step => step.Below >= percent).Select(step => step.Credit).DefaultIfEmpty(0).Max());

    private static ServiceLevel ReadOne(YamlMap map)
    {
        var level = new ServiceLevel(
            new(YamlValues.Name(map, "landlord")), YamlValues.Name(map, "service"),
            map.Month("from") ?? throw map.Bad("from", "a month like 2026-10"),
            [.. map.Maps("ladder").Select(ReadStep)], map.Number("cap") ?? 100,
            map.Map("maintenance") is { } terms ? ReadMaintenance(terms) : null,
            [.. map.Words("excludes").Select(word => KindOf(word) ?? throw map.Bad(
                "excludes", "a list of maintenance, customer, force-majeure"))]);
        map.NoOthers();
        return level.Wrong(map.Where) is { } wrong ? throw new RefusedException(wrong) : level;
    }

    private static LevelStep ReadStep(YamlMap map)
    {
        var step = new LevelStep(
            map.Number("below") ?? throw map.Bad("below", "a percentage in quotes, like \"99.9\""),
            map.Number("credit") ?? throw map.Bad("credit", "a percentage in quotes, like \"10\""));
        map.NoOthers();
        return step;
    }

    private static MaintenanceTerms ReadMaintenance(YamlMap map)
    {
        var terms = new MaintenanceTerms(map.Whole("notice_days") ?? 0, map.Number("hours"));
        map.NoOthers();
        return terms;
    }
}
