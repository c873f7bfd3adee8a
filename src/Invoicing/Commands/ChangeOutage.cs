using Exchange.Invoicing.Kept;
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

    private ChangeOutage(
        string act, string target, string permission,
        Func<ExchangeLists, IReadOnlySet<BillingMonth>, Instant, Decision<ExchangeListEvent>> rule) =>
        (Act, Target, Permission, _rule) = (act, target, permission, rule);

    public string Act { get; }
    public string Target { get; }
    public string Permission { get; }

    /// <param name="permission">What whoever asks needs: people and keys publish under different ones.</param>
    /// <param name="isCorrection">Whether finance lets it change closed months.</param>
    public static ChangeOutage Declare(Outage outage, string by, string permission, bool isCorrection = false) => new(
        "outages add", $"{outage.Landlord}/{outage.Name}", permission,
        (lists, closed, now) => DeclareOutage.Declare(lists, outage, by, now, closed, isCorrection));

    /// <inheritdoc cref="Declare"/>
    public static ChangeOutage Withdraw(
        LandlordId landlord, string name, string reason, string by, string permission,
        bool isCorrection = false) => new(
        "outages withdraw", $"{landlord}/{name}", permission,
        (lists, closed, now) => DeclareOutage.Withdraw(lists, landlord, name, reason, by, now, closed, isCorrection));

    /// <returns>False when it was so already.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var closed = (await work.State(Months.Fold, Months.Id, ct)).Closed.Keys.ToHashSet();
        var said = _rule(await work.State(ExchangeLists.Fold, ExchangeLists.Id, ct), closed, now).OrThrow();
        work.Append(ExchangeLists.Fold.StreamOf(ExchangeLists.Id), said);
        return said.Count > 0;
    }
}
