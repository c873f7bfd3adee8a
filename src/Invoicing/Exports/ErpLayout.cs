using System.Collections.Immutable;

namespace Exchange.Invoicing.Exports;

/// <summary>
/// A layout in which an ERP imports journals: its columns, and what stands in them. Where each comes from is in
/// decision 0384.
/// </summary>
internal sealed record ErpLayout(string Name, ImmutableArray<(string Column, Func<ErpLine, string> Cell)> Columns)
{
    /// <summary>How long a field may be, by column; what is longer and names something is refused.</summary>
    public IReadOnlyDictionary<string, int> MaxLengths { get; init; } = new Dictionary<string, int>();

    /// <summary>QuickBooks Online, 'Import data: Journal entries': one name an account, debits and credits apart.
    /// </summary>
    public static ErpLayout QuickBooks { get; } = new("quickbooks",
    [
        ("JournalNo", line => $"{line.Of.Period}-{line.Entry}"), ("JournalDate", line => line.Date),
        ("AccountName", line => line.Account.Name), ("Debits", line => line.Debit), ("Credits", line => line.Credit),
        ("Description", line => line.Of.What), ("Name", NameOf), ("Currency", line => line.Amount.Currency.ToString()),
        ("Location", line => line.Tag("location")), ("Class", line => line.Tag("class")),
    ]);

    /// <summary>Workday, accounting journals as a file: header and line fields in each row.</summary>
    public static ErpLayout Workday { get; } = new("workday",
    [
        ("H_JournalKey", line => $"{line.Chart.Source}-{line.Of.Period}-{line.Entry}"),
        ("H_Company", line => line.Chart.Company), ("H_Currency", line => line.Amount.Currency.ToString()),
        ("H_LedgerType", line => line.Chart.Ledger), ("H_BookCode", _ => ""), ("H_AccountingDate", line => line.Date),
        ("H_JournalSource", line => line.Chart.Source), ("H_BalancingWorktag", _ => ""),
        ("H_JournalEntryMemo", line => line.Of.What), ("H_JournalExternalRefID", line => line.Of.Reference),
        ("L_Order", line => $"{line.Place}"), ("L_LedgerAccount", line => line.Account.Account),
        ("L_DebitAmount", line => line.Debit), ("L_CreditAmount", line => line.Credit),
        ("L_Currency", line => line.Amount.Currency.ToString()), ("L_Memo", line => line.Own),
        ("L_ExternalRefID", line => line.Of.Id), ("L_BudgetDate", _ => ""), Tag("L_SpendCategory", "spend_category"),
        Tag("L_RevenueCategory", "revenue_category"), ("L_Company", line => line.Chart.Company),
        Tag("L_CostCenter", "cost_center"), Tag("L_BusinessUnit", "business_unit"), Tag("L_Fund", "fund"),
        Tag("L_Gift", "gift"), Tag("L_Grant", "grant"), Tag("L_Designated", "designated"), Tag("L_Project", "project"),
        Tag("L_Program", "program"), Tag("L_Function", "function"), Tag("L_Activity", "activity"),
        Tag("L_Assignee", "assignee"), Tag("L_Internal_Reference", "internal_reference"), Tag("L_Location", "location"),
        Tag("L_Loan", "loan"), Tag("L_Region", "region"),
    ]);

    /// <summary>PeopleSoft General Ledger: fields of journal lines by the names and lengths of its record JRNL_LN.
    /// </summary>
    public static ErpLayout PeopleSoft { get; } = new("peoplesoft",
    [
        ("BUSINESS_UNIT", line => line.Chart.Company), ("JOURNAL_ID", JournalId), ("JOURNAL_DATE", line => line.Date),
        ("JOURNAL_LINE", line => $"{line.Place}"), ("LEDGER", line => line.Chart.Ledger),
        ("ACCOUNT", line => line.Account.Account), Tag("ALTACCT", "alternate_account"), Tag("DEPTID", "department"),
        Tag("OPERATING_UNIT", "operating_unit"), Tag("PRODUCT", "product"), Tag("FUND_CODE", "fund"),
        Tag("CLASS_FLD", "class"), Tag("PROGRAM_CODE", "program"), Tag("PROJECT_ID", "project"),
        ("CURRENCY_CD", line => line.Amount.Currency.ToString()), ("MONETARY_AMOUNT", line => line.Signed),
        ("JRNL_LN_REF", line => Cut(line.Of.Id, 10)), ("LINE_DESCR", line => Cut(line.Of.What, 30)),
    ])
    {
        MaxLengths = new Dictionary<string, int>
        {
            ["BUSINESS_UNIT"] = 5,
            ["LEDGER"] = 10,
            ["ACCOUNT"] = 10,
            ["ALTACCT"] = 10,
            ["DEPTID"] = 10,
            ["OPERATING_UNIT"] = 8,
            ["PRODUCT"] = 6,
            ["FUND_CODE"] = 5,
            ["CLASS_FLD"] = 5,
            ["PROGRAM_CODE"] = 5,
            ["PROJECT_ID"] = 15,
        },
    };

    public static IReadOnlyList<ErpLayout> All { get; } = [QuickBooks, Workday, PeopleSoft];

    /// <exception cref="RefusedException">A field is longer than the ERP takes.</exception>
    public string[] Cells(ErpLine line) => [.. Columns.Select(column =>
    {
        var cell = column.Cell(line);
        return MaxLengths.TryGetValue(column.Column, out var longest) && cell.Length > longest
            ? throw new RefusedException(new(
                "chart/too-long",
                $"'{cell}' of '{line.Own}' has {cell.Length} characters, and {column.Column} of {Name} takes " +
                $"{longest}. Correct the chart of accounts."))
            : cell;
    })];

    private static (string, Func<ErpLine, string>) Tag(string column, string tag) => (column, line => line.Tag(tag));

    /// <summary>Ten characters that no other entry of the year has: '2610000001'.</summary>
    private static string JournalId(ErpLine line) =>
        $"{line.Of.Period.Year % 100:00}{line.Of.Period.Month:00}{line.Entry:000000}";

    /// <summary>Receivables and payables name whose they are.</summary>
    private static string NameOf(ErpLine line) =>
        line.Own.Split(':') is [.., "receivable" or "payable", _, var name] ? name : "";

    private static string Cut(string text, int longest) => text.Length <= longest ? text : text[..longest];
}
