using System.Collections.Immutable;
using Exchange.Metering;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// For drawn months and drawn rules, what 'rate --compare' puts down to its causes is the whole difference of the two
/// ratings, of each project and in total, and a rule that does not differ causes nothing. Seen to fail with a rule
/// that changes nothing, with outages known to the wrong rules, and with a step that starts over.
/// </summary>
public class CausesAddUp
{
    private const string Skus = """
        {name: CPU, unit: SU-hour, rate: "0.13", counts: bundle, bundle: {vcpu: "1", ram_mib: "4096"}, per: hour,
            match: {kind: vm, gpu: none}}
        {name: A100, unit: SU-hour, rate: "1.803", counts: bundle, bundle: {vcpu: "24", ram_mib: "75776", gpu: "1"},
            per: hour, match: {kind: vm, gpu: any}}
        """;

    private static readonly string[] Projects = ["p0", "p1", "p2"];
    private static readonly ImmutableArray<Outage> Outages =
    [
        new("a", Acme.Landlord, [Acme.Cluster], Acme.At(10), Acme.At(12), [Policies.Corrected]),
        new("b", Acme.Landlord, [Acme.Cluster], Acme.At(11), Acme.At(13),
            [Policies.Corrected, Policies.NercCompatible]),
        new("c", Acme.Landlord, [Acme.Cluster], Acme.At(12), Acme.At(14), [Policies.NercCompatible]),
        new("d", Acme.Landlord, [Acme.Cluster], Acme.At(29), null, [Policies.Corrected, Policies.NercCompatible]),
    ];

    /// <summary>Which cause answers for each rule that a sheet can name.</summary>
    private static readonly Dictionary<string, string> CauseOf = new()
    {
        [nameof(Policies.Billable)] = "billable-states",
        [nameof(Policies.FailedActsChangeNothing)] = "failed-acts",
        [nameof(Policies.LastShapeForAll)] = "last-shape",
        [nameof(Policies.IncompleteIsFree)] = "incomplete-requests",
        [nameof(Policies.GpusAlone)] = "gpu-bundles",
        [nameof(Policies.GpuServiceUnits)] = "gpu-bundles",
        [nameof(Policies.ServiceUnits)] = "service-units",
        [nameof(Policies.OutagesAddUp)] = "outages",
        [nameof(Policies.LastDayOutagesBilled)] = "outages",
        [nameof(Policies.Quantities)] = "hours",
    };

    private static Gen<Policies> Rules { get; } =
        from billable in Gen.SubListOf(
            ResourceState.Running, ResourceState.Stopped, ResourceState.Paused, ResourceState.Shelved)
        from units in Gen.Elements(Enum.GetValues<WholeUnits>()).Two()
        from quantities in Gen.Elements(Enum.GetValues<WholeQuantity>())
        from flags in Gen.Elements(true, false).ArrayOf(6)
        select new Policies
        {
            Name = "",
            Billable = [.. billable],
            ServiceUnits = units.Item1,
            GpuServiceUnits = units.Item2,
            Quantities = quantities,
            GpusAlone = flags[0],
            IncompleteIsFree = flags[1],
            LastShapeForAll = flags[2],
            FailedActsChangeNothing = flags[3],
            OutagesAddUp = flags[4],
            LastDayOutagesBilled = flags[5],
        };

    /// <summary>Two sheets one after the other, each with its own two sets of rules.</summary>
    private static Gen<PriceBooks> Books { get; } =
        from rules in Rules.ArrayOf(4)
        from known in Gen.SubListOf(Outages.AsEnumerable())
        select Acme.Books(Sheet("2026-01", rules[0], rules[1]), Sheet(Text.Of(Acme.At(15, 7, 11)), rules[2], rules[3]))
            with
        { Outages = [.. known] };

    private static Gen<Segment[]> Month { get; } =
        from ids in Gen.Choose(0, 8)
        from resources in Gen.CollectToArray(Enumerable.Range(0, ids).Select(Resource))
        select resources.SelectMany(segments => segments).ToArray();

    private static Gen<Segment[]> Resource(int id) =>
        from edges in Gen.Choose(0, 31 * 86_400).ArrayOf(7)
        from parts in Gen.CollectToArray(edges.Order().Zip(edges.Order().Skip(1)).Where(e => e.First < e.Second)
            .Select(edge =>
                from project in Gen.Elements(Projects)
                from vcpu in Gen.Choose(0, 50)
                from gib in Gen.Choose(0, 200)
                from gpu in Gen.Elements(0, 0, 1, 4)
                from state in Gen.Elements(Enum.GetValues<ResourceState>())
                select Acme.Ran(
                    $"{id}", Acme.At(1) + Duration.FromSeconds(edge.First),
                    Acme.At(1) + Duration.FromSeconds(edge.Second),
                    $$"""{"vcpu":"{{vcpu}}","ram_mib":"{{gib * 1024}}","gpu":"{{gpu}}","state_before":"paused"}""",
                    state: state, project: project)))
        select parts;

    private static PriceSheet Sheet(string from, Policies corrected, Policies today) => Acme.Sheet(Skus, from) with
    {
        Policies = ImmutableDictionary<string, Policies>.Empty
            .Add(Policies.Corrected, corrected with { Name = Policies.Corrected })
            .Add(Policies.NercCompatible, today with { Name = Policies.NercCompatible }),
    };

    [Fact]
    public void To_the_whole_difference_of_each_project_and_of_all() => Prop.ForAll(
        Arb.From(Books), Arb.From(Month), (books, month) =>
        {
            var whole = ComparePolicies.Run(books, new(Acme.October), month);
            var (today, corrected) = (Rated(Policies.NercCompatible), Rated(Policies.Corrected));
            Assert.Equal(today.Show(), whole.Before.Show());
            Assert.Equal(corrected.Show(), whole.After.Show());
            Assert.Equal(corrected.Total - today.Total, Money.Sum(whole.Causes.Select(cause => cause.Change)));

            var parts = Projects.ToDictionary(project => project, project => ComparePolicies.Run(
                books, new RateRequest(Acme.October) { Project = new(project) }, month));
            Assert.All(Projects, project =>
            {
                var difference = Of(corrected, project) - Of(today, project);
                Assert.Equal(difference, Money.Sum(parts[project].Causes.Select(cause => cause.Change)));
                Assert.Equal(difference, Money.Sum(
                    whole.Changes.Where(change => change.Project.Value == project).Select(change => change.Change)));
            });
            Assert.Equal(
                whole.Causes.Select(cause => (cause.Name, cause.Change, cause.Lines)),
                whole.Causes.Select((cause, n) => (
                    cause.Name, Money.Sum(parts.Values.Select(part => part.Causes[n].Change)),
                    parts.Values.Sum(part => part.Causes[n].Lines))));

            Rated Rated(string policies) => Acme.Rate(books, new RateRequest(Acme.October, policies), month);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    [Fact]
    public void And_a_rule_that_is_the_same_in_both_causes_nothing() => Prop.ForAll(
        Arb.From(from pair in Rules.Two()
                 from changed in Gen.SubListOf(CauseOf.Keys.AsEnumerable())
                 select (Before: pair.Item1, After: pair.Item2, Changed: changed.ToHashSet())),
        Arb.From(Month), (rules, month) =>
        {
            // Every rule is there by its name: one that a sheet learns to know needs a cause of its own.
            var fields = typeof(Policies).GetProperties().Where(field => field.CanWrite && field.Name != "Name")
                .ToList();
            Assert.Equal(CauseOf.Keys.Order(), fields.Select(field => field.Name).Order());
            var after = rules.Before with { };
            foreach (var field in fields.Where(field => rules.Changed.Contains(field.Name)))
            {
                field.SetValue(after, field.GetValue(rules.After));
            }

            var books = Acme.Books(Sheet("2026-01", after, rules.Before)) with { Outages = [Outages[1], Outages[3]] };
            var causes = ComparePolicies.Run(books, new(Acme.October), month).Causes;
            Assert.Empty(causes.Where(cause => !cause.Change.IsZero).Select(cause => cause.Name)
                .Except(rules.Changed.Select(field => CauseOf[field])));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    [Fact]
    public void And_each_rule_that_alone_differs_is_the_one_cause() => Assert.Equal(
        CauseOf.Select(rule => $"{rule.Key}: {rule.Value}"), CauseOf.Keys.Select(field =>
        {
            var loose = new Policies
            {
                Name = "",
                Billable = [ResourceState.Running, ResourceState.Error],
                ServiceUnits = WholeUnits.Floor,
                GpuServiceUnits = WholeUnits.Floor,
                Quantities = WholeQuantity.Exact,
                OutagesAddUp = true,
            };
            var after = loose with { };
            var set = typeof(Policies).GetProperty(field)!;
            set.SetValue(after, set.GetValue(loose) switch
            {
                bool flag => !flag,
                WholeUnits => WholeUnits.Ceiling,
                WholeQuantity => WholeQuantity.Line,
                _ => ImmutableArray.Create(ResourceState.Running, ResourceState.Error, ResourceState.Paused),
            });
            var books = Acme.Books(
                Sheet("2026-01", after, loose)) with
            { Outages = [Outages[1], Outages[3], Outages[3]] };
            var causes = ComparePolicies.Run(books, new(Acme.October),
            [
                Acme.Ran("whole", Acme.At(1), Acme.At(32), """{"vcpu":"1","ram_mib":"6144"}"""),
                Acme.Ran("grown", Acme.At(2), Acme.At(3), """{"vcpu":"1","ram_mib":"4096"}"""),
                Acme.Ran("grown", Acme.At(3), Acme.At(3, 0, 1), """{"vcpu":"9","ram_mib":"4096"}"""),
                Acme.Ran("failed", Acme.At(4), Acme.At(5), """{"vcpu":"1","ram_mib":"4096","state_before":"stopped"}""",
                    state: ResourceState.Error),
                Acme.Ran("paused", Acme.At(4), Acme.At(5), """{"vcpu":"1","ram_mib":"4096"}""",
                    state: ResourceState.Paused),
                Acme.Ran("partial", Acme.At(6), Acme.At(7), """{"vcpu":"2"}"""),
                Acme.Ran("gpu", Acme.At(6), Acme.At(7), """{"vcpu":"60","ram_mib":"75776","gpu":"1"}"""),
            ]).Causes;
            return $"{field}: {string.Join(", ", causes.Where(cause => !cause.Change.IsZero).Select(c => c.Name))}";
        }));

    private static Money Of(Rated rated, string project) =>
        Money.Sum(rated.Charges.Where(charge => charge.Project.Value == project).Select(charge => charge.Amount));
}
