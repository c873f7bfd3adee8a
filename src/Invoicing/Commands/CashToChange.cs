using System.Collections.Immutable;
using Exchange.Invoicing.Accounts;
using Exchange.Journal;

namespace Exchange.Invoicing;

/// <summary>The cash that came under one name of an account, as a command has left it.</summary>
internal sealed class CashToChange(UnitOfWork work, AccountName name, CashAccount cash)
{
    public AccountName Name => name;

    public string Stream { get; } = CashAccount.Fold.StreamOf(name);

    public CashAccount Now { get; private set; } = cash;

    /// <returns>Whether anything happened.</returns>
    public bool Note(Decision<CashEvent> decided)
    {
        var events = decided.OrThrow();
        Now = events.Aggregate(Now, CashAccount.Fold.Evolve);
        work.Append(Stream, events);
        return events.Count > 0;
    }

    /// <summary>
    /// What a part of a payment is called on an invoice: two addresses of one person may have sent payments of one
    /// reference.
    /// </summary>
    public string NameOn(string reference, string invoice, Func<string, bool> isTaken)
    {
        var plain = Now.Payments.ContainsKey(reference) ? Now.ReferenceOn(reference, invoice) : reference;
        return isTaken(plain) ? Apart(plain) : plain;
    }

    /// <summary>Whose payment an invoice knows under this name; null for one that was not noted here.</summary>
    public static (CashToChange Of, string Reference)? Named(
        ImmutableArray<CashToChange> all, string name, string invoice, Func<string, bool> isTaken)
    {
        foreach (var one in all)
        {
            var end = one.Apart("");
            var plain = all.Length > 1 && name.EndsWith(end, StringComparison.Ordinal) ? name[..^end.Length]
                : isTaken(one.Apart(name)) ? null : name;
            if (plain is not null && one.Now.PaymentNamed(plain, invoice) is { } reference)
            {
                return (one, reference);
            }
        }

        return null;
    }

    private string Apart(string plain) => $"{plain} of {name.Name}";
}
