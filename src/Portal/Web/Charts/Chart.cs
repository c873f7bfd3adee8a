using Exchange.Portal.Web.Components;

namespace Exchange.Portal.Web;

/// <summary>Amounts as bars in the cells of tables.</summary>
internal static class Chart
{
    /// <summary>How much of something is used, as a bar that is also read out.</summary>
    public static Html Gauge(string label, Money used, Money of) => Parts.Of(null, builder =>
    {
        builder.OpenComponent<AmountGauge>(0);
        builder.AddComponentParameter(1, nameof(AmountGauge.Label), label);
        builder.AddComponentParameter(2, nameof(AmountGauge.Used), used);
        builder.AddComponentParameter(3, nameof(AmountGauge.Of), of);
        builder.CloseComponent();
    });

    /// <summary>Amounts or counts as bars: a table whose second column is the chart.</summary>
    public static TableOf<T> Bars<T>(
        string caption, IReadOnlyList<T> rows, Column<T> name, Column<T> amount, Func<T, long> length,
        string whenEmpty)
    {
        var most = rows.Select(length).DefaultIfEmpty(0).Max();
        return new(caption, rows, [name, new("Compared", row => Bar(Part(length(row), most))), amount], whenEmpty);
    }

    /// <summary>In percent; what is there at all is seen.</summary>
    public static long Part(long used, long of) => of <= 0 || used <= 0 ? 0 : Math.Clamp(used * 100 / of, 1, 100);

    private static Html Bar(long length) => Parts.Of(null, builder =>
    {
        builder.OpenComponent<Gauge>(0);
        builder.AddComponentParameter(1, nameof(Components.Gauge.Length), length);
        builder.AddComponentParameter(2, nameof(Components.Gauge.HasRest), false);
        builder.CloseComponent();
    });
}
