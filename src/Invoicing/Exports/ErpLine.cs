using System.Collections.Immutable;
using System.Globalization;
using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Reading;
using Exchange.Journal;

namespace Exchange.Invoicing.Exports;

/// <summary>A line of a journal for an ERP: the exchange's account under the name that the chart gives it.</summary>
/// <param name="Entry">Which entry of the file it belongs to, from 1.</param>
/// <param name="Own">The account in the exchange's ledger.</param>
/// <param name="Tags">Of its account and, over that, of its project.</param>
internal sealed record ErpLine(
    int Entry, int Place, LedgerEntry Of, ChartOfAccounts Chart, ChartAccount Account, string Own, Money Amount,
    ImmutableSortedDictionary<string, string> Tags)
{
    public string Debit => Amount > Money.Zero ? Amount.Plain : "";
    public string Credit => Amount < Money.Zero ? (-Amount).Plain : "";
    public string Signed => Amount.Plain;
    public string Date => Of.Posted.ToString("MM/dd/uuuu", CultureInfo.InvariantCulture);

    public string Tag(string name) => Tags.GetValueOrDefault(name, "");
}

/// <summary>Turns entries into lines for an ERP, and what a PI owes into a line for each project.</summary>
internal sealed class ErpLines(IJournal journal, BillingProfiles profiles)
{
    /// <summary>The lines of an entry; they come to what it comes to.</summary>
    /// <exception cref="RefusedException">There is no chart on its day, or an account that the chart lacks.</exception>
    public async Task<IReadOnlyList<ErpLine>> Of(LedgerEntry entry, int number, CancellationToken ct)
    {
        var chart = profiles.ChartOn(entry.Posted) ?? throw new RefusedException(new(
            "chart/missing",
            $"No chart of accounts holds on {entry.Posted:uuuu-MM-dd}. Write pricing/chart.yaml and publish it: " +
            "'exchange settings publish pricing/chart.yaml'."));
        var lines = new List<ErpLine>();
        foreach (var posting in entry.Postings)
        {
            var account = chart.Of(posting.Account) ?? throw new RefusedException(new(
                "chart/no-account",
                $"The chart of accounts has nothing for '{posting.Account}'. Add an entry whose 'match' covers it."));
            foreach (var (project, amount) in await Parts(chart, entry, posting, ct))
            {
                lines.Add(new(
                    number, lines.Count + 1, entry, chart, account, posting.Account, amount,
                    project is null ? account.Tags : account.Tags.SetItems(chart.OfProject(project))));
            }
        }

        return lines;
    }

    /// <summary>What an invoice bills a PI for, project by project; anything else is one part.</summary>
    private async Task<IReadOnlyList<(string? Project, Money Amount)>> Parts(
        ChartOfAccounts chart, LedgerEntry entry, Ledger.Posting posting, CancellationToken ct)
    {
        const string Invoices = "invoice-";
        IReadOnlyList<(string?, Money)> whole = [(null, posting.Amount)];
        if (chart.Projects.IsEmpty || !entry.Reference.StartsWith(Invoices, StringComparison.Ordinal) ||
            !posting.Account.StartsWith("receivable:pi:", StringComparison.Ordinal))
        {
            return whole;
        }

        var drafted = (await journal.Read<InvoiceEvent>(entry.Reference, ct)).OfType<InvoiceEvent.Drafted>().Last();
        var parts = drafted.Lines.GroupBy(line => $"{line.Cluster}/{line.Project}", StringComparer.Ordinal)
            .OrderBy(of => of.Key, StringComparer.Ordinal)
            .Select(of => (Project: (string?)of.Key, Amount: Money.Sum(of.Select(line => line.PiBalance)))).ToList();
        var sum = Money.Sum(parts.Select(part => part.Amount));

        // An entry that takes the invoice back has the opposite sign; a part of it, as a credit note, is nobody's.
        return sum.IsZero ? whole
            : sum == posting.Amount ? [.. parts.Where(part => !part.Amount.IsZero)]
            : sum == -posting.Amount ? [.. parts.Where(part => !part.Amount.IsZero)
                .Select(part => (part.Project, -part.Amount))]
            : whole;
    }
}
