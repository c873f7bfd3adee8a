using System.Collections.Immutable;
using Exchange.Metering;

namespace Exchange.Rating;

/// <summary>Reads the policies of a sheet; what a sheet does not say is exact, and only running is billed.</summary>
internal static class PolicyReader
{
    public static ImmutableDictionary<string, Policies> Read(YamlMap? yaml, bool isNew)
    {
        var named = (yaml?.Keys() ?? []).ToImmutableDictionary(
            name => name is Policies.Corrected or Policies.NercCompatible
                ? name
                : throw yaml!.Bad(name, "policies named 'corrected' or 'nerc-compatible'"),
            name => ReadOne(name, yaml!.Map(name) ?? throw yaml!.Bad(name, "a mapping of keys to values"), isNew));
        return named.ContainsKey(Policies.Corrected)
            ? named
            : named.Add(Policies.Corrected, new() { Name = Policies.Corrected });
    }

    private static Policies ReadOne(string name, YamlMap yaml, bool isNew)
    {
        var states = yaml.Words("billable").Select(word => SheetWord.Read<ResourceState>(word, isNew)
            ?? throw yaml.Bad("billable", "states such as running, stopped")).ToImmutableArray();
        var policies = new Policies
        {
            Name = name,
            Billable = states.IsEmpty ? [ResourceState.Running] : states,
            ServiceUnits = One(yaml, "service_units", WholeUnits.Exact, isNew),
            GpuServiceUnits = One(yaml, "gpu_service_units", WholeUnits.Exact, isNew),
            GpusAlone = yaml.Flag("gpus_alone") ?? false,
            Quantities = One(yaml, "quantities", WholeQuantity.Exact, isNew),
            IncompleteIsFree = yaml.Flag("incomplete_is_free") ?? false,
            LastShapeForAll = yaml.Flag("last_shape_for_all") ?? false,
            FailedActsChangeNothing = yaml.Flag("failed_acts_change_nothing") ?? true,
            OutagesAddUp = yaml.Flag("outages_add_up") ?? false,
            LastDayOutagesBilled = yaml.Flag("last_day_outages_billed") ?? false,
        };
        yaml.NoOthers();
        return policies;
    }

    private static T One<T>(YamlMap yaml, string key, T otherwise, bool isNew)
        where T : struct, Enum => yaml.Word(key) is not { } word ? otherwise
        : SheetWord.Read<T>(word, isNew) ?? throw yaml.Bad(key, string.Join(", ", ListedWord.All<T>()));
}
