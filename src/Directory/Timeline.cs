using System.Collections.Immutable;

namespace Exchange.Facts;

/// <summary>What one fact says from a month on, until the next span.</summary>
/// <param name="Value">Null where it does not hold.</param>
public sealed record FactSpan<T>(BillingMonth From, T? Value) where T : class;

/// <summary>What a fact says of each month, as its versions leave it.</summary>
public sealed class Timeline<T> where T : class
{
    internal Timeline(ImmutableArray<FactSpan<T>> spans) => Spans = spans;

    /// <summary>In the order of time; each holds until the next begins.</summary>
    public ImmutableArray<FactSpan<T>> Spans { get; }

    /// <summary>What holds in the end, as far as is known; null for what was withdrawn.</summary>
    public T? Last => Spans.IsEmpty ? null : Spans[^1].Value;

    /// <summary>The last that it ever said, withdrawn or not.</summary>
    public T? LastSaid => Spans.Select(span => span.Value).OfType<T>().LastOrDefault();

    public T? At(BillingMonth month)
    {
        for (var i = Spans.Length - 1; i >= 0; i--)
        {
            if (Spans[i].From <= month)
            {
                return Spans[i].Value;
            }
        }

        return null;
    }
}

/// <summary>How timelines are made.</summary>
public static class Timeline
{
    /// <summary>One value for all the time.</summary>
    public static Timeline<T> Always<T>(T value) where T : class => new([new(default, value)]);

    internal static Timeline<T> From<T>(IEnumerable<FactVersion> versions, FactKind<T> kind) where T : class
    {
        var spans = new List<FactSpan<T>>();
        foreach (var version in versions)
        {
            BillingMonth from = new(version.From.Year, version.From.Month);
            spans.RemoveAll(span => span.From >= from);
            spans.Add(new(from, version.Content is { } content ? kind.Read(content) : null));
        }

        return new([.. spans]);
    }
}
