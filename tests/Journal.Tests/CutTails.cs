using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Journal.Tests;

/// <summary>
/// A chain does not show that its end was cut off, nor that an old backup came back. A head that was signed and handed
/// out does. On the version before, the last event could be deleted with the head moved back, and verify was content.
/// </summary>
public sealed class CutTails : IAsyncLifetime
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 28, 12, 0);

    private readonly string _data = Directory.CreateTempSubdirectory("exchange-heads-").FullName;
    private NpgsqlDataSource _database = null!;
    private PostgresJournal _journal = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private HeadFiles Heads => new(_data);

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.New(typeof(PostgresJournal).Assembly);
        _journal = new PostgresJournal(_database, SystemClock.Instance);
        await Append(0, 3);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_cut_tail_is_found_by_a_head_that_was_kept(int events)
    {
        await Heads.Write(_database, Now, "close-2026-10", Ct);
        Assert.Empty(await Wrong());

        await Cut(events);

        Assert.Null((await VerifyChain.Run(_journal, _database, _ => { }, Ct)).Wrong); // Nothing else can tell.
        Assert.Contains("journal event 3: it is missing", Assert.Single(await Wrong()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tail_that_was_written_anew_is_found()
    {
        await Heads.Write(_database, Now, null, Ct);
        await Cut(1);
        await Append(2, 2);

        Assert.Null((await VerifyChain.Run(_journal, _database, _ => { }, Ct)).Wrong);
        Assert.Contains("journal event 3: it is another", Assert.Single(await Wrong()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_that_somebody_holds_is_compared_as_well()
    {
        var held = Path.Combine(_data, "held.json");
        File.Move(await Heads.Write(_database, Now, null, Ct), held);
        await Cut(1);

        Assert.Empty(await Wrong());
        Assert.Single(await Wrong(held));
    }

    [Fact]
    public async Task A_head_that_was_changed_has_no_signature_that_holds()
    {
        var file = await Heads.Write(_database, Now, null, Ct);
        var text = await File.ReadAllTextAsync(file, Ct);
        await File.WriteAllTextAsync(file, text.Replace("\"position\":3", "\"position\":2", StringComparison.Ordinal), Ct);

        Assert.Contains("its signature does not hold", Assert.Single(await Wrong()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_head_is_refused_by_name()
    {
        var file = Path.Combine(_data, "no.json");
        await File.WriteAllTextAsync(file, "[]", Ct);

        var refused = await Assert.ThrowsAsync<RefusedException>(() => Wrong(file));

        Assert.Equal(("verify/not-a-head", file), (refused.Refusal.Code, refused.Refusal.Where));
    }

    [Fact]
    public async Task One_key_signs_them_all_and_only_its_owner_may_read_it()
    {
        await Heads.WriteDaily(_database, Now, Ct);
        await Heads.WriteDaily(_database, Now, Ct);
        await Heads.WriteDaily(_database, Now + Duration.FromDays(1), Ct);
        await Heads.Write(_database, Now, "close-2026-10", Ct);

        var heads = await Heads.Read([], Ct);

        Assert.Equal(
            ["2026-11-28.json", "2026-11-29.json", "close-2026-10.json"], heads.Select(of => Path.GetFileName(of.File)));
        Assert.Single(heads.Select(of => of.Head.Key).Distinct());
        Assert.All(Directory.GetFiles(Path.Combine(_data, "heads")), file => Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    private async Task<IReadOnlyList<string>> Wrong(params string[] held) =>
        await HeadFiles.Compare(await Heads.Read(held, Ct), _database, Ct);

    private Task Append(long version, int times) => _journal.Append(
        [StreamAppend.Of<Counted>("counter-1", version, Enumerable.Range(0, times).Select(by => new Counted.Up(by)))], Ct);

    /// <summary>What somebody would do who knows the tables: everything that the chain shows still fits.</summary>
    private async Task Cut(int events) => await _database.Execute($"""
        delete from journal.mt_events where seq_id > 3 - {events};
        delete from journal.link where position > 3 - {events};
        update journal.head set position = 3 - {events}, hash = coalesce(
          (select hash from journal.link where position = 3 - {events}), decode(repeat('00', 32), 'hex'));
        update journal.mt_streams set version = 3 - {events}, timestamp = coalesce((
          select max(timestamp) from journal.mt_events), now());
        delete from journal.mt_streams where version = 0
        """, [], Ct);
}
