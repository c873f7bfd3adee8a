using Exchange.Market.Leases;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>On which side of a lease somebody is: its two parties and finance see it; its parties speak.</summary>
internal sealed class LeaseParties(Viewer viewer, Attribution owners, Instant now)
{
    public static async Task<LeaseParties> Of(Composition exchange, Viewer viewer, CancellationToken ct) => new(
        viewer, new(
            await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct), exchange.Institutions,
            exchange.Facts.Billability),
        exchange.Clock.GetCurrentInstant());

    /// <summary>Finance on pages only looks; its programs say for which side they speak.</summary>
    public bool IsOn(Lease lease, Agreements agreed, LeaseSide side) => viewer.Role switch
    {
        Role.FinanceKey => true,
        Role.Landlord or Role.PricesKey => side == LeaseSide.Lessor && lease.Parent is null &&
            viewer.Landlord == lease.Landlord,
        Role.Pi => side == LeaseSide.Lessor && lease.Parent is null ? false
            : IsMine(lease.Cluster, Speaking(lease, agreed, side), Now(lease.Period)),
        _ => false,
    };

    /// <summary>Who held it once, or what it was sublet from, sees what became of it.</summary>
    public bool Sees(Lease lease, Agreements agreed) => viewer.Sees == "money" ||
        IsOn(lease, agreed, LeaseSide.Lessor) || IsOn(lease, agreed, LeaseSide.Lessee) ||
        (viewer.Landlord is { } landlord && landlord == lease.Landlord && lease.Parent is null) ||
        (viewer.Pi is not null && (Held(lease, lease.Period) ||
            (lease.Parent is { } above && Leasing.Find(agreed, above) is { } parent && Held(parent, lease.Period))));

    /// <summary>Whether the PI who answers for the project that holds it answers for another one too.</summary>
    public bool IsOfSamePi(Lease lease, ProjectId project) =>
        owners.Of(lease.Cluster, lease.Holder, Now(lease.Period)).Pi is { } pi &&
        owners.Of(lease.Cluster, project, Now(lease.Period)).Pi == pi;

    /// <summary>Whether a project is that of the PI who reads; null for who reads all of it.</summary>
    public Func<ProjectId, bool>? Theirs(Lease lease) => viewer.Pi is null ? null
        : project => IsMine(lease.Cluster, project, lease.Period.Start) ||
            IsMine(lease.Cluster, project, Now(lease.Period));

    /// <summary>The project whose PI speaks for a side: of what is sublet, that of the lease above.</summary>
    public static ProjectId Speaking(Lease lease, Agreements agreed, LeaseSide side) =>
        side == LeaseSide.Lessor && lease.Parent is { } above && Leasing.Find(agreed, above) is { } parent
            ? parent.Holder
            : lease.Holder;

    private bool Held(Lease lease, Period period) => lease.Holders.Where((holder, n) =>
        holder.From < period.End && (n + 1 == lease.Holders.Length || lease.Holders[n + 1].From > period.Start))
        .Any(holder => IsMine(lease.Cluster, holder.Project, holder.From));

    private bool IsMine(ClusterId cluster, ProjectId project, Instant at) =>
        viewer.Pi is { } pi && owners.Of(cluster, project, at).Pi == pi;

    /// <summary>Now, or the end of the lease that is nearer.</summary>
    private Instant Now(Period period) => period.IsEmpty || now < period.Start ? period.Start
        : Instant.Min(now, period.End - Duration.Epsilon);
}
