using System.Text.Json;
using Exchange.Testing;
using Microsoft.Playwright;
using Xunit;

namespace Exchange.Browser.Tests;

/// <summary>
/// axe-core, which finds what keeps people from using a page. npm brings one version of it when the tests run; nothing
/// of it is kept in the repository.
/// </summary>
internal static class Axe
{
    private const string Version = "4.14.1";
    private static readonly Lazy<Task<string>> Source = new(Install);

    /// <summary>
    /// The rules whose answer hangs on colours and sizes; all others read the markup, which is one for every look.
    /// target-size is the one rule of WCAG 2.2 AA that axe does not ask for by itself.
    /// </summary>
    private const string OfTheLook =
        "runOnly: ['color-contrast', 'link-in-text-block', 'target-size', 'scrollable-region-focusable'], ";

    /// <summary>What is wrong with the page by WCAG A and AA and by good practice, each with its place.</summary>
    public static Task<IReadOnlyList<string>> Run(IPage page) => Ask(page, "");

    /// <summary>What is wrong with how the page looks now, when its markup was looked at before.</summary>
    public static Task<IReadOnlyList<string>> RunAgain(IPage page) => Ask(page, OfTheLook);

    /// <summary>Has every page of the visitor bring axe along, which is faster than to send it to each.</summary>
    public static async Task ComeWith(Visitor visitor) =>
        await visitor.Page.Context.AddInitScriptAsync(await Source.Value);

    private static async Task<IReadOnlyList<string>> Ask(IPage page, string options)
    {
        var source = await Source.Value;
        return await Asking.Again(() => Look(page, source, options));
    }

    private static async Task<IReadOnlyList<string>> Look(IPage page, string source, string options)
    {
        if (await page.EvaluateAsync<bool>("typeof axe === 'undefined'"))
        {
            await page.EvaluateAsync($"() => {{ {source}; }}");
        }

        return JsonSerializer.Deserialize<List<string>>(await page.EvaluateAsync<string>($$"""
            async () => {
              const found = await axe.run(document, { {{options}}resultTypes: ['violations'] });
              return JSON.stringify(found.violations.flatMap(v => v.nodes.map(n =>
                `${v.id}: ${n.target.join(' ')}: ${n.failureSummary.replace(/\s+/g, ' ')}`)));
            }
            """))!;
    }

    private static async Task<string> Install()
    {
        var folder = Product.File($"artifacts/axe-{Version}");
        var script = Path.Combine(folder, "node_modules", "axe-core", "axe.min.js");
        if (!File.Exists(script))
        {
            Directory.CreateDirectory(folder);
            await Component.Run(
                Component.Find("npm", "/usr/bin/npm", "/usr/local/bin/npm"), folder, "install", "--prefix", folder,
                "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", $"axe-core@{Version}");
        }

        return await File.ReadAllTextAsync(script, TestContext.Current.CancellationToken);
    }
}
