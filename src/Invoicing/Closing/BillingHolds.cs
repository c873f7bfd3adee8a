namespace Exchange.Invoicing.Closing;

/// <summary>An account that a close leaves out, and why.</summary>
public sealed record BillingHold(Account Account, string Why);

/// <summary>
/// The safety bound: an account one of whose lines is a hundred times what it was a month before is left out of the
/// close, and everybody else is billed. Once somebody has looked, it is billed by a close that accepts it.
/// </summary>
public static class BillingHolds
{
    private const int Bound = 100;
    private const string Code = "close/parked";

    /// <summary>The accepted code that releases everybody.</summary>
    public const string All = Code;

    /// <summary>Below this, a line that grew is no news: a project that begins in earnest grows a lot too.</summary>
    private static readonly Money Floor = new(100_00);

    /// <summary>Whether an accepted code releases an account, as 'close/parked:ada@bu.edu'.</summary>
    public static bool IsRelease(string accepted) =>
        accepted == Code || accepted.StartsWith($"{Code}:", StringComparison.Ordinal);

    /// <param name="lines">What a close would bill, by account.</param>
    public static IReadOnlyList<BillingHold> Of(CloseInputs inputs, IReadOnlyDictionary<Account,
        List<InvoiceLine>> lines)
    {
        if (inputs.Accepted.Contains(Code))
        {
            return [];
        }

        var before = new Dictionary<BillingMonth, Dictionary<(Account, Sold), Money>>();
        var parked = new List<BillingHold>();
        foreach (var (account, due) in lines.OrderBy(of => of.Key.Name, StringComparer.Ordinal))
        {
            if (account != Account.Suspense && !inputs.Accepted.Contains($"{Code}:{account}") &&
                Why(inputs, before, account, due) is { } why)
            {
                parked.Add(new(account, why));
            }
        }

        return parked;
    }

    public static Check CheckOf(BillingHold parked) => new(
        Code, false,
        $"{parked.Account} is left out: {parked.Why} Look at it ('exchange rate', 'exchange explain'), then bill it " +
        $"with '--accept {Code}:{parked.Account}', in this close or a later one.")
    {
        Accept = $"{Code}:{parked.Account}",
    };

    private static string? Why(
        CloseInputs inputs, Dictionary<BillingMonth, Dictionary<(Account, Sold), Money>> before, Account account,
        List<InvoiceLine> due)
    {
        foreach (var same in due.GroupBy(line => (Month: line.ServiceMonth(inputs.Month), Sold: Sold.Of(line))))
        {
            var now = Money.Sum(same.Select(line => line.Amount));
            var last = same.Key.Month.Previous;
            if (now >= Floor &&
                (inputs.Months.IsClosed(last) || inputs.Rated.Any(rated => rated.Month == last)) &&
                Billed(inputs, before, last).TryGetValue((account, same.Key.Sold), out var was) &&
                was > Money.Zero && now.Cents > was.Cents * (Int128)Bound)
            {
                return $"{same.Key.Sold.Sku} of {same.Key.Sold.Project} comes to {now} for {same.Key.Month}, more " +
                    $"than {Bound} times the {was} of {last}.";
            }
        }

        return null;
    }

    private static Dictionary<(Account, Sold), Money> Billed(
        CloseInputs inputs, Dictionary<BillingMonth, Dictionary<(Account, Sold), Money>> before, BillingMonth month)
    {
        if (!before.TryGetValue(month, out var sums))
        {
            before[month] = sums = inputs.Billed(month)
                .SelectMany(of => of.Select(line => (Key: (of.Key, Sold.Of(line)), line.Amount)))
                .GroupBy(pair => pair.Key)
                .ToDictionary(same => same.Key, same => Money.Sum(same.Select(pair => pair.Amount)));
        }

        return sums;
    }

    /// <summary>What is compared from month to month: the same thing sold to the same project.</summary>
    private readonly record struct Sold(LandlordId Landlord, ClusterId Cluster, ProjectId Project, SkuId Sku)
    {
        public static Sold Of(InvoiceLine line) => new(line.Landlord, line.Cluster, line.Project, line.Sku);
    }
}
