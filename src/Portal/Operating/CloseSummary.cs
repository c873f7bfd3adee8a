using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Kept;

namespace Exchange.Portal;

/// <summary>
/// What closing a month wrote, or would write, without its lines: they are let go before anything is drawn, or a close
/// of ten thousand projects would hold them to its end.
/// </summary>
internal sealed record CloseSummary(
    string Policies, Money Total, IReadOnlyList<CloseSummary.OfInvoice> Invoices,
    IReadOnlyList<CloseSummary.OfLandlord> Settlements, IReadOnlyList<Check> Checks)
{
    /// <summary>An invoice, or the draft of one; what nobody answers for has no number.</summary>
    public sealed record OfInvoice(
        string? Number, string Account, string? Institution, int Lines, Money Total, Money Funds, Money Owed,
        int Adjustments);

    /// <summary>What a landlord gets.</summary>
    public sealed record OfLandlord(LandlordId Landlord, Money Gross, Money Share, Money Hardware, Money Payable);

    /// <summary>What was written when the month was closed before; then nothing is written.</summary>
    public MonthEvent.Closed? AlreadyClosed { get; init; }

    /// <summary>The numbers that were given out, in their order.</summary>
    public IReadOnlyList<string> Numbers { get; } = [.. Invoices.Select(invoice => invoice.Number).OfType<string>()];

    public static CloseSummary Of(CloseMonth.CloseOutcome outcome)
    {
        if (outcome.Plan is not { } plan)
        {
            return new("", outcome.AlreadyClosed!.Total, [], [], []) { AlreadyClosed = outcome.AlreadyClosed };
        }

        var numbers = new Queue<string>(outcome.Numbers);
        return new(
            plan.Policies, plan.Total,
            [
                .. plan.Drafts.Select(draft => Of(
                    draft, draft.Pi is not null && numbers.TryDequeue(out var number) ? number : null)),
            ],
            [
                .. plan.Settlements.Select(s => new OfLandlord(
                    s.Landlord, s.Gross, s.Share, Money.Sum(s.Hardware.Select(due => due.Amount)), s.Payable)),
            ],
            plan.Checks);
    }

    private static OfInvoice Of(InvoiceEvent.Drafted draft, string? number)
    {
        var (total, owed) = (Money.Sum(draft.Lines.Select(line => line.Amount)),
            Money.Sum(draft.Lines.Select(line => line.PiBalance)));
        return new(
            number, draft.Pi?.Value ?? "suspense", draft.Institution, draft.Lines.Length, total, total - owed, owed,
            draft.Lines.Count(line => line.Adjusts is not null));
    }
}
