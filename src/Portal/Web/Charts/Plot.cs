using Exchange.Portal.Spend;

namespace Exchange.Portal.Web;

/// <summary>One color of a chart: its name and, for each label, cents or a count.</summary>
public sealed record Series(string Name, IReadOnlyList<long> Points)
{
    public static Series Of(string name, IEnumerable<Money> amounts) => new(name, [.. amounts.Select(a => a.Cents)]);

    public long At(int label) => label < Points.Count ? Points[label] : 0;
}

/// <summary>What the labels from one on are expected to come to, and between what and what.</summary>
public sealed record Outlook(int From, IReadOnlyList<Forecast> Each);

/// <summary>What a chart shows: labels along the bottom, and points of each series.</summary>
/// <param name="Id">One word; several charts of a page have different ones.</param>
/// <param name="Along">What the labels are, as 'Day'.</param>
public sealed record Plot(
    string Id, string Title, string Along, IReadOnlyList<string> Labels, IReadOnlyList<Series> Series)
{
    public Outlook? Outlook { get; init; }

    /// <summary>Whether series stand on each other as bars; else each is a line.</summary>
    public bool IsStacked { get; init; } = true;

    /// <summary>Whether points are cents; else they are counted things.</summary>
    public bool IsMoney { get; init; } = true;

    /// <summary>The highest point that is drawn, never below nothing.</summary>
    public long Highest => Ends(point => Math.Max(0, point)).Concat(Outlook?.Each.Select(e => e.High.Cents) ?? [])
        .DefaultIfEmpty(0).Max();

    /// <summary>The lowest point that is drawn, never above nothing: credits hang below the line.</summary>
    public long Lowest => Ends(point => Math.Min(0, point)).Concat(Outlook?.Each.Select(e => e.Low.Cents) ?? [])
        .Append(0).Min();

    public string Written(long point) => IsMoney ? Show.Of(new Money(point)) : Show.Of(point);

    /// <summary>What is expected of a label; null for what has been and where nothing is known.</summary>
    public Forecast? ExpectedAt(int label) => Outlook is { } outlook && label >= outlook.From &&
        label - outlook.From < outlook.Each.Count ? outlook.Each[label - outlook.From] : null;

    /// <summary>How far each label reaches to one side: the sum of its bars there, or each of its lines.</summary>
    private IEnumerable<long> Ends(Func<long, long> side) => Enumerable.Range(0, Labels.Count).SelectMany(i =>
        IsStacked ? [Series.Sum(s => side(s.At(i)))] : Series.Select(s => side(s.At(i))));
}
