using System.Text.RegularExpressions;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Accounts;

/// <summary>What a movement of the bank's list is proposed to be.</summary>
/// <param name="Payment">What would be recorded; null where nothing fits.</param>
/// <param name="Why">How it was matched, or why not.</param>
public sealed record MatchedPayment(BankMovement Movement, PaymentToRecord? Payment, string Why);

/// <summary>
/// Proposes which invoices the movements of a bank's list pay: by the numbers that whoever paid wrote, else by an
/// amount that only one open invoice has. Whatever is not sure is left to a person.
/// </summary>
public static partial class MatchPayments
{
    private sealed record Candidate(string Number, AccountName Account, Money Open);

    /// <summary>What was noted of a payment on one account.</summary>
    private sealed record Noted(string Day, string Account, Money Amount);

    public static async Task<IReadOnlyList<MatchedPayment>> Run(
        NpgsqlDataSource database, IReadOnlyList<BankMovement> movements, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return await Run(connection, movements, ct);
    }

    public static async Task<IReadOnlyList<MatchedPayment>> Run(
        NpgsqlConnection connection, IReadOnlyList<BankMovement> movements, CancellationToken ct)
    {
        var candidates = await Candidates(connection, ct);
        var before = await Recorded(connection, movements, ct);
        var listed = new HashSet<string>(StringComparer.Ordinal);
        return ForOneEach([
            .. movements.Select(movement =>
                movement.IsReversal ? Reversal(movement)
                    : Of(movement, before) is { Count: > 0 } noted
                    ? Before(movement, noted)
                    : listed.Add(movement.Reference)
                        ? Match(movement, candidates)
                        : new(movement, null, "the list has this reference more than once")),
        ]);
    }

    /// <summary>What a bank takes back pays nothing: a person says where it belongs.</summary>
    private static MatchedPayment Reversal(BankMovement movement) => new(movement, null, movement.Amount < Money.Zero
        ? "the bank takes a payment back: note it with 'exchange invoices refund'"
        : "the bank takes back what had left: record it where that was a refund or a payout");

    /// <summary>An amount says nothing where another payment of the list is for the same invoice.</summary>
    private static IReadOnlyList<MatchedPayment> ForOneEach(IReadOnlyList<MatchedPayment> matched)
    {
        var payments = matched.SelectMany(one => one.Payment?.Invoices ?? []).CountBy(invoice => invoice.Number)
            .ToDictionary(of => of.Key, of => of.Value, StringComparer.Ordinal);
        return
        [
            .. matched.Select(one => one.Payment is { Invoices: [var only] } && payments[only.Number] > 1 &&
                !Number().IsMatch(one.Movement.Text)
                    ? one with
                    {
                        Payment = null,
                        Why = $"no number in its text, and {payments[only.Number]} payments of the list fit " +
                            only.Number,
                    }
                    : one),
        ];
    }

    /// <summary>What was noted of a movement, also by its name of one day, on that day.</summary>
    private static List<Noted> Of(BankMovement movement, ILookup<string, Noted> before) =>
    [
        .. before[movement.Reference],
        .. movement.OfItsDay is { } name ? before[name].Where(noted => noted.Day == $"{movement.Day:uuuu-MM-dd}") : [],
    ];

    /// <summary>What was noted of payments of these references: a list may be imported twice.</summary>
    private static async Task<ILookup<string, Noted>> Recorded(
        NpgsqlConnection connection, IReadOnlyList<BankMovement> movements, CancellationToken ct)
    {
        const string Sql = """
            select c.reference, c.day, substr(p.account, strpos(p.account, ':') + 1) as name, -sum(p.cents)::bigint
            from (
              select position, substr(what, $2, length(what) - $2 - 13) as reference, right(what, 10) as day
              from invoicing.posting
              where account = 'cash' and cents > 0 and starts_with(what, $3) and length(what) > $2 + 13) c
            join (select distinct unnest($1::text[]) as reference) asked using (reference)
            join invoicing.posting p on p.position = c.position and p.cents < 0
            group by c.reference, c.day, name
            order by c.reference, c.day, name
            limit 1000000
            """;

        await using var command = connection.Statement(Sql,
        [
            movements.Select(movement => movement.Reference)
                .Concat(movements.Select(movement => movement.OfItsDay).OfType<string>()).ToArray(),
            PaymentToRecord.EntryBegins.Length + 1, PaymentToRecord.EntryBegins,
        ]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<(string Reference, Noted Noted)>();
        while (await rows.ReadAsync(ct))
        {
            found.Add((rows.GetString(0), new(rows.GetString(1), rows.GetString(2), new(rows.GetInt64(3)))));
        }

        return found.ToLookup(one => one.Reference, one => one.Noted, StringComparer.Ordinal);
    }

    /// <summary>
    /// A movement whose reference was noted before is never recorded again; where the list says another amount than was
    /// noted on all accounts together, that is said.
    /// </summary>
    private static MatchedPayment Before(BankMovement movement, IReadOnlyList<Noted> noted)
    {
        var sum = Money.Sum(noted.Select(one => one.Amount));
        var days = noted.Select(one => one.Day).Distinct().ToList();
        var where = $"on {string.Join(" and ", noted.Select(one => one.Account).Distinct())}" +
            (days is [var only] && only == $"{movement.Day:uuuu-MM-dd}" ? "" : $", as of {string.Join(" and ", days)}");
        return new(movement, null, sum == movement.Amount
            ? $"recorded before, {where}"
            : $"recorded before with {sum}, {where}; the list says {movement.Amount}, " + (sum < movement.Amount
                ? $"so {movement.Amount - sum} more came: record it on whose account it belongs"
                : $"so {sum - movement.Amount} less came: look at both"));
    }

    private static MatchedPayment Match(BankMovement movement, IReadOnlyDictionary<string, Candidate> candidates)
    {
        var named = Number().Matches(movement.Text).Select(match => match.Value.ToUpperInvariant())
            .Distinct().ToList();
        var known = named.Where(candidates.ContainsKey).Select(number => candidates[number]).ToList();
        if (named.Count > known.Count)
        {
            return new(movement, null, $"there is no invoice {named.First(number => !candidates.ContainsKey(number))}");
        }

        if (known.Select(one => one.Account).Distinct().Count() > 1)
        {
            return new(movement, null, "the invoices that it names are of different accounts");
        }

        if (known.Count > 0)
        {
            var sum = Money.Sum(known.Select(one => one.Open));
            return new(movement, Of(movement, known), sum == movement.Amount
                ? "number and amount"
                : $"number; {sum} is open, {movement.Amount} came");
        }

        var same = candidates.Values.Where(one => one.Open == movement.Amount).ToList();
        return same switch
        {
            [var only] => new(movement, Of(movement, same), $"amount: only {only.Number} has it open"),
            [] => new(movement, null, "no number in its text, and no open invoice of this amount"),
            _ => new(movement, null, $"no number in its text, and {same.Count} open invoices of this amount"),
        };
    }

    private static PaymentToRecord Of(BankMovement movement, IReadOnlyList<Candidate> invoices) => new(
        invoices[0].Account, movement.Reference, movement.Amount, movement.Day,
        [.. invoices.Select(one => new InvoiceToPay(one.Number, null))]);

    private static async Task<IReadOnlyDictionary<string, Candidate>> Candidates(
        NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select number, 'pi', coalesce(person, account), open
            from invoicing.invoice left join invoicing.alias on alias = account
            where number is not null and status not in ('void', 'taken')
            union all
            select number, kind, party, open
            from invoicing.party_invoice
            where status <> 'void' and kind <> 'group'
            order by 1
            limit 1000000
            """;

        await using var command = connection.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new Dictionary<string, Candidate>(StringComparer.Ordinal);
        while (await rows.ReadAsync(ct))
        {
            found.Add(rows.GetString(0), new(
                rows.GetString(0), new(rows.GetString(1), rows.GetString(2)), new(rows.GetInt64(3))));
        }

        return found;
    }

    [GeneratedRegex(@"\b(PI|IN|PY)-\d{4}-\d{4,}\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
