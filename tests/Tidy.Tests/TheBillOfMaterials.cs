using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Exchange.Tidy.Tests;

/// <summary>What the product is made of is written by the build, as CycloneDX, for whoever must look for weak parts.</summary>
public class TheBillOfMaterials
{
    [Fact]
    public async Task Names_every_package_with_its_version_hash_and_license()
    {
        var ct = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("exchange-sbom-");
        try
        {
            var file = Path.Combine(folder.FullName, "bom.json");
            using var script = Process.Start(new ProcessStartInfo(Repository.Full("build/sbom.sh"), file)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var said = script.StandardError.ReadToEndAsync(ct);
            await script.WaitForExitAsync(ct);
            Assert.True(script.ExitCode == 0, await said);

            using var written = JsonDocument.Parse(await File.ReadAllTextAsync(file, ct));
            Assert.Equal("CycloneDX", written.RootElement.GetProperty("bomFormat").GetString());
            var components = written.RootElement.GetProperty("components").EnumerateArray().ToDictionary(
                one => $"{one.GetProperty("name").GetString()} {one.GetProperty("version").GetString()}");
            Assert.Equal([], Locked().Except(components.Keys, StringComparer.OrdinalIgnoreCase));
            Assert.All(Locked(), name => Assert.True(
                components.First(one => string.Equals(one.Key, name, StringComparison.OrdinalIgnoreCase)).Value
                    .TryGetProperty("hashes", out _), name));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What the product's lock file says is used at run time.</summary>
    private static IEnumerable<string> Locked()
    {
        using var lockFile = JsonDocument.Parse(Repository.Read("src/Portal/packages.lock.json"));
        return
        [
            .. from framework in lockFile.RootElement.GetProperty("dependencies").EnumerateObject()
               from package in framework.Value.EnumerateObject()
               where package.Value.GetProperty("type").GetString() != "Project"
               where !package.Name.Contains("Analyzers", StringComparison.Ordinal)
               select $"{package.Name} {package.Value.GetProperty("resolved").GetString()}",
        ];
    }
}
