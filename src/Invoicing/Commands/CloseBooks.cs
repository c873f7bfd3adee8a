using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange close --commit', finance's page and the close job — bills a month, once: invoices, settlements, entries
/// and what funds spent, all or nothing.
/// </summary>
public sealed class CloseBooks(Sources sources, CloseRequest request) : ICommand<CloseMonth.CloseOutcome>
{
    private Func<CancellationToken, Task>? _sweep;

    public string Act => "close";
    public string Target => request.Month.ToString();
    public string Permission => InvoicingPermissions.CloseMonths;

    public async Task<CloseMonth.CloseOutcome> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        (var outcome, _sweep) = await CloseMonth.Decide(work, sources, request, now, ct);
        return outcome;
    }

    public Task Appended(CloseMonth.CloseOutcome result, CancellationToken ct) =>
        _sweep?.Invoke(ct) ?? Task.CompletedTask;
}
