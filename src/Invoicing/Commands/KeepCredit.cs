using Exchange.Invoicing.Accounts;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>'exchange accounts keep-credit' — whether credit is kept, or used for the next invoice by itself.</summary>
public sealed class KeepCredit(NpgsqlDataSource database, AccountName account, bool keep, string by) : ICommand<bool>
{
    public string Act => keep ? "keep credit" : "use credit";
    public string Target => account.ToString();
    public string Permission => InvoicingPermissions.NotePayments;

    /// <returns>False when it was so already.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct) =>
        (await AccountToChange.Read(work, database, account, now, ct)).SetCreditPolicy(keep, by);
}
