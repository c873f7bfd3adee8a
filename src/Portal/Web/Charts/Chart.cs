namespace Exchange.Portal.Web.Components;

/// <summary>Amounts as bars in the cells of tables.</summary>
public sealed partial class Chart
{
    /// <summary>Amounts or counts as bars: a table whose second column is the chart.</summary>
    internal static TableOf<T> Bars<T>(
        string caption, IReadOnlyList<T> rows, Column<T> name, Column<T> amount, Func<T, long> length,
        string whenEmpty)
    {
        var most = rows.Select(length).DefaultIfEmpty(0).Max();
        return new(caption, rows, [name, new("Compared", row => Bar(Part(length(row), most))), amount], whenEmpty);
    }

    /// <summary>In percent; what is there at all is seen.</summary>
    internal static long Part(long used, long of) => of <= 0 || used <= 0 ? 0 : Math.Clamp(used * 100 / of, 1, 100);
}
