using Exchange.Facts;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Profiles;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange outages add | withdraw', and the same on pages and over HTTP — one outage of a landlord. It stands here,
/// not in Rating, because which months are closed decides whether it may still be said.
/// </summary>
public sealed class ChangeOutage : ICommand<bool>
{
    private readonly Func<ExchangeLists, IReadOnlySet<BillingMonth>, Instant, Decision<ExchangeListEvent>> _rule;
    private readonly bool _isCorrection;

    private ChangeOutage(
        string act, string target, (string Permission, bool IsCorrection) of,
        Func<ExchangeLists, IReadOnlySet<BillingMonth>, Instant, Decision<ExchangeListEvent>> rule) =>
        (Act, Target, Permission, _isCorrection, _rule) = (act, target, of.Permission, of.IsCorrection, rule);

    public string Act { get; }
    public string Target { get; }
    public string Permission { get; }

    /// <param name="permission">What whoever asks needs: people and keys publish under different ones.</param>
    /// <param name="isCorrection">Whether finance lets it change closed months.</param>
    public static ChangeOutage Declare(Outage outage, string by, string permission, bool isCorrection = false) => new(
        "outages add", $"{outage.Landlord}/{outage.Name}", (permission, isCorrection),
        (lists, closed, now) => DeclareOutage.Declare(lists, outage, by, now, closed));

    /// <inheritdoc cref="Declare"/>
    public static ChangeOutage Withdraw(
        LandlordId landlord, string name, string reason, string by, string permission,
        bool isCorrection = false) => new(
        "outages withdraw", $"{landlord}/{name}", (permission, isCorrection),
        (lists, closed, now) => DeclareOutage.Withdraw(lists, new(landlord, name, reason, by, now), closed));

    /// <returns>False when it was so already.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var months = await work.State(Months.Fold, Months.Id, ct);
        var first = _isCorrection ? await FirstToCorrect(work, months, now, ct) : null;
        var kept = months.Closed.Keys.Where(month => !_isCorrection || month < first).ToHashSet();
        var decided = _rule(await work.State(ExchangeLists.Fold, ExchangeLists.Id, ct), kept, now);
        var said = _isCorrection && decided.Refusal is { Code: DeclareOutage.ClosedMonth }
            ? throw new RefusedException(new(
                "outages/hard-closed",
                $"Outage '{Target}' would change months before {first}, and those are closed for good. Say what lies " +
                "in later months; what was billed wrong before is credited ('exchange invoices credit'), or the " +
                "horizon is set further back first ('exchange settings set --hard-close-months').", Target))
            : decided.OrThrow();
        work.Append(ExchangeLists.Fold.StreamOf(ExchangeLists.Id), said);
        return said.Count > 0;
    }

    private static async Task<BillingMonth?> FirstToCorrect(
        UnitOfWork work, Months months, Instant now, CancellationToken ct) => Horizon.First(
        months, BillingProfiles.Of(await work.State(DatedFacts.Fold, DatedFacts.Id, ct)), now);
}
