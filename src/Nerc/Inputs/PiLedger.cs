using Exchange.Rating;

namespace Exchange.Nerc;

/// <summary>What a PI was granted as a new PI and has used of it.</summary>
/// <param name="FirstMonth">As the ledger writes it.</param>
public sealed record PiEntry(string? Pi, string FirstMonth, Money? Initial, Money? FirstUsed, Money? SecondUsed);

/// <summary>NERC's ledger of credits for new PIs, 'PI.csv': one entry a PI, the newest on top.</summary>
public sealed record PiLedger(IReadOnlyList<PiEntry> Entries)
{
    public static string[] Columns { get; } =
        ["PI", "First Invoice Month", "Initial Credits", "1st Month Used", "2nd Month Used"];

    public static PiLedger Parse(CsvTable? table) => new(table is null ? [] :
        [.. table.Rows.Select(row => new PiEntry(
            row[Columns[0]],
            Months.Checked(row, Columns[1]),
            Cells.Cents(row, Columns[2]), Cells.Cents(row, Columns[3]), Cells.Cents(row, Columns[4])))]);

    public PiEntry? Of(string pi) => Entries.FirstOrDefault(entry => entry.Pi == pi);
}
