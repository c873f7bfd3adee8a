using Microsoft.Playwright;

namespace Exchange.Browser.Tests;

/// <summary>
/// Asks pages that may be loaded again at any moment, as a page is while a job runs: an answer that went with the page
/// is asked for again from the one that came instead.
/// </summary>
internal static class Asking
{
    private const int Times = 20;

    /// <summary>What a script says of the page that is open.</summary>
    public static Task<T> Ask<T>(this IPage page, string script) => Again(() => page.EvaluateAsync<T>(script));

    /// <summary>What several questions come to that are all asked of one page.</summary>
    public static async Task<T> Again<T>(Func<Task<T>> questions)
    {
        for (var left = Times; ; left--)
        {
            try
            {
                return await questions();
            }
            catch (PlaywrightException e) when (left > 1 && IsOfAPageThatWent(e))
            {
                // The browser is at another page by now.
            }
        }
    }

    private static bool IsOfAPageThatWent(PlaywrightException e) =>
        e.Message.Contains("Execution context was destroyed", StringComparison.Ordinal)
        || e.Message.Contains("Cannot find context with specified id", StringComparison.Ordinal);
}
