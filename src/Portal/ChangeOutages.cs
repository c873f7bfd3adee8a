using Exchange.Invoicing.Closing;
using Exchange.Journal;
using Exchange.Rating;

namespace Exchange.Portal;

/// <summary>Declares and withdraws outages, one by one, for the landlord whose they are.</summary>
internal static class ChangeOutages
{
    /// <param name="isCorrection">Whether finance lets it change closed months.</param>
    public static Task<Refusal?> Declare(
        Composition exchange, Outage outage, string by, string origin, bool isCorrection, CancellationToken ct)
    {
        var now = exchange.Clock.GetCurrentInstant();
        return Run(
            exchange, "outages add", outage.Landlord, outage.Name, by, origin,
            (lists, closed) => DeclareOutage.Declare(lists, outage, by, now, closed, isCorrection), ct);
    }

    /// <param name="isCorrection">Whether finance lets it change closed months.</param>
    public static Task<Refusal?> Withdraw(
        Composition exchange, LandlordId landlord, string name, string reason, string by, string origin,
        bool isCorrection, CancellationToken ct)
    {
        var now = exchange.Clock.GetCurrentInstant();
        return Run(
            exchange, "outages withdraw", landlord, name, by, origin,
            (lists, closed) => DeclareOutage.Withdraw(
                lists, landlord, name, reason, by, now, closed, isCorrection), ct);
    }

    private static async Task<Refusal?> Run(
        Composition exchange, string act, LandlordId landlord, string name, string by, string origin,
        Func<ExchangeLists, IReadOnlySet<BillingMonth>, Decision<ExchangeListEvent>> rule, CancellationToken ct)
    {
        var months = await exchange.Journal.State(Months.Fold, Months.Id, ct);
        var closed = months.Closed.Keys.ToHashSet();
        Refusal? refusal;
        try
        {
            refusal = (await exchange.Journal.Decide(
                ExchangeLists.Fold, ExchangeLists.Id, lists => rule(lists, closed), ct)).Refusal;
        }
        catch (ConflictException)
        {
            refusal = new("outages/changed", "Somebody changed outages or prices at this moment. Look again.");
        }

        await exchange.Audit.Note(by, act, $"{landlord}/{name}", refusal?.Code ?? "done", origin, ct);
        return refusal;
    }
}
