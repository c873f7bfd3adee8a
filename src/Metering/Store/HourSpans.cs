using System.Runtime.InteropServices;

namespace Exchange.Metering;

/// <summary>A set of hours since 1970 as spans, each from one hour until before another.</summary>
internal sealed class HourSpans
{
    public static readonly HourSpans None = new([]);
    private readonly int[] _ends; // Where a span begins and where it ends, in turn.

    private HourSpans(int[] ends) => _ends = ends;

    public bool IsEmpty => _ends.Length == 0;

    /// <summary>Where each span begins and ends, as it is stored.</summary>
    public int[] Ends => _ends;

    /// <exception cref="RefusedException">These are no spans in order.</exception>
    public static HourSpans Read(int[] ends)
    {
        for (var i = 1; i < ends.Length; i++)
        {
            if (ends[i] <= ends[i - 1])
            {
                throw BytesReader.Damaged();
            }
        }

        return ends.Length % 2 == 0 ? new(ends) : throw BytesReader.Damaged();
    }

    public static HourSpans Of(IEnumerable<int> hours) =>
        Joined(hours.Select(hour => (hour, hour + 1)).Order());

    public static HourSpans Union(IEnumerable<HourSpans> all) => Joined(all.SelectMany(one => one.Spans()).Order());

    public bool Has(int hour)
    {
        var place = Array.BinarySearch(_ends, hour);
        return (place >= 0 ? place : ~place - 1) is >= 0 and var before && before % 2 == 0;
    }

    private static HourSpans Joined(IEnumerable<(int Start, int End)> spans)
    {
        var ends = new List<int>();
        foreach (var (start, end) in spans)
        {
            if (ends.Count > 0 && start <= ends[^1])
            {
                CollectionsMarshal.AsSpan(ends)[^1] = Math.Max(ends[^1], end);
                continue;
            }

            ends.Add(start);
            ends.Add(end);
        }

        return ends.Count == 0 ? None : new([.. ends]);
    }

    private IEnumerable<(int Start, int End)> Spans()
    {
        for (var i = 0; i < _ends.Length; i += 2)
        {
            yield return (_ends[i], _ends[i + 1]);
        }
    }
}
