using System.Collections.Immutable;
using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Ledger;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>
/// The cash of an account, and those of its invoices that a command changes. Whatever moves is written on the account,
/// on the invoice and in the general ledger alike.
/// </summary>
internal sealed class AccountToChange
{
    private readonly UnitOfWork _work;
    private readonly NpgsqlDataSource _database;
    private readonly Instant _now;
    private readonly string _stream;
    private readonly List<(string Reference, Posting Posting)> _postings = [];
    private readonly Dictionary<string, InvoiceToChange> _invoices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Money> _moved = new(StringComparer.Ordinal);
    private string? _received;
    private Money _left;

    private AccountToChange(
        UnitOfWork work, NpgsqlDataSource database, AccountName name, CashAccount cash, Instant now)
    {
        (_work, _database, Name, Cash, _now) = (work, database, name, cash, now);
        _stream = CashAccount.Fold.StreamOf(name);
    }

    public AccountName Name { get; }
    public CashAccount Cash { get; private set; }

    public static async Task<AccountToChange> Read(
        UnitOfWork work, NpgsqlDataSource database, AccountName name, Instant now, CancellationToken ct) =>
        new(work, database, name, await work.State(CashAccount.Fold, name, ct), now);

    /// <summary>An invoice of this account, as this command has left it.</summary>
    /// <exception cref="RefusedException">There is no such invoice, or somebody else owes it.</exception>
    public async Task<InvoiceToChange> Invoice(string number, CancellationToken ct)
    {
        if (!_invoices.TryGetValue(number, out var invoice))
        {
            _invoices[number] = invoice = await InvoiceToChange.Read(_work, _database, number, ct);
        }

        return invoice.Account == Name ? invoice : throw new RefusedException(new(
            "payment/other-account", $"{number} is owed by {invoice.Account}, and this is about {Name}."));
    }

    /// <summary>What is still open of an invoice after what this command moved.</summary>
    public async Task<Money> OpenOf(string number, CancellationToken ct) =>
        (await Invoice(number, ct)).Open - _moved.GetValueOrDefault(number);

    /// <returns>False when the payment was noted before.</returns>
    public bool Receive(string reference, Money amount, LocalDate valueDate)
    {
        if (!Note(CashAccount.Receive(Cash, reference, amount, valueDate, _now)))
        {
            return false;
        }

        (_received, _left) = (reference, amount);
        return true;
    }

    /// <summary>Pays an invoice with a part of a payment.</summary>
    public async Task Apply(string reference, string number, Money amount, CancellationToken ct)
    {
        var invoice = await Invoice(number, ct);
        if (amount > await OpenOf(number, ct))
        {
            throw new RefusedException(new(
                "invoice/overpaid", $"{amount} is more than the {await OpenOf(number, ct)} that is open on {number}."));
        }

        var named = Cash.Payments.ContainsKey(reference) ? Cash.ReferenceOn(reference, number) : reference;
        Note(CashAccount.Apply(Cash, reference, number, amount, _now));
        _work.Append(invoice.Stream, invoice.Pay(named, amount, _now));
        Moved(number, amount);
        Move(invoice.Stream, reference == _received ? Entry.Cash : Name.Unapplied, Name.Receivable, amount);
        _left -= reference == _received ? amount : Money.Zero;
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
                Cash.PaymentNamed(name, number) is { } reference)
            {
                Note(CashAccount.Unapply(Cash, reference, number, part, _now));
                _work.Append(invoice.Stream, invoice.Unapply(name, part, _now));
                Moved(number, -part);
                Move(invoice.Stream, Name.Receivable, Name.Unapplied, part);
                unapplied.Add((name, part));
                left -= part;
            }
        }

        return unapplied.ToImmutable();
    }

    /// <summary>Gives back a part of a payment that pays no invoice.</summary>
    public void Return(string reference, string refund, Money amount, LocalDate valueDate)
    {
        Note(CashAccount.Return(Cash, reference, refund, amount, valueDate, _now));
        Move(_stream, Name.Unapplied, Entry.Cash, amount);
    }

    /// <summary>Uses what one invoice is in favor of the account for another: nobody's balance changes.</summary>
    public async Task Offset(string from, string to, Money amount, CancellationToken ct)
    {
        var (credit, owed) = (await Invoice(from, ct), await Invoice(to, ct));
        _work.Append(credit.Stream, credit.Offset(to, -amount, _now));
        _work.Append(owed.Stream, owed.Offset(from, amount, _now));
        Moved(from, -amount);
        Moved(to, amount);
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
        Move(invoice.Stream, Name.Receivable, Entry.Cash, amount);
        return true;
    }

    /// <summary>Whether credit is used by itself, or kept.</summary>
    public bool SetCreditPolicy(bool keep, string by) => Note(CashAccount.SetCreditPolicy(Cash, keep, by, _now));

    /// <summary>Writes an entry for each invoice on which money moved, and one for what pays none.</summary>
    public async Task Post(string what, CancellationToken ct)
    {
        Move(_stream, Entry.Cash, Name.Unapplied, _left);
        var ledger = $"ledger-cash:{Name}";
        _ = await _work.Read<LedgerEvent>(ledger, ct);
        _work.Append<LedgerEvent>(ledger, _postings.GroupBy(one => one.Reference, StringComparer.Ordinal)
            .Select(of => Entry.Of(of.Key, what, of.Select(one => one.Posting), _now))
            .Where(entry => entry.Postings.Length > 0));
    }

    private void Move(string reference, string debit, string credit, Money amount) =>
        _postings.AddRange([(reference, new(debit, amount)), (reference, new(credit, -amount))]);

    private void Moved(string number, Money amount) =>
        _moved[number] = _moved.GetValueOrDefault(number) + amount;

    private bool Note(Decision<CashEvent> decided)
    {
        var events = decided.OrThrow();
        Cash = events.Aggregate(Cash, CashAccount.Fold.Evolve);
        _work.Append(_stream, events);
        return events.Count > 0;
    }
}
