namespace Exchange.Nerc;

/// <summary>The ledgers as they stand after the month, and what groups paid in during it.</summary>
internal static class LedgerReports
{
    public static NercReport PiLedgerAfter(NercOutcome month) => new(
        "PI.after.csv", PiLedger.Columns,
        [.. month.Ledger.Entries.Select(entry => new NercReport.ReportRow(
            entry.Pi ?? "",
            [
                entry.Pi, entry.FirstMonth, Written.Of(entry.Initial), Written.Of(entry.FirstUsed),
                Written.Of(entry.SecondUsed),
            ]))]);

    public static NercReport DebitsAfter(NercOutcome month) => new(
        "prepay_debits.after.csv", ["Month", "Group Name", "Debit"],
        [.. month.Debits.Select(debit => new NercReport.ReportRow(
            $"{debit.Group} in {debit.Month}", [debit.Month, debit.Group, Written.Of(debit.Amount)]))]);

    public static NercReport CreditsSnapshot(NercOutcome month)
    {
        var (prepay, name) = (month.Sources.Prepay, month.Sources.Month.ToString());
        var managed = prepay.Contacts
            .Where(contact => month.Fixes.HasFlag(Fix.ManagedInAnyCase) ? contact.IsManaged : contact.Managed == "Yes")
            .Select(contact => contact.Group).ToHashSet(StringComparer.Ordinal);
        return new(
            $"NERC_Prepaid_Group-Credits-{name}.csv", ["Month", "Group Name", "Credit"],
            [.. prepay.Credits.Where(credit => credit.Month == name && managed.Contains(credit.Group)).Select(credit =>
                new NercReport.ReportRow(
                    $"{credit.Group} at {credit.Where}", [credit.Month, credit.Group, credit.Written]))]);
    }
}
