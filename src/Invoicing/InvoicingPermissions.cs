namespace Exchange.Invoicing;

/// <summary>What the commands of this module need; the roles that hold them are the portal's.</summary>
public static class InvoicingPermissions
{
    public const string CloseMonths = "close months";
    public const string NotePayments = "note payments";
    public const string CorrectInvoices = "correct invoices";
    public const string ChangeSettings = "change settings";
    public const string PostAccruals = "post accruals";
    public const string DecideSubsidy = "decide on a subsidy";
    public const string AnswerStatements = "answer statements";
}
