using System.IO.Compression;
using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Xunit;
using Closed = Exchange.Invoicing.Kept.Months;

namespace Exchange.Nerc.Tests;

public sealed class ImportingAMonth : IDisposable
{
    private static readonly BillingMonth October = new(2025, 10);
    private static readonly Instant Noon = Instant.FromUtc(2025, 11, 3, 12, 0);

    private readonly MemoryJournal _journal = new(new Stopped());
    private readonly string _folder = Directory.CreateTempSubdirectory("nerc-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static NercFile A(string text) => new(NercRole.Service, "a.csv", text);

    [Fact]
    public async Task Twice_changes_nothing()
    {
        var paths = Files(new NercCase().Line("a-1", "a@mit.edu", "10"));
        Assert.Equal((1, true, 1), Told(await Import(paths)));
        var events = (await _journal.ReadAll(0, 100, Ct)).Count;
        Assert.Equal((1, false, 1), Told(await Import(paths)));
        Assert.Equal((1, false, 1), Told(await Import(paths, isClosed: true)));
        Assert.Equal(events + 1, // That it is closed.
            (await _journal.ReadAll(0, 100, Ct)).Count);
    }

    [Fact]
    public async Task With_other_files_is_a_new_version_and_the_older_stays()
    {
        await Import(Files(new NercCase().Line("a-1", "a@mit.edu", "10")));
        Assert.Equal((2, true, 1), Told(await Import(Files(new NercCase().Line("a-1", "a@mit.edu", "11")))));

        var month = await _journal.State(NercMonth.Fold, October, Ct);
        Assert.EndsWith(",10\n", month.Files(1)[0].Text, StringComparison.Ordinal);
        Assert.EndsWith(",11\n", month.Files(2)[0].Text, StringComparison.Ordinal);
        Assert.Equal(month.Files(2), month.Files(null));
        Assert.Empty(month.Files(3));

        await Export("nerc-compatible");
        Assert.Contains(",11.00,,11.00,0002,0.00", Read("billable 2025-10.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public void Back_to_files_of_before_is_a_new_version_that_keeps_no_text_twice() =>
        Given.Events(
            NercMonth.Fold, [.. NercMonth.Import(new(), October, [A("1")], false, "me", Noon), .. Second()])
        .When(month => NercMonth.Import(month, October, [A("1")], false, "me", Noon))
        .Then(new NercMonthEvent.Imported([new(NercRole.Service, "a.csv", Sha256OfOne)], "me", Noon));

    [Fact]
    public void The_order_of_files_is_part_of_them() =>
        Given.Events(
            NercMonth.Fold, [.. NercMonth.Import(new(), October, [A("1"), A("2")], false, "me", Noon)])
        .When(month => NercMonth.Import(month, October, [A("2"), A("1")], true, "me", Noon))
        .ThenRefused("nerc/month-closed");

    [Fact]
    public async Task Of_a_closed_month_is_refused_with_other_files()
    {
        await Import(Files(new NercCase().Line("a-1", "a@mit.edu", "10")));
        var refused = await Assert.ThrowsAsync<RefusedException>(
            () => Import(Files(new NercCase().Line("a-1", "a@mit.edu", "11")), isClosed: true));
        Assert.Equal("nerc/month-closed", refused.Refusal.Code);
    }

    [Fact]
    public async Task Is_stored_as_text_that_an_auditor_can_read()
    {
        await Import(Files(new NercCase().Line("a-1", "a@mit.edu", "10")));
        var last = (await _journal.ReadAll(0, 100, Ct))[^1];
        Assert.Equal("nerc-2025-10", last.Stream);
        Assert.StartsWith(
            """{"$type":"nerc-month-imported/1","files":[{"role":"service","name":"lines.csv","sha256":""",
            last.Event.Json, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder, last.Event.Json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Cost", "Costs", "nerc/missing-columns", "lines.csv")]
    [InlineData(",10\n", ",ten\n", "nerc/not-a-number", "lines.csv:2")]
    [InlineData(",10\n", ",\n", "nerc/empty-cell", "lines.csv:2")]
    [InlineData(",10\n", ",10,11\n", "file/not-csv", "lines.csv:2")]
    public async Task Of_a_file_that_cannot_be_understood_is_refused_whole(
        string right, string wrong, string code, string where)
    {
        var paths = Files(new NercCase().Line("a-1", "a@mit.edu", "10"));
        await File.WriteAllTextAsync(
            paths.Services[0],
            (await File.ReadAllTextAsync(paths.Services[0], Ct)).Replace(right, wrong, StringComparison.Ordinal), Ct);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Import(paths));
        Assert.Equal((code, where), (refused.Refusal.Code, refused.Refusal.Where));
        Assert.Empty(await _journal.ReadAll(0, 100, Ct));
    }

    [Theory]
    [InlineData(NercRole.PiLedger, "PI,First Invoice Month\na@mit.edu,2025-10", "file/not-csv", "PiLedger:1")]
    [InlineData(
        NercRole.PiLedger, "PI,First Invoice Month,Initial Credits,1st Month Used,2nd Month Used\na,October,1,1,1",
        "nerc/not-a-month", "PiLedger:2")]
    [InlineData(NercRole.PrepayCredits, "Month,Group Name,Credit\n2025-10,G,1", "nerc/unknown-prepay-group", "PrepayCredits:2")]
    [InlineData(NercRole.NonbillablePis, "username: a", "yaml/bad-value", "NonbillablePis:1")]
    [InlineData(NercRole.NonbillableProjects, "- start: 2025-10", "yaml/missing-key", "NonbillableProjects:1")]
    [InlineData(NercRole.ColdFront, "{}", "file/not-json", "ColdFront")]
    public void Of_another_file_that_cannot_be_understood_is_refused_with_its_place(
        NercRole role, string text, string code, string where)
    {
        var refused = Assert.Throws<RefusedException>(() => new NercCase().Line("a-1", "a@mit.edu", "1").With(role, text).Sources);
        Assert.Equal((code, where), (refused.Refusal.Code, refused.Refusal.Where));
    }

    [Fact]
    public async Task Unwraps_compressed_files_and_refuses_what_is_not_text()
    {
        var paths = Files(new NercCase().Line("a-1", "a@mit.edu", "10"));
        var text = await File.ReadAllBytesAsync(paths.Services[0], Ct);
        await using (var file = new GZipStream(File.Create(paths.Services[0]), CompressionLevel.Fastest))
        {
            await file.WriteAsync(text, Ct);
        }

        Assert.Equal((1, true, 1), Told(await Import(paths)));
        await File.WriteAllBytesAsync(paths.Services[0], [0xC3, 0x28], Ct);
        Assert.Equal(
            "nerc/not-utf8", (await Assert.ThrowsAsync<RefusedException>(() => Import(paths))).Refusal.Code);
    }

    [Fact]
    public async Task Says_what_to_look_at()
    {
        var outcome = await Import(Files(
            new NercCase("2025-10").Line("a-1", "a@nowhere.example", "10").Stray("b-1", "2")));
        Assert.Equal(
            ["Billable projects unknown to ColdFront (1): 'b-1' on stack.",
             "PIs of no known institution (1): a@nowhere.example."],
            outcome.Notes.Take(2));
    }

    [Fact]
    public async Task Must_come_before_exporting_it()
    {
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Export("nerc-compatible"));
        Assert.Equal("nerc/not-imported", refused.Refusal.Code);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Exports_every_report_and_the_invoices_of_PIs_when_they_can_be_drawn()
    {
        await Import(Files(new NercCase().Line("a-1", "a/b@mit.edu", "10")));
        var outcome = await NercExport.Run(
            _journal, October, _folder, "corrected", invoice => [(byte)invoice.Rows.Count], Ct);
        Assert.Equal(
            ["Lenovo 2025-10.csv", "nonbillable 2025-10.csv", "billable 2025-10.csv", "NERC-2025-10-Total-Invoice.csv",
             "BU_Internal 2025-10.csv", "MOCA-A_Prepaid_Groups-2025-10-Invoice.csv",
             "NERC_Prepaid_Group-Credits-2025-10.csv", "OCP_TEST 2025-10.csv", "PI.after.csv", "prepay_debits.after.csv",
             "differences 2025-10.csv", "pi_invoices/Massachusetts Institute of Technology_a_b@mit.edu_2025-10.pdf"],
            outcome.Written);
        Assert.All(outcome.Written, file => Assert.True(File.Exists(Path.Combine(_folder, file)), file));
        Assert.Equal([2], await File.ReadAllBytesAsync(Path.Combine(_folder, outcome.Written[^1]), Ct));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private const string Sha256OfOne = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";

    private static Decision<NercMonthEvent> Second() => NercMonth.Import(
        NercMonth.Fold.Of(NercMonth.Import(new(), October, [A("1")], false, "me", Noon)), October, [A("2")], false, "me",
        Noon);

    private static (int, bool, int) Told(ImportNercMonth.NercImported outcome) => (outcome.Version, outcome.Changed, outcome.Lines);

    private async Task<ImportNercMonth.NercImported> Import(NercPaths paths, bool isClosed = false)
    {
        if (isClosed)
        {
            await _journal.Append(
                [StreamAppend.Of<Invoicing.Kept.MonthEvent>(Closed.Fold.StreamOf(Closed.Id), 0,
                    [new Invoicing.Kept.MonthEvent.Closed(October, "corrected", Money.Zero, 0, [], [], "me", Noon)])], Ct);
        }

        return await _journal.Execute(new ImportNercMonth(October, paths, Product.File("pricing"), "me"), Noon, Ct);
    }

    private Task<NercExport.NercExported> Export(string policies) =>
        NercExport.Run(_journal, October, _folder, policies, null, Ct);

    private string Read(string report) => File.ReadAllText(Path.Combine(_folder, report));

    private NercPaths Files(NercCase month)
    {
        var folder = Directory.CreateTempSubdirectory("nerc-in-").FullName;
        string? Put(NercRole role)
        {
            if (month.Files.FirstOrDefault(file => file.Role == role) is not { } file)
            {
                return null;
            }

            File.WriteAllText(Path.Combine(folder, file.Name), file.Text);
            return Path.Combine(folder, file.Name);
        }

        return new() { Services = [Put(NercRole.Service)!], ColdFront = Put(NercRole.ColdFront)! };
    }

    private sealed class Stopped : IClock
    {
        public Instant GetCurrentInstant() => Noon;
    }
}
