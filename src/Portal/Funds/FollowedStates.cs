using System.Runtime.CompilerServices;
using Exchange.Rating;

namespace Exchange.Portal.Funds;

/// <summary>
/// What a state is once the addresses of one person count as one: worked out once for each state and directory, because
/// it looks at everybody where a page asks of one.
/// </summary>
internal static class FollowedStates
{
    private static readonly ConditionalWeakTable<object, Followed> Known = [];

    public static T Of<TState, T>(TState state, ProjectDirectory directory, Func<TState, T> follow)
        where TState : class
        where T : class
    {
        if (Known.TryGetValue(state, out var known) && ReferenceEquals(known.Directory, directory))
        {
            return (T)known.Value;
        }

        var value = follow(state);
        Known.AddOrUpdate(state, new(directory, value));
        return value;
    }

    private sealed record Followed(ProjectDirectory Directory, object Value);
}
