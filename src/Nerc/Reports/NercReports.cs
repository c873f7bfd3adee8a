namespace Exchange.Nerc;

/// <summary>Every report of a month, in the order in which NERC's scripts write them.</summary>
public static class NercReports
{
    public static IReadOnlyList<NercReport> Of(NercOutcome month) =>
    [
        LineReports.LenovoInvoice(month),
        LineReports.Nonbillable(month),
        LineReports.Billable(month),
        LineReports.NercTotal(month),
        BuInternal.Of(month),
        LineReports.MocaPrepaid(month),
        LedgerReports.CreditsSnapshot(month),
        LineReports.OcpTest(month),
        LedgerReports.PiLedgerAfter(month),
        LedgerReports.DebitsAfter(month),
    ];
}
