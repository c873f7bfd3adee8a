using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Exchange.Invoicing.Kept;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>What came to a month that no close bills by itself, by account, and what finance decided of it.</summary>
/// <param name="IsForGood">Whether it is closed for good; else it is before the first month that was closed.</param>
/// <param name="Seen">
/// A hash of these adjustments, and another of what funds would pay more or less of what was billed, where they would:
/// what is decided of them is decided of no others.
/// </param>
public sealed record LateMonth(
    BillingMonth Month, bool IsForGood, ImmutableArray<LateMonth.OfAccount> Accounts, string Seen)
{
    /// <summary>What one account would be billed.</summary>
    /// <param name="Funds">What funds would pay more of what was billed already; less than nothing where they take
    /// back.</param>
    public sealed record OfAccount(Account Account, int Lines, Money Amount, Money Funds);

    public Money Amount => Money.Sum(Accounts.Select(of => of.Amount));

    public Money Funds => Money.Sum(Accounts.Select(of => of.Funds));

    /// <summary>Whether what funds pay of what was billed would change.</summary>
    public bool ChangesFunds => Seen.Contains('-', StringComparison.Ordinal);

    /// <summary>What was decided last of the month; it may have been of something else.</summary>
    public MonthEvent.LateDecided? Decision { get; init; }

    /// <summary>Whether the next close bills it; null where nobody decided of exactly this.</summary>
    public bool? IsBilled { get; init; }

    /// <summary>What becomes of it, in words.</summary>
    public string State => IsBilled switch
    {
        true => "billed by the next close",
        false => "left as it is",
        null => "waits for a decision",
    };

    /// <summary>
    /// What whoever bills it with a close has to name: its amount, and behind a sign what funds would pay more or less
    /// of what was billed, where they would.
    /// </summary>
    public string Named => Amount.Plain +
        (ChangesFunds ? (Funds < Money.Zero ? "" : "+") + Funds.Plain : "");

    /// <summary>What is to be decided, in words.</summary>
    public string Said => $"{Amount} for " + (IsForGood ? "what came to it"
        : $"all that was used in {Month}, which another system may have billed") +
        (ChangesFunds
            ? $", and of what was billed before funds would pay {(Funds < Money.Zero ? -Funds : Funds)} " +
                $"{(Funds < Money.Zero ? "less" : "more")}"
            : "");

    /// <summary>That the next close bills it, or that it is left.</summary>
    internal MonthEvent.LateDecided Decide(bool isBilled, string? reason, string by, Instant now) =>
        new(Month, isBilled, Seen, Accounts.Length, Amount, reason, by, now);

    /// <summary>Which month it is, what it would change, and what was decided, of one that nobody bills.</summary>
    internal static LateMonth Of(CloseInputs inputs, MonthCharges rated, bool isForGood)
    {
        var due = new Due(inputs, rated, new HashSet<Account>());
        var lines = due.Accounts.ToDictionary(account => account, account => Adjust.Run(
            rated.Month, [.. due.Charges(account).Select(owned => owned.AsLine())],
            due.Billed(account).Select(line => line with { Funds = [] })).ToList());
        var funds = LateFunds.Of(inputs, rated);

        // With what was billed before: the same once more is another thing, to be decided anew.
        var changed = lines.Where(of => of.Value.Count > 0).Select(of => of.Key).ToList();
        var seen = HashOf(changed.SelectMany(account => lines[account].Select(line =>
                $"{account} {line.ChargeId} {Text.Of(line.Quantity.Amount)} {line.Amount} {line.PassedOn?.Amount}")
            .Append($"{account} {BilledBefore(due.Billed(account))}")));
        if (funds.Count > 0)
        {
            seen += "-" + HashOf(funds.SelectMany(of => of.Value.SelectMany(line => line.Funds.Select(share =>
                    $"{of.Key} {line.ChargeId} {share.Fund} {share.Payer} {share.Amount}"))
                .Append($"{of.Key} {FundsBefore(due.Billed(of.Key))}")));
        }

        var decided = inputs.Months.Late.GetValueOrDefault(rated.Month);
        return new(
            rated.Month, isForGood,
            [.. changed.Union(funds.Keys).OrderBy(account => account.Name, StringComparer.Ordinal).Select(account =>
                OfAccountIn(account, lines.GetValueOrDefault(account, []), funds.GetValueOrDefault(account, [])))],
            seen)
        {
            Decision = decided,
            IsBilled = HardClose.Accepted(inputs.Accepted, rated.Month) ??
                (decided is not null && (!decided.IsBilled || inputs.Months.Accepted.Contains(rated.Month)) &&
                    IsOf(decided, seen, isAnyChanged: changed.Count > 0) ? decided.IsBilled : null),
        };
    }

    /// <summary>
    /// Whether a decision is of this: to bill exactly what was seen; to leave what was seen, or what is still there
    /// of it.
    /// </summary>
    private static bool IsOf(MonthEvent.LateDecided decided, string seen, bool isAnyChanged)
    {
        var (then, now) = (decided.Seen.Split('-'), seen.Split('-'));
        return decided.Seen == seen || (!decided.IsBilled && (then[0] == now[0] || !isAnyChanged) &&
            (now.Length == 1 || (then.Length == 2 && then[1] == now[1])));
    }

    private static OfAccount OfAccountIn(Account account, List<InvoiceLine> lines, List<InvoiceLine> funds) => new(
        account, lines.Select(line => line.ChargeId).Union(funds.Select(line => line.ChargeId)).Count(),
        Money.Sum(lines.Select(line => line.Amount)),
        Money.Sum(funds.SelectMany(line => line.Funds).Select(share => share.Amount)));

    private static string FundsBefore(IReadOnlyCollection<InvoiceLine> lines) =>
        $"{Money.Sum(lines.SelectMany(line => line.Funds).Select(share => share.Amount))} of " +
        $"{lines.Count(line => !line.Funds.IsEmpty)}";

    private static string BilledBefore(IReadOnlyCollection<InvoiceLine> lines) =>
        $"{lines.Count} {Money.Sum(lines.Select(line => line.Amount))}";

    private static string HashOf(IEnumerable<string> lines) => Convert.ToHexString(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines.Order(StringComparer.Ordinal)))))[..16];
}
