using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Exchange.Invoicing.Kept;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>What came to a month that no close bills by itself, by account, and what finance decided of it.</summary>
/// <param name="IsForGood">Whether it is closed for good; else it is before the first month that was closed.</param>
/// <param name="Seen">A hash of these adjustments: what is decided of them is decided of no others.</param>
public sealed record LateMonth(
    BillingMonth Month, bool IsForGood, ImmutableArray<LateMonth.OfAccount> Accounts, string Seen)
{
    /// <summary>What one account would be billed.</summary>
    public sealed record OfAccount(Account Account, int Lines, Money Amount);

    public Money Amount => Money.Sum(Accounts.Select(of => of.Amount));

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

    /// <summary>That the next close bills it, or that it is left.</summary>
    internal MonthEvent.LateDecided Decide(bool isBilled, string? reason, string by, Instant now) =>
        new(Month, isBilled, Seen, Accounts.Length, Amount, reason, by, now);

    /// <summary>Which month it is, what it would change, and what was decided, of one that nobody bills.</summary>
    internal static LateMonth Of(CloseInputs inputs, MonthCharges rated, bool isForGood)
    {
        var due = new Due(inputs, rated, new HashSet<Account>());
        var lines = due.Accounts.Select(account => (Account: account, Lines: Adjust.Run(
            rated.Month, [.. due.Charges(account).Select(owned => owned.AsLine())],
            due.Billed(account).Select(line => line with { Funds = [] })).ToList()))
            .Where(changed => changed.Lines.Count > 0).ToList();

        // With what was billed before: the same once more is another thing, to be decided anew.
        var seen = HashOf(lines.SelectMany(of => of.Lines.Select(line =>
                $"{of.Account} {line.ChargeId} {Text.Of(line.Quantity.Amount)} {line.Amount} {line.PassedOn?.Amount}")
            .Append($"{of.Account} {BilledBefore(due.Billed(of.Account))}")));
        var decided = inputs.Months.Late.GetValueOrDefault(rated.Month);
        return new(
            rated.Month, isForGood,
            [.. lines.Select(of => new OfAccount(
                of.Account, of.Lines.Count, Money.Sum(of.Lines.Select(line => line.Amount))))], seen)
        {
            Decision = decided,
            IsBilled = HardClose.Accepted(inputs, rated.Month) ?? (decided?.Seen == seen ? decided.IsBilled : null),
        };
    }

    private static string BilledBefore(IReadOnlyCollection<InvoiceLine> lines) =>
        $"{lines.Count} {Money.Sum(lines.Select(line => line.Amount))}";

    private static string HashOf(IEnumerable<string> lines) => Convert.ToHexString(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines.Order(StringComparer.Ordinal)))))[..16];
}
