using System.Diagnostics;
using Exchange.Portal.Keys;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// clients/python works against a real server, with nothing but Python itself, and its generated half is what the
/// server describes.
/// </summary>
public class PythonClient
{
    private static string Python => Component.Find("python3", "/usr/bin/python3", "/usr/local/bin/python3");

    private static string Folder => Product.File("clients/python");

    [Fact]
    public async Task Its_tests_pass_and_it_is_what_the_server_describes()
    {
        var python = Python;
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Hear(serving, "2026-11-02T00:00:00Z");
        await UsedMonth.Close(serving);
        using var anyone = serving.Anonymous();
        var described = Path.Combine(Component.NewFolder().FullName, "v2.json");
        await File.WriteAllTextAsync(
            described, await anyone.GetStringAsync(new Uri("/openapi/v2.json", UriKind.Relative), Serving.Ct),
            Serving.Ct);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            await Run(python, [], "generate.py", described);
        }

        await Run(python, [], "generate.py", described, "--check");
        await Run(
            python,
            [
                ("EXCHANGE_URL", serving.Address.ToString().TrimEnd('/')),
                ("EXCHANGE_KEY_READ", await Key(serving, KeyScope.Read, null)),
                ("EXCHANGE_KEY_USAGE", await Key(serving, KeyScope.Usage, Serving.Nerc)),
                ("EXCHANGE_KEY_FINANCE", await Key(serving, KeyScope.Finance, null)),
            ], "-m", "unittest", "tests.test_client");
        Directory.Delete(Path.GetDirectoryName(described)!, recursive: true);
    }

    private static async Task<string> Key(Serving serving, KeyScope scope, LandlordId? landlord) =>
        (await serving.Exchange.Do(new CreateKey("python", landlord, scope, "test"))).Key;

    private static async Task Run(
        string python, IReadOnlyList<(string Name, string Value)> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(python, ["-B", "-W", "error", .. arguments])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (
            process.StandardOutput.ReadToEndAsync(Serving.Ct), process.StandardError.ReadToEndAsync(Serving.Ct));
        await process.WaitForExitAsync(Serving.Ct);
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', arguments)}: {await output}{await errors}");
    }
}
