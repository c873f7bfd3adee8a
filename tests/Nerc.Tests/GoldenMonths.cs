using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Nerc.Tests;

/// <summary>
/// Two months with something of every rule in them, from files to files; November starts from October's ledgers. The
/// expected reports are in 'Golden', worked out by hand from the rules and reviewed as differences.
/// </summary>
public sealed class GoldenMonths : IDisposable
{
    private static readonly string[] October = ["ocp-test", "ocp-prod", "NERC OpenStack", "NERC Storage", "bare metal"];

    private readonly MemoryJournal _journal = new(SystemClock.Instance);
    private readonly string _folder = Directory.CreateTempSubdirectory("nerc-out-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nerc-compatible")]
    [InlineData("corrected")]
    public async Task Give_the_reports_that_they_must(string policies)
    {
        await Month(
            new(2025, 10), policies, In("PI.csv"), In("prepay_debits.csv"),
            October);
        await Month(
            new(2025, 11), policies, Out("2025-10/PI.after.csv"), Out("2025-10/prepay_debits.after.csv"),
            "NERC OpenStack", "ocp-prod");
    }

    [Theory]
    [InlineData("nerc-compatible")]
    [InlineData("corrected")]
    public async Task Add_up(string policies)
    {
        await Import(new(2025, 10), In("PI.csv"), In("prepay_debits.csv"), October);
        var files = (await _journal.State(NercMonth.Fold, new BillingMonth(2025, 10), Ct)).Files(null);
        var month = NercPipeline.Run(NercSources.Parse(new(2025, 10), files), Fixes.Of(policies));
        Assert.All(month.Lines, line =>
        {
            var (credit, used) = (line.Credit ?? Money.Zero, line.GroupUsed ?? Money.Zero);
            Assert.Equal(line.Cost, line.Balance + credit + used);
            Assert.Equal(line.Balance, line.PiBalance + line.Subsidy);
        });

        var granted = month.Ledger.Entries.Where(one => one.FirstMonth == "2025-10").Select(one => one.FirstUsed ?? default)
            .Concat(month.Ledger.Entries.Where(one => one.FirstMonth == "2025-09").Select(one => one.SecondUsed ?? default));
        Assert.Equal(
            Money.Sum(month.Lines.Where(line => line.CreditCode is "0002").Select(line => line.Credit ?? default)),
            Money.Sum(granted));
        Assert.Equal(
            Money.Sum(month.Lines.Select(line => line.GroupUsed ?? default)),
            Money.Sum(month.Debits.Where(debit => debit.Month == "2025-10").Select(debit => debit.Amount)));
    }

    [Fact]
    public async Task Corrected_do_not_depend_on_the_order_of_the_files()
    {
        var one = await Sorted(October);
        var other = await Sorted([.. October.Reverse()]);
        Assert.Equal(one, other);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task Month(BillingMonth month, string policies, string ledger, string debits, params string[] services)
    {
        await Import(month, ledger, debits, services);
        var outcome = await NercExport.Run(_journal, month, Out(month.ToString()), policies, null, Ct);
        foreach (var report in outcome.Written)
        {
            Golden.Match($"{policies}/{month}/{report}", await File.ReadAllTextAsync(Out($"{month}/{report}"), Ct));
        }
    }

    private async Task<IReadOnlyList<string>> Sorted(string[] services)
    {
        await Import(new(2025, 10), In("PI.csv"), In("prepay_debits.csv"), services);
        var outcome = await NercExport.Run(_journal, new(2025, 10), _folder, "corrected", null, Ct);
        return
        [
            .. outcome.Written.Where(report => !report.StartsWith("differences", StringComparison.Ordinal)).SelectMany(
                report => File.ReadAllLines(Out(report)).Order(StringComparer.Ordinal).Prepend(report)),
        ];
    }

    private Task<ImportNercMonth.NercImported> Import(
        BillingMonth month, string ledger, string debits, params string[] services) =>
        _journal.Execute(new ImportNercMonth(
            month,
            new()
            {
                Services = [.. services.Select(service => In($"{service} {month}.csv"))],
                ColdFront = In("coldfront.json"),
                PiLedger = ledger,
                Aliases = In("alias.csv"),
                NonbillablePis = In("pi.yaml"),
                NonbillableProjects = In("projects.yaml"),
                PrepayCredits = In("prepay_credits.csv"),
                PrepayDebits = debits,
                PrepayProjects = In("prepay_projects.csv"),
                PrepayContacts = In("prepay_contacts.csv"),
            },
            Product.File("pricing"), "me"), Instant.FromUtc(2025, 12, 1, 0, 0), Ct);

    private static string In(string file) => Product.File($"tests/Nerc.Tests/Months/in/{file}");

    private string Out(string file) => Path.Combine(_folder, file);
}
