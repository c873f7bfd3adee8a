namespace Exchange.Invoicing.Closing;

/// <summary>One month of a close: whose charges it has as they stand now, and what was billed of it.</summary>
internal sealed class Due
{
    private readonly ILookup<Account, OwnedCharge> _charges;
    private readonly ILookup<Account, InvoiceLine> _billed;
    private readonly IReadOnlySet<Account> _held;
    private readonly bool _isAsBilled;

    /// <param name="held">Accounts that are left out.</param>
    public Due(CloseInputs inputs, MonthCharges rated, IReadOnlySet<Account> held)
    {
        (Month, IsClosed, _held, _isAsBilled) = (rated.Month, rated.Month != inputs.Month, held, rated.IsAsBilled);
        KeepsFunds = rated.KeepsFunds;
        _charges = rated.Charges.ToLookup(owned => owned.Account);
        _billed = IsClosed
            ? inputs.Billed(rated.Month)
            : Enumerable.Empty<InvoiceLine>().ToLookup(_ => default(Account));
    }

    public BillingMonth Month { get; }
    public bool IsClosed { get; }
    public bool KeepsFunds { get; }

    public IEnumerable<Account> Accounts => _charges.Select(of => of.Key)
        .Union(_isAsBilled ? [] : _billed.Select(of => of.Key))
        .Where(account => !_held.Contains(account)).OrderBy(account => account.Name, StringComparer.Ordinal);

    public IReadOnlyList<OwnedCharge> Charges(Account account) => [.. _charges[account]];

    public IReadOnlyCollection<InvoiceLine> Billed(Account account) => [.. _billed[account]];

    /// <summary>Whoever has more or less charged of a closed month than was billed.</summary>
    public static IEnumerable<Account> Changed(MonthCharges rated, ILookup<Account, InvoiceLine> billed)
    {
        var charges = rated.Charges.ToLookup(owned => owned.Account);
        return charges.Select(of => of.Key).Union(billed.Select(of => of.Key)).Where(account => Adjust.Run(
            rated.Month, [.. charges[account].Select(owned => owned.AsLine())],
            billed[account].Select(line => line with { Funds = [] })).Any());
    }

    /// <summary>What each account would be billed by a close, whoever pays it: funds are no part of it yet.</summary>
    public static Dictionary<Account, List<InvoiceLine>> Gross(CloseInputs inputs)
    {
        var lines = new Dictionary<Account, List<InvoiceLine>>();
        foreach (var due in inputs.Rated.Select(rated => new Due(inputs, rated, new HashSet<Account>())))
        {
            foreach (var account in due.Accounts)
            {
                var now = due._charges[account].Select(owned => owned.AsLine()).ToList();
                if (!lines.TryGetValue(account, out var all))
                {
                    lines[account] = all = [];
                }

                all.AddRange(due.IsClosed
                    ? Adjust.Run(due.Month, now, due._billed[account].Select(line => line with { Funds = [] }))
                    : now);
            }
        }

        return lines;
    }
}
