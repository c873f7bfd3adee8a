using System.Collections.Immutable;
using Exchange.Invoicing.Accounts;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>Credit of an account that was used: a payment or an invoice in its favor, and what it paid.</summary>
public sealed record CreditUsed(string From, string To, Money Amount);

/// <summary>
/// 'exchange accounts apply' — uses what an account has in its favor (unapplied cash first, then credit notes, the
/// oldest first) for what is open on it.
/// </summary>
/// <param name="invoices">The invoices that it is to pay; when none is named, all that are open, oldest first.</param>
/// <param name="byItself">Whether nobody asked: an account that keeps its credit is left alone then.</param>
public sealed class ApplyCredit(
    NpgsqlDataSource database, AccountName account, ImmutableArray<string> invoices, bool byItself = false)
    : ICommand<IReadOnlyList<CreditUsed>>
{
    public string Act => "apply credit";
    public string Target => account.ToString();
    public string Permission => InvoicingPermissions.NotePayments;

    public async Task<IReadOnlyList<CreditUsed>> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var changed = await AccountToChange.Read(work, database, account, now, ct);
        if (byItself && changed.KeepsCredit)
        {
            return [];
        }

        var listed = await OpenInvoices.Under(database, changed.Names, ct);
        var owed = invoices.IsEmpty
            ? [.. listed.Where(one => one.Open > Money.Zero).Select(one => one.Number)]
            : invoices;
        List<CreditUsed> used = [];
        foreach (var number in owed)
        {
            used.AddRange(await FromCash(changed, number, ct));
            used.AddRange(await FromInvoices(changed, listed, number, ct));
        }

        await changed.Post($"Credit of {account} applied", ct);
        return used;
    }

    private static async Task<List<CreditUsed>> FromCash(
        AccountToChange changed, string number, CancellationToken ct)
    {
        List<CreditUsed> used = [];
        foreach (var (of, payment) in changed.WithCash.ToList())
        {
            if (Money.Min(payment.Unapplied, await changed.OpenOf(number, ct)) is var part && part > Money.Zero)
            {
                await changed.Apply(of, payment.Reference, number, part, ct);
                used.Add(new(payment.Reference, number, part));
            }
        }

        return used;
    }

    private static async Task<List<CreditUsed>> FromInvoices(
        AccountToChange changed, IReadOnlyList<OpenInvoice> listed, string number, CancellationToken ct)
    {
        List<CreditUsed> used = [];
        foreach (var credit in listed.Where(one => one.Open < Money.Zero && one.Number != number))
        {
            var left = -await changed.OpenOf(credit.Number, ct);
            if (Money.Min(left, await changed.OpenOf(number, ct)) is var part && part > Money.Zero)
            {
                await changed.Offset(credit.Number, number, part, ct);
                used.Add(new(credit.Number, number, part));
            }
        }

        return used;
    }
}
