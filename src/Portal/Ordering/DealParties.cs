using Exchange.Market.Commands;
using Exchange.Market.Deals;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>On which side of an agreement somebody is: its two parties and finance see it; its parties speak.</summary>
internal sealed class DealParties(Viewer viewer, Attribution owners, Instant now)
{
    public static async Task<DealParties> Of(Composition exchange, Viewer viewer, CancellationToken ct) => new(
        viewer, new(
            await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct), exchange.Institutions,
            exchange.Facts.Billability),
        exchange.Clock.GetCurrentInstant());

    /// <summary>Finance on pages only looks; its programs say for which side they speak.</summary>
    public bool IsOn(DealOf of, DealSide side) => viewer.Role switch
    {
        Role.FinanceKey => true,
        Role.Landlord or Role.PricesKey => side == DealSide.Landlord && viewer.Landlord == of.Landlord,
        Role.Pi => side == DealSide.Customer && IsMine(of.Cluster, of.Project, Now(of.Period)),
        _ => false,
    };

    /// <summary>Who held it once sees what became of it.</summary>
    public bool Sees(DealOf of, IEnumerable<LeaseHolder> holders) => viewer.Sees == "money" ||
        IsOn(of, DealSide.Landlord) || IsOn(of, DealSide.Customer) ||
        (viewer.Landlord is { } landlord && landlord == of.Landlord) ||
        (viewer.Pi is not null && holders.Any(holder => IsMine(of.Cluster, holder.Project, holder.From)));

    /// <summary>Whether the PI who answers for the project that holds it answers for another one too.</summary>
    public bool IsOfSamePi(DealOf of, ProjectId project) =>
        owners.Of(of.Cluster, of.Project, Now(of.Period)).Pi is { } pi &&
        owners.Of(of.Cluster, project, Now(of.Period)).Pi == pi;

    /// <summary>Whether a project is that of the PI who reads; null for who reads all of it.</summary>
    public Func<ProjectId, bool>? Theirs(DealOf of) => viewer.Pi is null ? null
        : project => IsMine(of.Cluster, project, of.Period.Start) || IsMine(of.Cluster, project, Now(of.Period));

    private bool IsMine(ClusterId cluster, ProjectId project, Instant at) =>
        viewer.Pi is { } pi && owners.Of(cluster, project, at).Pi == pi;

    /// <summary>Now, or the end of it that is nearer.</summary>
    private Instant Now(Period period) => period.IsEmpty || now < period.Start ? period.Start
        : Instant.Min(now, period.End - Duration.Epsilon);
}
