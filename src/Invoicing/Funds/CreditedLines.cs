namespace Exchange.Invoicing.Funds;

/// <summary>Says of each line what a service level credits of it, so that funds pay for what is left alone.</summary>
internal static class CreditedLines
{
    public static InvoiceLine[] Of(IEnumerable<InvoiceLine> lines)
    {
        InvoiceLine[] all = [.. lines];
        var credits = all.Where(line => line.IsCredit).ToDictionary(line => line.CreditKey, StringComparer.Ordinal);
        if (credits.Count == 0)
        {
            return all;
        }

        return [.. all.Select(line => !credits.TryGetValue(line.CreditKey, out var credit) ? line
            : line with { Credited = line.IsCredit ? -credit.Amount : credit.Amount })];
    }
}
