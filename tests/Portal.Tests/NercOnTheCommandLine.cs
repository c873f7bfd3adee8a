using System.Text.Json;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

public sealed class NercOnTheCommandLine : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nerc-cli-").FullName;

    [Theory]
    [InlineData("nerc-compatible")]
    [InlineData("corrected")]
    public async Task A_month_goes_in_as_files_and_comes_out_as_the_reports_of_the_scripts(string policies)
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        var told = await Typed.Done(Import(), database);
        Assert.StartsWith("2025-10: 24 lines of ", told.Output, StringComparison.Ordinal);

        var typed = await Typed.Done(
            $"export nerc --month 2025-10 --out {_folder} --policies {policies} --json", database);
        using var document = JsonDocument.Parse(typed.Output);
        var written = document.RootElement.GetProperty("files").EnumerateArray().Select(f => f.GetString()!).ToList();
        var invoices = written.Where(file => file.StartsWith("pi_invoices/", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(invoices);
        Assert.All(invoices, file => Assert.StartsWith(
            "%PDF", File.ReadAllText(Path.Combine(_folder, file)), StringComparison.Ordinal));
        var files = written.Except(invoices).ToList();
        var golden = Product.File($"tests/Nerc.Tests/Golden/{policies}/2025-10");
        Assert.Equal(
            Directory.GetFiles(golden).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            files.Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.Equal(
            File.ReadAllText(Path.Combine(golden, file)), File.ReadAllText(Path.Combine(_folder, file))));
    }

    [Fact]
    public async Task The_same_files_change_nothing_and_others_are_a_new_version()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        await Typed.Done(Import(), database);
        using var again = JsonDocument.Parse((await Typed.Done($"{Import()} --json", database)).Output);
        Assert.False(again.RootElement.GetProperty("changed").GetBoolean());
        Assert.Equal(1, again.RootElement.GetProperty("version").GetInt32());

        using var other = JsonDocument.Parse((await Typed.Done($"{Import("ocp-prod")} --json", database)).Output);
        Assert.True(other.RootElement.GetProperty("changed").GetBoolean());
        Assert.Equal(2, other.RootElement.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task A_file_that_is_missing_is_named_and_nothing_is_kept()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        var typed = await Typed.Line($"{Import()} {_folder}/nowhere.csv", database);
        Assert.Equal(ExitCode.Refused, typed.Exit);
        Assert.Contains($"{_folder}/nowhere.csv: file/unreadable", typed.Errors, StringComparison.Ordinal);
        await NothingIsKept(database);
    }

    [Fact]
    public async Task A_header_that_lacks_a_column_is_named_and_nothing_is_kept()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        var file = Path.Combine(_folder, "no-cost.csv");
        await File.WriteAllTextAsync(
            file, (await File.ReadAllTextAsync(In("ocp-prod 2025-10.csv"), TestContext.Current.CancellationToken))
                .Replace(",Cost", ",Price", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var typed = await Typed.Line(
            $"import nerc --month 2025-10 --services {file} --coldfront {In("coldfront.json")}", database);
        Assert.Equal(ExitCode.Refused, typed.Exit);
        Assert.Contains("no-cost.csv: nerc/missing-columns: The service invoices lack 'Cost'.", typed.Errors,
            StringComparison.Ordinal);
        await NothingIsKept(database);
    }

    [Theory]
    [InlineData("import nerc --month 2025-10 --coldfront c.json", "--services")]
    [InlineData("import nerc --month 2025-10 --services a.csv", "--coldfront")]
    [InlineData("import nerc --services a.csv --coldfront c.json", "--month")]
    [InlineData("import nerc --month October --services a.csv --coldfront c.json", "October")]
    [InlineData("export nerc --month 2025-10", "--out")]
    [InlineData("export everything --month 2025-10 --out x", "everything")]
    [InlineData("export nerc --month 2025-10 --out x --policies kind", "kind")]
    public async Task A_line_that_lacks_something_says_what(string line, string what)
    {
        var typed = await Typed.Line(line);
        Assert.Equal(ExitCode.WrongUsage, typed.Exit);
        Assert.Contains(what, typed.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_of_one_cluster_alone_cannot_be_had()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        var told = Path.Combine(_folder, "projects.csv");
        await File.WriteAllTextAsync(
            told, "cluster,project,name,pi\nstack,p-1,One,ada@bu.edu\n", TestContext.Current.CancellationToken);
        await Typed.Done($"projects import {told}", database);
        var typed = await Typed.Line($"export nerc --month 2025-10 --out {_folder} --cluster stack", database);
        Assert.Equal(ExitCode.WrongUsage, typed.Exit);
        Assert.Contains("usage/whole-month", typed.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task NothingIsKept(string database)
    {
        var typed = await Typed.Line($"export nerc --month 2025-10 --out {_folder}", database);
        Assert.Equal(ExitCode.Refused, typed.Exit);
        Assert.Contains("nerc/not-imported", typed.Errors, StringComparison.Ordinal);
    }

    private static string Import(params string[] services)
    {
        services = services.Length > 0
            ? services
            : ["ocp-test", "ocp-prod", "NERC OpenStack", "NERC Storage", "bare metal"];
        return $"import nerc --month 2025-10 --coldfront {In("coldfront.json")} --pi-ledger {In("PI.csv")} " +
            $"--aliases {In("alias.csv")} --nonbillable-pis {In("pi.yaml")} " +
            $"--nonbillable-projects {In("projects.yaml")} --prepay-credits {In("prepay_credits.csv")} " +
            $"--prepay-debits {In("prepay_debits.csv")} --prepay-projects {In("prepay_projects.csv")} " +
            $"--prepay-contacts {In("prepay_contacts.csv")} " +
            $"--services {string.Join(' ', services.Select(service => $"\"{In($"{service} 2025-10.csv")}\""))}";
    }

    private static string In(string file) => Product.File($"tests/Nerc.Tests/Months/in/{file}");
}
