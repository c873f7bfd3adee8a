using System.Security.Cryptography;
using System.Text;
using Exchange.Invoicing.Published;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>A closed month that the next close looks at again, because something came to it since the last one.
/// </summary>
/// <param name="Accounts">For whom its charges are not what was billed of it.</param>
/// <param name="Charges">Theirs, as they stand now.</param>
public sealed record LateUsage(
    BillingMonth Month, IReadOnlySet<Account> Accounts, IReadOnlyList<OwnedCharge> Charges)
{
    /// <summary>
    /// All such months, in the order of time. What finance has to decide first is no part of it.
    /// </summary>
    public static async Task<IReadOnlyList<LateUsage>> Read(Sources sources, Instant now, CancellationToken ct)
    {
        sources = await sources.Now(ct);
        var read = await ReadForClose.Begin(sources, keepsParts: false, ct);
        if (read.Months.Last is not { } last)
        {
            return [];
        }

        var (inputs, _, _) = HardClose.LeaveOut(await read.Inputs(
            last.Next, Rating.Policies.Corrected, new HashSet<string>(), now, ct, CloseReach.Closed));
        return
        [
            .. from rated in inputs.Rated
               let changed = Due.Changed(rated, inputs.Billed(rated.Month)).ToHashSet()
               select new LateUsage(
                   rated.Month, changed, [.. rated.Charges.Where(owned => changed.Contains(owned.Account))]),
        ];
    }

    /// <summary>Tells one late usage from another; nothing where there is none.</summary>
    public static string VersionOf(IReadOnlyList<LateUsage> late)
    {
        var accounts = late.SelectMany(one => one.Accounts, (one, account) => $"{one.Month} {account}").Order(
            StringComparer.Ordinal);
        var charges = late.SelectMany(one => one.Charges, (one, owned) =>
            $"{one.Month} {owned.Account} {owned.Charge.Id} {owned.Charge.Quantity} {owned.Charge.Amount}");
        return late.Count == 0 ? "" : $"/{Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes(string.Join('\n', accounts.Concat(charges)))))}";
    }
}

/// <summary>How far a close reads.</summary>
internal enum CloseReach
{
    /// <summary>Everything that it bills.</summary>
    All,

    /// <summary>The closed months to which something came.</summary>
    Closed,

    /// <summary>Of these only those that no close bills by itself.</summary>
    Late,
}
