using Exchange.Nerc.Steps;

namespace Exchange.Nerc;

/// <summary>The reports that show lines one by one.</summary>
internal static class LineReports
{
    private static readonly (string Name, Func<NercLine, string?> Cell)[] Base =
    [
        ("Invoice Month", line => line.Month),
        ("Project - Allocation", line => line.Allocation),
        ("Project - Allocation ID", line => line.AllocationId),
        ("Manager (PI)", line => line.Pi),
        ("Cluster Name", line => line.Cluster),
        ("Invoice Email", line => line.Email),
        ("Invoice Address", line => line.Address),
        ("Institution", line => line.Institution),
        ("Institution - Specific Code", line => line.Code),
        ("SU Hours (GBhr or SUhr)", line => Written.Whole(line.Hours)),
        ("SU Type", line => line.SuType),
        ("Rate", line => Written.Rate(line.Rate)),
    ];

    private static readonly (string Name, Func<NercLine, string?> Cell) Cost = ("Cost", line => Written.Of(line.Cost));

    private static readonly (string Name, Func<NercLine, string?> Cell)[] Tail =
    [
        ("Prepaid Group Name", line => line.Group),
        ("Prepaid Group Institution", line => line.GroupInstitution),
        ("Prepaid Group Balance", line => Written.Of(line.GroupBalance)),
        Cost,
        ("Prepaid Group Used", line => Written.Of(line.GroupUsed)),
        ("Credit", line => Written.Of(line.Credit)),
        ("Credit Code", line => line.CreditCode),
        ("Balance", line => Written.Of(line.Balance)),
    ];

    public static NercReport LenovoInvoice(NercOutcome month) => Of(
        month, $"Lenovo {month.Sources.Month}.csv", line => Lenovo.Lists(month.Sources, line, month.Fixes),
        [
            Base[0], Base[1], Base[4], Base[7], ("SU Hours", Base[9].Cell), Base[10],
            ("SU Charge", line => Written.Whole(line.SuCharge)),
            ("Charge", line => Written.Of(line.LenovoCharge)),
        ]);

    public static NercReport Nonbillable(NercOutcome month) =>
        Of(month, $"nonbillable {month.Sources.Month}.csv", line => !line.IsBillable, [.. Base, Cost]);

    public static NercReport Billable(NercOutcome month) => Of(
        month, $"billable {month.Sources.Month}.csv", line => line.IsBilled(month.Fixes), [.. Base, .. Tail]);

    public static NercReport NercTotal(NercOutcome month) => Of(
        month, $"NERC-{month.Sources.Month}-Total-Invoice.csv",
        line => line.IsBilled(month.Fixes) &&
            (line.GroupManaged == true || month.Sources.Institutions.Named(line.Institution)?.InNercTotal == true),
        [.. Base, .. Tail]);

    public static NercReport MocaPrepaid(NercOutcome month) => Of(
        month, $"MOCA-A_Prepaid_Groups-{month.Sources.Month}-Invoice.csv", line => line.GroupManaged == false,
        [.. Base.Where(column => column.Name != "Cluster Name"), .. Tail]);

    public static NercReport OcpTest(NercOutcome month) =>
        Of(month, $"OCP_TEST {month.Sources.Month}.csv", line => line.Cluster == "ocp-test", [.. Base, Cost]);

    /// <summary>The columns of a PI's invoice: those about prepaid money only when a group pays some of it.</summary>
    public static NercReport PiInvoice(string file, IReadOnlyList<NercLine> lines)
    {
        var columns = Base.Where(column => column.Name != "Cluster Name").Concat(Tail);
        return Of(
            lines, file,
            [.. columns.Where(column => lines.Any(line => line.Group is not null) ||
                !column.Name.StartsWith("Prepaid", StringComparison.Ordinal))]);
    }

    private static NercReport Of(
        NercOutcome month, string file, Func<NercLine, bool> chosen,
        IReadOnlyList<(string Name, Func<NercLine, string?> Cell)> columns) =>
        Of(month.Lines.Where(chosen), file, columns);

    private static NercReport Of(
        IEnumerable<NercLine> lines, string file, IReadOnlyList<(string Name, Func<NercLine, string?> Cell)> columns) =>
        new(file, [.. columns.Select(column => column.Name)],
            [.. lines.Select(line => new NercReport.ReportRow(
                line.Source, [.. columns.Select(column => column.Cell(line))]))]);
}
