using System.Collections.Immutable;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Money rule 10 for leases, over drawn trees: whoever is no party of a lease sees nothing of it and speaks for nobody.
/// </summary>
public class LeasesAreTheirParties
{
    private static readonly ClusterId Cluster = new("bm");
    private static readonly Instant Start = Instant.FromUtc(2026, 10, 1, 0, 0);
    private static readonly LandlordId[] Landlords = [new("harvard"), new("mghpcc")];
    private static readonly PiId[] Pis = [new("a@mit.edu"), new("b@bu.edu"), new("c@neu.edu"), new("d@umass.edu")];

    [Fact]
    public void Nobody_else_sees_a_lease_or_speaks_of_it()
    {
        var owners = new Attribution(
            ProjectDirectory.Fold.Of([.. Pis.Select((pi, n) => new DirectoryEvent.ProjectTold(
                new(Cluster, new($"p{n}"), $"p{n}", pi, null, false, Start - Duration.FromDays(100)), "test", Start))]),
            Institutions.None);
        var (seen, hidden) = (0, 0);
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var agreed = Agreements.Nothing with { Leases = Tree(random) };
            var now = Start + Duration.FromHours(random.Next(-100, 900));
            foreach (var lease in agreed.Leases)
            {
                foreach (var viewer in Viewers())
                {
                    var parties = new LeaseParties(viewer, owners, now);
                    var isParty = IsParty(viewer, lease, agreed);
                    Assert.Equal((seed, lease.Id, viewer, isParty),
                        (seed, lease.Id, viewer, parties.Sees(lease, agreed)));
                    foreach (var side in Enum.GetValues<Market.Leases.LeaseSide>())
                    {
                        Assert.True(isParty || !parties.IsOn(lease, agreed, side), $"{seed} {viewer} {lease.Id} {side}");
                        Assert.Equal(
                            (seed, lease.Id, viewer, side, Speaks(viewer, lease, agreed, side)),
                            (seed, lease.Id, viewer, side, parties.IsOn(lease, agreed, side)));
                    }

                    (seen, hidden) = (seen + (isParty ? 1 : 0), hidden + (isParty ? 0 : 1));
                }
            }
        }

        Assert.True(seen > 1_000 && hidden > 1_000, $"{seen} saw one and {hidden} did not.");
    }

    /// <summary>Said a second time, by who holds what when.</summary>
    private static bool IsParty(Viewer viewer, Lease lease, Agreements agreed) =>
        viewer.Role is Role.Finance or Role.FinanceKey || (viewer is { Role: Role.ReadKey, Landlord: null }) ||
        (lease.Parent is null && viewer.Landlord == lease.Landlord) ||
        (viewer.Pi is { } pi && (Held(lease, lease.Period, pi) || (lease.Parent is { } above &&
            Held(agreed.Leases.Single(one => one.Id == above), lease.Period, pi))));

    private static bool Speaks(Viewer viewer, Lease lease, Agreements agreed, Market.Leases.LeaseSide side) =>
        viewer.Role == Role.FinanceKey || (side == Market.Leases.LeaseSide.Lessee
            ? viewer.Pi == Of(lease.Holder)
            : lease.Parent is { } above
                ? viewer.Pi == Of(agreed.Leases.Single(one => one.Id == above).Holder)
                : viewer.Role is Role.Landlord or Role.PricesKey && viewer.Landlord == lease.Landlord);

    /// <summary>Hour by hour.</summary>
    private static bool Held(Lease lease, Period period, PiId pi)
    {
        for (var at = period.Start; at < period.End; at += Duration.FromHours(1))
        {
            if (lease.HolderAt(at) is { } holder && Of(holder) == pi)
            {
                return true;
            }
        }

        return false;
    }

    private static PiId? Of(ProjectId project) => Pis[project.Value[1] - '0'];

    private static IEnumerable<Viewer> Viewers() =>
    [
        .. Pis.Select(pi => new Viewer($"person:{pi}", "", Role.Pi, Pi: pi)),
        .. from landlord in Landlords
           from role in (Role[])[Role.Landlord, Role.PricesKey, Role.ReadKey, Role.UsageKey]
           where role != Role.UsageKey // No route lets one in.
           select new Viewer($"{role}:{landlord}", "", role, Landlord: landlord),
        new("person:finance", "", Role.Finance), new("key:finance", "", Role.FinanceKey),
        new("key:reader", "", Role.ReadKey), new("person:operator", "", Role.Operator),
        new("person:subsidy", "", Role.Subsidy, Payer: "bu"),
    ];

    /// <summary>A lease, what is sublet from it and from that; each may be transferred half-way.</summary>
    private static ImmutableArray<Lease> Tree(Random random)
    {
        var (leases, above, period) = (new List<Lease>(), (string?)null, new Period(Start, Start + Duration.FromHours(744)));
        for (var level = 0; level < 3; level++)
        {
            var hours = (int)period.Length.TotalHours;
            var from = period.Start + Duration.FromHours(random.Next(0, (hours / 3) + 1));
            period = new(from, from + Duration.FromHours(Math.Max(2, random.Next(2, (hours / 2) + 2))));
            LeaseHolder[] holders =
            [
                new(new($"p{random.Next(4)}"), from),
                .. random.Next(2) == 0 ? [] : (LeaseHolder[])[
                    new(new($"p{random.Next(4)}"), from + Duration.FromHours(1))],
            ];
            leases.Add(new(
                $"L-{level}", Landlords[random.Next(2)], Cluster, ["N1"], above, [.. holders], period, 1, 0));
            above = $"L-{level}";
        }

        return [.. leases];
    }
}
