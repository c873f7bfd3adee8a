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

    /// <summary>What is wrong with the page by WCAG 2.2 A and AA and by good practice, each with its place.</summary>
    public static async Task<IReadOnlyList<string>> Run(IPage page)
    {
        const string Ask = """
            async () => {
              const found = await axe.run(document, { resultTypes: ['violations'] });
              return JSON.stringify(found.violations.flatMap(v => v.nodes.map(n =>
                `${v.id}: ${n.target.join(' ')}: ${n.failureSummary.replace(/\s+/g, ' ')}`)));
            }
            """;

        await page.EvaluateAsync($"() => {{ {await Source.Value}; }}");
        return JsonSerializer.Deserialize<List<string>>(await page.EvaluateAsync<string>(Ask))!;
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
