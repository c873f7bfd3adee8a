using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What costs a dry run of a close is worked out once for all who ask at a time. Standings were worked out by each of
/// them.
/// </summary>
public class AnswersOfAMinute
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task Who_asks_while_it_is_worked_out_has_the_same()
    {
        using var answers = new RecentAnswers<string, object>();
        var (times, first) = (0, new TaskCompletionSource<object>());
        var asked = Enumerable.Range(0, 5).Select(_ => answers.Of(
            "a", "1", Hour, null,
            () => Interlocked.Increment(ref times) == 1 ? first.Task : Task.FromResult(new object()), Serving.Ct)).ToList();
        Assert.All(asked, one => Assert.False(one.IsCompleted));
        var known = new object();
        first.SetResult(known);
        Assert.All(await Task.WhenAll(asked), one => Assert.Same(known, one));
        Assert.Equal(1, times);
    }

    [Fact]
    public async Task Who_fails_leaves_it_to_the_next()
    {
        using var answers = new RecentAnswers<string, int>();
        await Assert.ThrowsAsync<InvalidOperationException>(() => answers.Of(
            "a", "1", Hour, null, () => throw new InvalidOperationException("no"), Serving.Ct));
        Assert.Equal(7, await answers.Of("a", "1", Hour, null, () => Task.FromResult(7), Serving.Ct));
    }

    /// <summary>Another key, another journal, an age that is over and other usage are each worked out anew.</summary>
    [Theory]
    [InlineData("a", "1", 60, "u", 1)]
    [InlineData("b", "1", 60, "u", 2)]
    [InlineData("a", "2", 60, "u", 2)]
    [InlineData("a", "1", 60, null, 1)]
    [InlineData("a", "1", 0, null, 2)]
    [InlineData("a", "1", 0, "u", 1)]
    [InlineData("a", "1", 0, "v", 2)]
    [InlineData("a", "1", 60, "v", 1)]
    public async Task It_holds_as_long_as_what_it_rests_on(
        string key, string journal, int minutes, string? usage, int expected)
    {
        using var answers = new RecentAnswers<string, int>();
        var times = 0;
        Task<int> Asked(string key, string journal, int minutes, string? usage) => answers.Of(
            key, journal, TimeSpan.FromMinutes(minutes), usage is null ? null : () => Task.FromResult(usage),
            () => Task.FromResult(++times), Serving.Ct);
        Assert.Equal(1, await Asked("a", "1", 60, "u"));
        Assert.Equal(expected, await Asked(key, journal, minutes, usage));
        Assert.Equal(expected, times);
    }
}
