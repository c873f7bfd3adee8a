using System.Text.RegularExpressions;
using Exchange.Journal;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What the README tells a newcomer to type works, line by line, in a directory that is empty before.
/// Seen to fail with an invoice number in it that the demonstration does not issue.
/// </summary>
public partial class TheReadme
{
    [Fact]
    public async Task Tells_a_newcomer_what_works()
    {
        var data = Directory.CreateTempSubdirectory("exchange-readme-").FullName;
        File.SetUnixFileMode(data, (UnixFileMode)0b111_101_101);
        try
        {
            var lines = Block().Match(await File.ReadAllTextAsync(
                Path.Combine(DataLocation.Home!, "README.md"), TestContext.Current.CancellationToken)).Groups[1].Value
                .Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(lines.Length > 5, "The README shows no commands.");
            foreach (var line in lines)
            {
                var typed = Comment().Replace(line, "").Replace("--out ", $"--out {data}/", StringComparison.Ordinal);
                Assert.StartsWith("./exchange ", typed, StringComparison.Ordinal);
                var said = await Typed.Line($"{typed["./exchange ".Length..]} --data {data}");
                Assert.True(said.Exit == 0, $"'{line}' ended with {said.Exit}: {said.Errors}{said.Output}");
                Assert.NotEmpty(said.Output);
            }

            Assert.StartsWith("%PDF", await File.ReadAllTextAsync(
                Path.Combine(data, "invoice.pdf"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
            Assert.NotEmpty(Directory.GetFiles(Path.Combine(data, "files", "2026-10", "invoices"), "*.pdf"));
        }
        finally
        {
            await EmbeddedPostgres.Stop(data, CancellationToken.None);
            Directory.Delete(data, recursive: true);
        }
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\s+#.*$")]
    private static partial Regex Comment();
}
