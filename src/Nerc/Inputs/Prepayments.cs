using Exchange.Rating;

namespace Exchange.Nerc;

/// <summary>An amount that a prepay group paid in, or used, in a month.</summary>
/// <param name="Written">The amount as the file has it.</param>
public sealed record PrepayAmount(string Month, string Group, Money Amount, string Written, string Where);

/// <summary>A project whose usage a group pays, from a month to a month, both included.</summary>
public sealed record PrepayProject(string Group, string Project, string Start, string End, string Where)
{
    public bool IsActive(BillingMonth month) => Months.Parse(Start) <= month && month <= Months.Parse(End);
}

/// <summary>Whom to ask about a group, and whether it is managed by the data centre ('Yes').</summary>
public sealed record PrepayContact(string Group, string Email, string Managed)
{
    public bool IsManaged => string.Equals(Managed, "yes", StringComparison.OrdinalIgnoreCase);
}

/// <summary>NERC's four files about prepaid money.</summary>
public sealed record Prepayments(
    IReadOnlyList<PrepayAmount> Credits, IReadOnlyList<PrepayAmount> Debits,
    IReadOnlyList<PrepayProject> Projects, IReadOnlyList<PrepayContact> Contacts)
{
    /// <exception cref="RefusedException">A cell is missing or wrong.</exception>
    public static Prepayments Parse(CsvTable? credits, CsvTable? debits, CsvTable? projects, CsvTable? contacts) =>
        new(
            [.. Amounts(credits, "Credit")],
            [.. Amounts(debits, "Debit")],
            [.. (projects?.Rows ?? []).Select(row => new PrepayProject(
                Cells.Needed(row, "Group Name"), Cells.Needed(row, "Project"),
                Months.Checked(row, "Start Date"), Months.Checked(row, "End Date"), row.Where))],
            [.. (contacts?.Rows ?? []).Select(row => new PrepayContact(
                Cells.Needed(row, "Group Name"), Cells.Needed(row, "Group Contact Email"),
                Cells.Needed(row, "MGHPCC Managed")))]);

    /// <exception cref="RefusedException">What counts in the month is of a group without a contact.</exception>
    public void Check(BillingMonth month)
    {
        var known = Contacts.Select(contact => contact.Group).ToHashSet(StringComparer.Ordinal);
        var named = Credits.Where(one => Months.Parse(one.Month) <= month)
            .Concat(Debits.Where(one => Months.Parse(one.Month) < month)).Select(one => (one.Group, one.Where))
            .Concat(Projects.Where(one => one.IsActive(month)).Select(one => (one.Group, one.Where)));
        foreach (var (group, where) in named)
        {
            if (!known.Contains(group))
            {
                throw new RefusedException(new(
                    "nerc/unknown-prepay-group",
                    $"'{group}' is not among the contacts of prepay groups. Add it there, or correct the name.",
                    where));
            }
        }
    }

    private static IEnumerable<PrepayAmount> Amounts(CsvTable? table, string column) =>
        (table?.Rows ?? []).Select(row => new PrepayAmount(
            Months.Checked(row, "Month"), Cells.Needed(row, "Group Name"),
            Cells.Cents(row, column) ?? Money.Zero, row[column] ?? "", row.Where));
}
