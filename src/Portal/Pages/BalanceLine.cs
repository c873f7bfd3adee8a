using Exchange.Invoicing;
using Exchange.Portal.Web;

namespace Exchange.Portal.Pages;

/// <summary>What is still to be paid of an invoice, in a sentence that adds up to what it was issued with.</summary>
public sealed partial class BalanceLine
{
    /// <param name="Offsets">What credit of other invoices paid; below zero where its own paid for others.</param>
    public sealed record Balance(Money Due, Money Paid, Money Credited, Money Offsets, Money WrittenOff)
    {
        internal static Balance? Of(Invoice invoice) => invoice is Invoice.Issued of
            ? new(Money.Max(of.Open, Money.Zero), of.Paid, of.Credited, of.Offsets, of.WrittenOff)
            : null;

        internal static Balance Of(PartyInvoice.Issued of) =>
            new(Money.Max(of.Open, Money.Zero), of.Paid, of.Credited, of.Offsets, of.WrittenOff);

        /// <summary>'$1.00 paid, $0.00 credited, $5.00 written off'.</summary>
        public string Words => string.Join(", ",
        [
            $"{Show.Of(Paid)} paid", $"{Show.Of(Credited)} credited",
            .. Offsets.IsZero ? [] : new[]
            {
                Offsets > Money.Zero ? $"{Show.Of(Offsets)} paid by credit of other invoices"
                    : $"{Show.Of(-Offsets)} of its credit used for other invoices",
            },
            .. WrittenOff.IsZero ? [] : new[] { $"{Show.Of(WrittenOff)} written off" },
        ]);
    }
}
