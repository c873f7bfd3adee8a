using Exchange.Portal.Names;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Pages;

/// <summary>
/// For which project a plan is priced: one of a PI's own, any for finance. What it uses already decides tiers, and who
/// answers for it what funds pay.
/// </summary>
public sealed partial class QuoteProject
{
    /// <summary>The projects that a PI answers for now; none for anybody else.</summary>
    internal static async Task<IReadOnlyList<ProjectId>> Own(
        Viewer viewer, Composition exchange, CancellationToken ct)
    {
        if (viewer.Pi is not { } pi)
        {
            return [];
        }

        var directory = await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var now = exchange.Clock.GetCurrentInstant();
        return
        [
            .. directory.Facts.Keys.Where(of => directory.At(of.Cluster, of.Project, now)?.Pi is { } owner &&
                directory.PiOf(owner) == pi).Select(of => of.Project).Distinct()
                .OrderBy(project => project.Value, StringComparer.Ordinal),
        ];
    }

    /// <summary>Null where none is asked for; what is not theirs is wrong.</summary>
    internal static async Task<ProjectId?> Read(
        Form form, View view, (Viewer Viewer, IReadOnlyList<ProjectId> Own) asks, Composition exchange,
        CancellationToken ct)
    {
        var typed = form.Typed("project").Trim();
        if (typed.Length == 0 || (asks.Viewer.Sees != "money" && asks.Own.Count == 0))
        {
            return null;
        }

        if (asks.Own.Any(one => one.Value == typed))
        {
            return new(typed);
        }

        var refusal = asks.Viewer.Sees != "money" || !Name.IsOne(typed)
            ? "Choose one of the projects, or none."
            : (await new KnownNames(exchange, asks.Viewer, view).Refusal(NameKind.Project, typed, "project", ct))
                ?.Message;
        if (refusal is not null)
        {
            form.Wrong("project", refusal);
        }

        return refusal is null ? new ProjectId(typed) : null;
    }
}
