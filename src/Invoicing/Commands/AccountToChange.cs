using System.Collections.Immutable;
using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Ledger;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>
/// The cash of an account, and those of its invoices that a command changes. Whatever moves is written on the account,
/// on the invoice and in the general ledger alike. The cash of addresses that were merged is the person's: it stays
/// under the address of its time, and pays what any of them owes.
/// </summary>
internal sealed class AccountToChange
{
    private readonly UnitOfWork _work;
    private readonly NpgsqlDataSource _database;
    private readonly Instant _now;
    private readonly ImmutableArray<CashToChange> _cash;
    private readonly List<(string Reference, Posting Posting)> _postings = [];
    private readonly Dictionary<string, InvoiceToChange> _invoices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Money> _moved = new(StringComparer.Ordinal);
    private readonly HashSet<(string Number, string Payment)> _paid = [];
    private CashToChange? _receiver;
    private string? _received;
    private Money _left;

    private AccountToChange(
        UnitOfWork work, NpgsqlDataSource database, ImmutableArray<CashToChange> cash, Instant now) =>
        (_work, _database, _cash, _now) = (work, database, cash, now);

    /// <summary>Whose it is: of addresses that were merged, the person's own.</summary>
    public AccountName Name => _cash[0].Name;

    /// <summary>Every name that it is kept under.</summary>
    public ImmutableArray<AccountName> Names => [.. _cash.Select(one => one.Name)];

    /// <summary>What pays no invoice yet.</summary>
    public Money Unapplied => Money.Sum(_cash.Select(one => one.Now.Unapplied));

    /// <summary>Whether credit is used by hand alone.</summary>
    public bool KeepsCredit => _cash.Any(one => one.Now.KeepsCredit);

    /// <summary>Payments of which something is left, the oldest first, and under which name they came.</summary>
    public IEnumerable<(CashToChange Of, ReceivedPayment Payment)> WithCash => _cash
        .SelectMany(of => of.Now.WithCash.Select(payment => (of, payment)))
        .OrderBy(one => one.payment.ValueDate).ThenBy(one => one.payment.Reference, StringComparer.Ordinal);

    public static async Task<AccountToChange> Read(
        UnitOfWork work, NpgsqlDataSource database, AccountName name, Instant now, CancellationToken ct)
    {
        var cash = ImmutableArray.CreateBuilder<CashToChange>();
        foreach (var one in (await OneAccount.Of(work, database, name, ct)).Names)
        {
            cash.Add(new(work, one, await work.State(CashAccount.Fold, one, ct)));
        }

        return new(work, database, cash.ToImmutable(), now);
    }

    /// <summary>A payment that was noted, under whichever name; null for none.</summary>
    public ReceivedPayment? PaymentOf(string reference) =>
        Holder(reference)?.Now.Payments.GetValueOrDefault(reference);

    /// <summary>An invoice of this account, as this command has left it.</summary>
    /// <exception cref="RefusedException">There is no such invoice, or somebody else owes it.</exception>
    public async Task<InvoiceToChange> Invoice(string number, CancellationToken ct)
    {
        if (!_invoices.TryGetValue(number, out var invoice))
        {
            _invoices[number] = invoice = await InvoiceToChange.Read(_work, _database, number, ct);
        }

        return _cash.Any(one => one.Name == invoice.Account) ? invoice : throw new RefusedException(new(
            "payment/other-account", $"{number} is owed by {invoice.Account}, and this is about {Name}."));
    }

    /// <summary>What is still open of an invoice after what this command moved.</summary>
    public async Task<Money> OpenOf(string number, CancellationToken ct) =>
        (await Invoice(number, ct)).Open - _moved.GetValueOrDefault(number);

    /// <returns>False when the payment was noted before.</returns>
    public bool Receive(string reference, Money amount, LocalDate valueDate)
    {
        var receiver = Holder(reference) ?? _cash[0];
        if (!receiver.Note(CashAccount.Receive(receiver.Now, reference, amount, valueDate, _now)))
        {
            return false;
        }

        (_receiver, _received, _left) = (receiver, reference, amount);
        return true;
    }

    /// <summary>Pays an invoice with a part of the payment that this command received.</summary>
    public Task Apply(string reference, string number, Money amount, CancellationToken ct) =>
        Apply(_receiver ?? Holder(reference) ?? _cash[0], reference, number, amount, ct);

    /// <summary>Pays an invoice with a part of a payment.</summary>
    public async Task Apply(CashToChange of, string reference, string number, Money amount, CancellationToken ct)
    {
        var invoice = await Invoice(number, ct);
        if (amount > await OpenOf(number, ct))
        {
            throw new RefusedException(new(
                "invoice/overpaid", $"{amount} is more than the {await OpenOf(number, ct)} that is open on {number}."));
        }

        var named = of.NameOn(reference, number, name => invoice.IsPaidBy(name) || _paid.Contains((number, name)));
        of.Note(CashAccount.Apply(of.Now, reference, number, amount, _now));
        _work.Append(invoice.Stream, invoice.Pay(named, amount, _now));
        _paid.Add((number, named));
        Moved(number, amount);
        var isNew = of == _receiver && reference == _received;
        Move(invoice.Stream, isNew ? Entry.Cash : of.Name.Unapplied, invoice.Account.Receivable, amount);
        _left -= isNew ? amount : Money.Zero;
    }

    /// <summary>
    /// Lets everything that was paid on an invoice and kept be the account's again, where the payments are the
    /// account's: for an invoice that is taken back.
    /// </summary>
    /// <returns>What payments paid of it, by their names on it.</returns>
    public async Task<ImmutableArray<(string Payment, Money Amount)>> Unapply(string number, CancellationToken ct)
    {
        var invoice = await Invoice(number, ct);
        var unapplied = ImmutableArray.CreateBuilder<(string, Money)>();
        var left = invoice.Paid;
        foreach (var (name, amount) in invoice.Payments.OrderBy(paid => paid.Key, StringComparer.Ordinal))
        {
            // What came by Stripe goes back by Stripe.
            if (Money.Min(left, amount) is var part && part > Money.Zero &&
                !name.StartsWith("stripe:", StringComparison.Ordinal) &&
                CashToChange.Named(_cash, name, number, invoice.IsPaidBy) is (var of, var reference))
            {
                of.Note(CashAccount.Unapply(of.Now, reference, number, part, _now));
                _work.Append(invoice.Stream, invoice.Unapply(name, part, _now));
                Moved(number, -part);
                Move(invoice.Stream, invoice.Account.Receivable, of.Name.Unapplied, part);
                unapplied.Add((name, part));
                left -= part;
            }
        }

        return unapplied.ToImmutable();
    }

    /// <summary>Gives back a part of a payment that pays no invoice.</summary>
    public void Return(CashToChange of, string reference, string refund, Money amount, LocalDate valueDate)
    {
        var known = _cash.FirstOrDefault(one => one.Now.Refunds.Contains(refund)) ?? of;
        of.Note(CashAccount.Return(known.Now, reference, refund, amount, valueDate, _now));
        Move(of.Stream, of.Name.Unapplied, Entry.Cash, amount);
    }

    /// <summary>Uses what one invoice is in favor of the account for another: what they owe in all stays.</summary>
    public async Task Offset(string from, string to, Money amount, CancellationToken ct)
    {
        var (credit, owed) = (await Invoice(from, ct), await Invoice(to, ct));
        _work.Append(credit.Stream, credit.Offset(to, -amount, _now));
        _work.Append(owed.Stream, owed.Offset(from, amount, _now));
        Moved(from, -amount);
        Moved(to, amount);
        if (credit.Account != owed.Account)
        {
            Move(owed.Stream, credit.Account.Receivable, owed.Account.Receivable, amount);
        }
    }

    /// <summary>Gives back what was paid on an invoice, or what it is in favor of the account.</summary>
    /// <returns>False when the refund was noted before.</returns>
    public async Task<bool> Refund(string number, string refund, Money amount, CancellationToken ct)
    {
        var invoice = await Invoice(number, ct);
        if (invoice.Refund(refund, amount, _now) is not { Count: > 0 } refunded)
        {
            return false;
        }

        _work.Append(invoice.Stream, refunded);
        Moved(number, -amount);
        Move(invoice.Stream, invoice.Account.Receivable, Entry.Cash, amount);
        return true;
    }

    /// <summary>Whether credit is used by itself, or kept, under whichever name it stands.</summary>
    public bool SetCreditPolicy(bool keep, string by)
    {
        var isChanged = false;
        foreach (var one in keep ? _cash.Take(1) : _cash)
        {
            isChanged |= one.Note(CashAccount.SetCreditPolicy(one.Now, keep, by, _now));
        }

        return isChanged;
    }

    /// <summary>Writes an entry for each invoice on which money moved, and one for what pays none.</summary>
    public async Task Post(string what, CancellationToken ct)
    {
        Move(_cash[0].Stream, Entry.Cash, Name.Unapplied, _left);
        var ledger = $"ledger-cash:{Name}";
        _ = await _work.Read<LedgerEvent>(ledger, ct);
        _work.Append<LedgerEvent>(ledger, _postings.GroupBy(one => one.Reference, StringComparer.Ordinal)
            .Select(of => Entry.Of(of.Key, what, of.Select(one => one.Posting), _now))
            .Where(entry => entry.Postings.Length > 0));
    }

    /// <summary>Under which name a payment was noted; null where it was not.</summary>
    private CashToChange? Holder(string reference) =>
        _cash.FirstOrDefault(one => one.Now.Payments.ContainsKey(reference));

    private void Move(string reference, string debit, string credit, Money amount) =>
        _postings.AddRange([(reference, new(debit, amount)), (reference, new(credit, -amount))]);

    private void Moved(string number, Money amount) =>
        _moved[number] = _moved.GetValueOrDefault(number) + amount;
}
