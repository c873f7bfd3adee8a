using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Journal;
using Exchange.Portal.ReadModels;

namespace Exchange.Portal;

/// <summary>
/// Closes a month, whoever asks for it: the books first, then everything that is read from them – read models, PDFs
/// and what pages show. The books are one append; the rest is safe to stop, and closing again writes what is missing.
/// </summary>
internal static class CloseAndWrite
{
    /// <param name="Actor">Who closes, from where.</param>
    /// <param name="Seen">What they looked at; null for whoever takes it as it is.</param>
    public sealed record Request(
        BillingMonth Month, string Policies, IReadOnlySet<string> Accepted, Actor Actor, string? Seen = null);

    /// <summary>What a close would write, by what is in the journal and the meter now. Writes nothing.</summary>
    /// <exception cref="RefusedException">The month may not be closed at all.</exception>
    public static async Task<CloseMonth.CloseOutcome> Plan(Composition exchange, Request request, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        return await CloseMonth.Plan(
            exchange.Sources, request.Month, request.Policies, exchange.Clock.GetCurrentInstant(), ct,
            request.Accepted);
    }

    /// <param name="step">Told what is done next, in words.</param>
    /// <exception cref="RefusedException">
    /// The month may not be closed, a check stands in the way, or others closed or spent meanwhile each time.
    /// </exception>
    public static async Task<CloseSummary> Run(
        Composition exchange, Request request, Action<string> step, CancellationToken ct)
    {
        var (month, now) = (request.Month, exchange.Clock.GetCurrentInstant());
        var summary = CloseSummary.Of(await exchange.Commands.Execute(
            new CloseBooks(
                exchange.Sources,
                new(month, request.Policies, request.Accepted, request.Actor.Name, request.Seen)),
            request.Actor, ct));
        await exchange.Heads.Write(exchange.Database, now, $"close-{month}", CancellationToken.None);
        step("Writing read models …");
        await UseCredit.Run(
            exchange.Journal, exchange.Database, () => exchange.Projections.CatchUp(ct), now, ct);
        await exchange.Projections.CatchUp(ct);
        await RateMonths.Run(exchange, step, ct);
        try
        {
            await KeepDocuments.OfMonth(
                exchange.Sources, month, now, (done, all) => step($"Drawing invoices, {done} of {all} …"), ct);
        }
        finally
        {
            await exchange.Projections.CatchUp(ct); // What was drawn is kept, whatever could not be.
        }

        return summary;
    }
}
