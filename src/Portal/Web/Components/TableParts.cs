using Microsoft.AspNetCore.Components;

namespace Exchange.Portal.Web;

/// <summary>A table as a component shows it: what its columns make of its rows.</summary>
public interface ITable
{
    string Caption { get; }

    bool IsEmpty { get; }

    /// <summary>What is said instead of a table without rows.</summary>
    string WhenEmpty { get; }

    bool IsWide { get; }

    IReadOnlyList<TableHeading> Headings { get; }

    IEnumerable<IEnumerable<TableCell>> Lines { get; }

    TableFoot? Foot { get; }
}

/// <summary>What brings something to where there is nothing: 'Get quotes', and where that is.</summary>
public sealed record EmptyAct(string Words, string Href);

/// <summary>A heading of a table; with an address, a link that sorts by it.</summary>
public readonly record struct TableHeading(string Text, string? Kind, string? Href = null, string? Order = null);

/// <summary>A cell says its heading too: on a phone a row is a card, and nothing stands above it.</summary>
public readonly record struct TableCell(string? Kind, string? Label, RenderFragment Content);

/// <summary>A table that is shown as it is: what can be sorted, searched and downloaded is a listing.</summary>
internal sealed record TableOf<T>(
    string Caption, IReadOnlyCollection<T> Rows, IReadOnlyList<Column<T>> Columns, string WhenEmpty) : ITable
{
    /// <summary>The last line: a label over some columns, then the totals.</summary>
    public TableFoot? Totals { get; init; }

    public bool IsEmpty => Rows.Count == 0;

    public bool IsWide => Table.IsWide(Columns.Count);

    public IReadOnlyList<TableHeading> Headings => [.. Columns.Select(c => Table.Of(c))];

    public IEnumerable<IEnumerable<TableCell>> Lines => Rows.Select(row => Columns.Select(c => Table.Of(c, row)));

    public TableFoot? Foot => Totals?.Under(Columns.Count);
}

/// <summary>The last line of a table: what it is called over the first columns, and a total below each other.</summary>
public sealed record TableFoot(string Label, int Columns, IReadOnlyList<string> Totals)
{
    /// <exception cref="InvalidOperationException">A total would stand below another column than its own.</exception>
    public TableFoot Under(int columns) => Columns + Totals.Count == columns ? this
        : throw new InvalidOperationException(
            $"The line '{Label}' fills {Columns + Totals.Count} columns of a table that has {columns}.");
}
