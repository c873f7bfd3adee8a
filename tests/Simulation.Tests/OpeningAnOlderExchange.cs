using System.Globalization;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal;
using Exchange.Portal.Commands;
using Exchange.Rating;
using Exchange.Testing;
using NodaTime;
using NodaTime.Text;
using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>
/// A database that version 417f1c4 made and pg_dump wrote: three closed months with late usage, a void, a payment, a
/// credit note, a subsidy, an institution's invoice and a quarantined reading. Beside it stands its journal as that
/// version kept it: position, stream, version, name, time and hash of every event.
/// </summary>
public sealed partial class OpeningAnOlderExchange : IAsyncLifetime
{
    private static readonly BillingMonth November = new(2026, 11);
    private static readonly InstantPattern Micros = InstantPattern.CreateWithInvariantCulture(
        "uuuu'-'MM'-'dd'T'HH':'mm':'ss'.'ffffff'Z'");

    private readonly string _folder = Directory.CreateTempSubdirectory("exchange-older-").FullName;
    private Composition _exchange = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var connection = await TestDatabase.NewConnectionString();
        await Restore(connection);
        _exchange = await Composition.Open(
            new(_folder, connection), new StoppedClock(Instant.FromUtc(2026, 12, 2, 9, 0)), Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _exchange.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Keeps_every_position_time_and_hash()
    {
        var kept = await File.ReadAllLinesAsync(Input("exchange-417f1c4.chain.txt"), Ct);
        var read = await _exchange.Journal.ReadAll(0, int.MaxValue, Ct);

        Assert.Equal(kept, read.Take(kept.Length).Select(Line));
    }

    [Fact]
    public async Task Is_sound_and_goes_on_with_the_next_month()
    {
        var before = (await _exchange.Journal.ReadAll(0, int.MaxValue, Ct)).Count;
        Assert.Empty((await Operating.Verify(_exchange, _ => { }, Ct)).Wrong);

        await CloseMonth.Commit(
            _exchange.Sources, November, Policies.Corrected, new HashSet<string> { "close/parked" }, "test",
            _exchange.Clock.GetCurrentInstant(), Ct);
        await _exchange.Projections.CatchUp(Ct);

        var issued = await InvoiceList.Run(_exchange.Database, new(November), Ct);
        Assert.Equal(["ada@example.org 110.48 USD", "bob@bu.edu 314.00 USD"],
            issued.Select(row => $"{row.Account} {row.Total}"));
        var after = await _exchange.Journal.ReadAll(before, int.MaxValue, Ct);
        Assert.Equal(before + 1, after[0].Position);
        Assert.Empty((await Operating.Verify(_exchange, _ => { }, Ct)).Wrong);
    }

    /// <summary>
    /// What psql leaves of a dump in a cluster that lacks the role of pages: tables without grants and policies, on
    /// which every page failed. Opening it makes the role and says again what it may.
    /// </summary>
    [Fact]
    public async Task Gives_pages_back_what_a_dump_lost_with_its_role()
    {
        const string Walls = """
            select string_agg(distinct schemaname || '.' || tablename || ' ' || policyname || ' ' || qual, chr(10))
            from pg_policies
            """;
        const string Grants = """
            select string_agg(concat_ws(' ', table_schema, table_name, privilege_type), ', ')
            from (select table_schema, table_name, privilege_type
                  from information_schema.table_privileges where grantee = 'exchange_viewer' order by 1, 2, 3) as granted
            """;
        var connection = await TestDatabase.NewConnectionString();
        await Restore(connection, sql => Lost().Replace(sql, ""));
        await using var exchange = await Composition.Open(new(_folder, connection), _exchange.Clock, Ct);

        Assert.Equal(await Ask(_exchange, Walls), await Ask(exchange, Walls));
        Assert.Equal(await Ask(_exchange, Grants), await Ask(exchange, Grants));
        Assert.NotEqual("", await Ask(exchange, Grants));
    }

    /// <summary>What that version appended is the proof of its hashes and stays; what came after it goes.</summary>
    [Fact]
    public async Task Erases_a_person_of_before_from_what_is_shown_and_keeps_every_hash()
    {
        await CloseMonth.Commit(
            _exchange.Sources, November, Policies.Corrected, new HashSet<string> { "close/parked" }, "test",
            _exchange.Clock.GetCurrentInstant(), Ct);
        var before = await _exchange.Journal.ReadAll(0, int.MaxValue, Ct);

        var erased = await _exchange.Commands.Execute(
            new ErasePerson(_exchange, new("ada@example.org"), [], "asked", "finance", isDryRun: false),
            Actors.Local("finance"), Ct);

        var token = Assert.Single(erased.Tokens);
        var after = await _exchange.Journal.ReadAll(0, int.MaxValue, Ct);
        Assert.Equal(
            before.Select(one => Convert.ToHexString(one.Hash.Span)),
            after.Take(before.Count).Select(one => Convert.ToHexString(one.Hash.Span)));
        Assert.Empty((await Operating.Verify(_exchange, _ => { }, Ct)).Wrong);
        Assert.DoesNotContain(after, one => $"{one.Stream} {one.Event.Json} {one.Headers?.Who}".Contains(
            "ada@example.org", StringComparison.Ordinal));
        var issued = await InvoiceList.Run(_exchange.Database, new(November), Ct);
        Assert.Equal([$"{token} 110.48 USD", "bob@bu.edu 314.00 USD"],
            issued.Select(row => $"{row.Account} {row.Total}").Order(StringComparer.Ordinal).Reverse());
    }

    private static async Task<string> Ask(Composition exchange, string sql)
    {
        await using var command = exchange.Database.CreateCommand(sql);
        return $"{await command.ExecuteScalarAsync(Ct)}";
    }

    [GeneratedRegex("^(GRANT|CREATE POLICY)[^;]*;", RegexOptions.Multiline)]
    private static partial Regex Lost();

    private static string Line(Recorded recorded) => string.Create(
        CultureInfo.InvariantCulture,
        $"{recorded.Position} {recorded.Stream.Replace(" ", "%20", StringComparison.Ordinal)} {recorded.Version} " +
        $"{recorded.Event.Type} {Micros.Format(recorded.At)} {Convert.ToHexStringLower(recorded.Hash.Span)}");

    private static async Task Restore(string connection, Func<string, string>? change = null)
    {
        // A cluster that never had an exchange lacks the role; psql would tell so and go on.
        await using var database = DataSources.Open(connection);
        await database.Execute("""
            do $$
            begin
              if not exists (select from pg_roles where rolname = 'exchange_viewer') then
                create role exchange_viewer nologin;
              end if;
            exception when duplicate_object or unique_violation then null;
            end $$
            """, [], Ct);
        await using var packed = new GZipStream(
            File.OpenRead(Input("exchange-417f1c4.sql.gz")), CompressionMode.Decompress);
        using var text = new StreamReader(packed);
        var sql = await text.ReadToEndAsync(Ct);
        await database.Execute(change?.Invoke(sql) ?? sql, [], Ct);
        database.Clear(); // The dump empties the search path of its session.
    }

    private static string Input(string name, [CallerFilePath] string test = "") =>
        Path.Combine(Path.GetDirectoryName(test)!, "Inputs", name);
}
