using Exchange.Journal;

namespace Exchange.Invoicing;

/// <summary>The next numbers of series, as one command takes them: without gap or twin.</summary>
internal sealed class NumbersToTake(UnitOfWork work, BillingMonth month)
{
    private readonly Dictionary<string, (int First, int Next)> _taken = new(StringComparer.Ordinal);

    public async Task<string> Next(string series, CancellationToken ct)
    {
        if (!_taken.TryGetValue(series, out var taken))
        {
            var first = (await work.State(NumberSeries.Fold, series, ct)).Last + 1;
            taken = (first, first);
        }

        _taken[series] = taken with { Next = taken.Next + 1 };
        return NumberSeries.Number(series, taken.Next);
    }

    /// <summary>Writes that they are taken, with the invoices that carry them.</summary>
    public void Append()
    {
        foreach (var (series, (first, next)) in _taken)
        {
            work.Append<NumberEvent>(
                NumberSeries.Fold.StreamOf(series), [new NumberEvent.Assigned(first, next - first, month)]);
        }
    }
}
