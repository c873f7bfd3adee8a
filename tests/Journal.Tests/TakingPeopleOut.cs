using System.Text.Json.Serialization;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Journal.Tests;

/// <summary>
/// Where a person is erased, what was appended goes from the tables, and its hash stays: the chain holds with every
/// hash as it was, and no table has the address. Before, each event stayed as it was appended, beside what is shown.
/// </summary>
public sealed class TakingPeopleOut : IAsyncLifetime
{
    private const string Ada = "ada@bu.edu";

    private NpgsqlDataSource _database = null!;
    private PostgresJournal _journal = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.New(typeof(PostgresJournal).Assembly);
        _journal = new PostgresJournal(_database, SystemClock.Instance);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task No_table_has_the_address_and_every_hash_is_as_it_was()
    {
        await Live();
        var before = await _journal.ReadAll(0, int.MaxValue, Ct);

        var token = await Erase(_database, _journal, Ada);

        var after = await _journal.ReadAll(0, int.MaxValue, Ct);
        Assert.Equal(before.Select(Links), after.Take(before.Count).Select(Links));
        Assert.Equal(before.Select(one => Shown(one, token)), after.Take(before.Count).Select(one => Shown(one, token)));
        Assert.Null((await VerifyChain.Run(_journal, _database, _ => { }, Ct)).Wrong);
        Assert.Empty(await Holding(Ada));
    }

    /// <summary>A stream with events that an older version linked by their text keeps its name and those texts.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public async Task What_an_older_version_appended_stays_and_what_came_after_it_goes(int older)
    {
        await Live();
        await LinkByText(older);
        Assert.Null((await VerifyChain.Run(_journal, _database, _ => { }, Ct)).Wrong);
        var before = await _journal.ReadAll(0, int.MaxValue, Ct);

        var token = await Erase(_database, _journal, Ada);

        var after = await _journal.ReadAll(0, int.MaxValue, Ct);
        Assert.Equal(before.Select(one => Shown(one, token)), after.Take(before.Count).Select(one => Shown(one, token)));
        Assert.Null((await VerifyChain.Run(_journal, _database, _ => { }, Ct)).Wrong);
        Assert.Equal(
            before.Where(one => one.Position <= older && one.Event.Json.Contains(Ada, StringComparison.Ordinal))
                .Select(one => one.Position),
            await Texts());

        Assert.Equal(1, await _database.Execute("delete from journal.shown_stream where stored like '%~2'", [], Ct));
        Assert.Contains(
            "as the last erasure left", (await VerifyChain.Run(_journal, _database, _ => { }, Ct)).Wrong!,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_comes_back_begins_anew_and_is_erased_again()
    {
        await Live();
        var first = await Erase(_database, _journal, Ada);
        await Assert.ThrowsAsync<ConflictException>(() => Live(0)); // Somebody who read before it cannot bring them back.
        await _database.Execute("update journal.erased set at = at - interval '1 day'", [], Ct);
        await Sign();
        await Live(0);

        var second = await Erase(_database, _journal, Ada);

        Assert.NotEqual(first, second);
        Assert.Equal(2, (await _journal.Read<Named>($"counter-{first}", Ct)).Count);
        Assert.Equal(2, (await _journal.Read<Named>($"counter-{second}", Ct)).Count);
        Assert.Empty(await _journal.Read<Named>($"counter-{Ada}", Ct));
        Assert.Null((await VerifyChain.Run(_journal, _database, _ => { }, Ct)).Wrong);
        Assert.Empty(await Holding(Ada));
    }

    /// <summary>Erases as the command does: what is shown, and an event that says so with its hash.</summary>
    internal static async Task<string> Erase(NpgsqlDataSource database, PostgresJournal journal, string address)
    {
        var token = ErasedToken.Create("bu.edu");
        await using var connection = await database.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        var streams = await EraseFromJournal.Streams(connection, [address], Ct);
        var text = new ErasedText([(address, token)], [], streams.Select(name => name.Shown.Split('-')[0]));
        await EraseFromJournal.Run(
            connection, text, [(address, token)], streams, SystemClock.Instance.GetCurrentInstant(), Ct);
        await Say(connection, journal, token);
        await transaction.CommitAsync(Ct);
        return token;
    }

    private static async Task Say(NpgsqlConnection connection, PostgresJournal journal, string token)
    {
        var before = (await journal.Read<ErasureEvent>(ErasureEvent.Stream, Ct)).Count;
        await journal.Append(
            connection, [StreamAppend.Of<ErasureEvent>(ErasureEvent.Stream, before, [
                new ErasureEvent.Erased(token, "asked", "finance", SystemClock.Instance.GetCurrentInstant())
                {
                    Shown = await EraseFromJournal.Shown.Now(connection, Ct),
                }])], Ct);
    }

    /// <summary>Says again what is shown, after the test moved the time of an erasure.</summary>
    private async Task Sign()
    {
        await using var connection = await _database.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await Say(connection, _journal, (await _database.Texts("select token from journal.erased", [], Ct))[0]);
        await transaction.CommitAsync(Ct);
    }

    /// <summary>Six events: in a stream of hers, beside others, by her, and about somebody whose address is longer.</summary>
    private async Task Live(long others = 0)
    {
        using var headers = EventHeaders.Use(new(Ada));
        var number = (await _journal.Read<Named>("counter-all", Ct)).Count;
        await _journal.Append([new($"counter-{Ada}", others, [Up(1, Ada), Up(2, "nobody")])], Ct);
        await _journal.Append([new("counter-all", number, [Up(3, Ada), Up(4, $"n{Ada}")])], Ct);
        using var silent = EventHeaders.Use(new());
        await _journal.Append([new("counter-all", number + 2, [Up(5, $"{Ada}, {Ada}"), Up(6, "nobody")])], Ct);
    }

    private static EventText Up(int by, string of) => EventText.Of<Named>(new Named.Up(by, of));

    private static string Links(Recorded one) => $"{one.Position} {one.Version} {one.At} {Convert.ToHexString(one.Hash.Span)}";

    private static string Shown(Recorded one, string token) =>
        $"{one.Position} {one.Stream} {one.Version} {one.Event.Json} {one.Headers?.Who}"
            .Replace($"n{Ada}", "LONGER", StringComparison.Ordinal).Replace(Ada, token, StringComparison.Ordinal)
            .Replace("LONGER", $"n{Ada}", StringComparison.Ordinal);

    private Task<IReadOnlyList<string>> Holding(string address) => _database.Texts($"""
        select place from (
          select 'mt_events ' || seq_id as place, concat_ws(' ', stream_id, encode(bdata, 'escape'), user_name) as held
          from journal.mt_events
          union all select 'mt_streams', id from journal.mt_streams
          union all select 'shown_stream', shown || ' ' || stored from journal.shown_stream
          union all select 'shown_event', encode(body, 'escape') || ' ' || who from journal.shown_event
          union all select 'erased', erased::text from journal.erased) as tables
        where held ~ '(^|[^n]){address}'
        """, [], Ct);

    private async Task<IReadOnlyList<long>> Texts() =>
        [.. (await _database.Texts($"""
            select link.position::text from journal.mt_events as stored join journal.link using (seq_id)
            where encode(bdata, 'escape') like '%{Ada}%'
              and not (encode(bdata, 'escape') like '%n{Ada}%' and link.content is null and link.salt is not null)
            order by link.position
            """, [], Ct)).Select(long.Parse)];

    /// <summary>Links the chain again as older versions did, up to a position.</summary>
    private async Task LinkByText(int older)
    {
        var hash = Chain.Genesis.ToArray();
        foreach (var one in await _journal.ReadAll(0, int.MaxValue, Ct))
        {
            hash = Chain.Link(hash, one.Position <= older ? one with { Salt = null } : one);
            await _database.Execute("""
                with linked as (
                  update journal.link set hash = $2, salt = case when position <= $3 then null else salt end
                  where position = $1
                  returning seq_id)
                update journal.mt_events set id = encode(substring($2 from 1 for 16), 'hex')::uuid
                from linked where linked.seq_id = mt_events.seq_id
                """, [one.Position, hash, older], Ct);
        }

        await _database.Execute("update journal.head set hash = $1", [hash], Ct);
    }

    /// <summary>Something of somebody.</summary>
    [JsonDerivedType(typeof(Up), "named/1")]
    private abstract record Named
    {
        public sealed record Up(int By, string Of) : Named;
    }
}
