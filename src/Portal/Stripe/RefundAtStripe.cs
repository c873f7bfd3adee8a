using Exchange.Invoicing;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Stripe;

/// <summary>'exchange stripe refund' — gives money back by the way it came, and notes it as any refund.</summary>
internal static class RefundAtStripe
{
    /// <param name="reference">What tells this refund from others; the same one goes back once.</param>
    /// <returns>What was done, as a sentence.</returns>
    /// <exception cref="RefusedException">So much was not paid by Stripe in one payment, or Stripe refuses.</exception>
    public static async Task<string> Run(
        Composition exchange, StripeClient stripe, string number, string reference, Money amount, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        var (_, invoice) = await FindInvoice.Needed(exchange.Journal, exchange.Database, number, ct);
        if (amount <= Money.Zero || invoice is not Invoice.Issued issued || amount > issued.Paid ||
            (await StripeBook.Payments(exchange.Database, number, ct)).FirstOrDefault(
                paid => paid.Amount >= amount) is not { Intent: { } intent })
        {
            throw new RefusedException(new(
                "stripe/not-paid",
                $"No payment of {number} by Stripe is as large as {amount}. 'exchange stripe status' shows what was " +
                "paid; what came in another way goes back in that way ('exchange invoices refund').", number));
        }

        var refund = await stripe.Refund($"exchange-{number}-refund-{reference}", intent, amount, ct);
        if (refund.Status != "succeeded")
        {
            return $"Stripe has taken up the refund of {amount} ({refund.Status}); it is noted when it is done.";
        }

        await exchange.Commands.Execute(
            new RefundInvoice(exchange.Database, number, $"stripe:{refund.Id}", amount), Actors.Local("stripe"), ct);
        return $"{amount} of {number} went back.";
    }
}
