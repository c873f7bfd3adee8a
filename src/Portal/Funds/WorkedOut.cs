using System.Runtime.CompilerServices;

namespace Exchange.Portal.Funds;

/// <summary>
/// What looks at everybody where a page asks of one, such as a state in which the addresses of one person count as one:
/// kept as long as what it is of, and worked out again when anything else that it rests on is another.
/// </summary>
internal static class WorkedOut
{
    private static readonly ConditionalWeakTable<object, Kept> Known = [];

    /// <param name="of">What it is of; nothing else is worked out of the same object.</param>
    /// <param name="basis">What it rests on besides; the same while they are the same objects.</param>
    public static T Of<T>(object of, object[] basis, Func<T> work)
        where T : class
    {
        if (Known.TryGetValue(of, out var kept) &&
            kept.Basis.Zip(basis).All(pair => ReferenceEquals(pair.First, pair.Second)))
        {
            return (T)kept.Value;
        }

        var value = work();
        Known.AddOrUpdate(of, new(basis, value));
        return value;
    }

    private sealed record Kept(object[] Basis, object Value);
}
