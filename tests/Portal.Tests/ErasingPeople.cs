using System.Text.RegularExpressions;
using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A person is erased in the middle of a year: address, second address, name and postal address go from everything that
/// is shown, stored in tables or taken out; every amount stays, and the months go on.
/// </summary>
public sealed partial class ErasingPeople
{
    /// <summary>What nobody may find any more. The name of a colleague and a longer address stay.</summary>
    private static readonly string[] Personal =
        ["ada@bu.edu", "ada%40bu.edu", "ada.king@bu.edu", "Ada King", "King, Ada", "12 Ockham Park"];

    private static readonly string[] OfEve = ["eve@uri.edu", "eve%40uri.edu", "Eve Ray"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>
    /// The same amounts before and after, to the cent. All tables of the database are scanned, not those that somebody
    /// thought of.
    /// </summary>
    [Fact]
    public async Task Leaves_amounts_and_nothing_else_in_the_middle_of_a_year()
    {
        using var small = await SmallExchange.Start();
        await Year(small);
        var (balance, invoices, focus) = await Books(small);
        var dry = await small.Json("people erase ada@bu.edu --because asked --dry-run");
        Assert.False(dry.GetProperty("isDone").GetBoolean());
        Assert.Equal(balance, (await Books(small)).Balance);
        Assert.Contains("ada@bu.edu", (await small.Done("invoices list")).Output, StringComparison.Ordinal);

        var done = await small.Json("people erase ada@bu.edu --because \"Ada King asked for it\"");
        var token = done.GetProperty("tokens")[0].GetString()!;
        Assert.Matches("""^p-[0-9a-f]{20}\.bu\.edu@erased\.invalid$""", token);
        Assert.Equal(dry.GetProperty("events").GetInt32(), done.GetProperty("events").GetInt32());

        var eve = (await small.Json("people erase Eve@URI.edu --because \"of Eve Ray\""))
            .GetProperty("tokens")[0].GetString()!;
        await Nothing(small, [.. Personal, .. OfEve]);
        Assert.Empty(await Emptied(small));
        var after = await Books(small);
        Assert.Equal(Shown(balance, token, eve), after.Balance);
        Assert.Equal(Lines(Shown(invoices, token, eve)), Lines(after.Invoices));
        Assert.Equal(focus, after.Focus);
        await NothingTakenOut(small, [.. Personal, .. OfEve]);
        await Verified(small);
        await small.Done("replay");
        await Nothing(small);
        Assert.Equal(after.Invoices, (await Books(small)).Invoices);

        small.Clock.Now = Instant.FromUtc(2026, 12, 3, 9, 0);
        await Used(small, "2026-11");
        await small.Done("close --month 2026-11 --commit");
        Assert.Equal(0L, await Adjusted(small, "2026-11"));
        Assert.Contains(token, await Invoices(small, "2026-11"), StringComparison.Ordinal);
        await Nothing(small);
    }

    [Fact]
    public async Task Late_usage_bills_the_token_and_who_comes_back_is_new()
    {
        using var small = await SmallExchange.Start();
        await Year(small);
        var token = await Erase(small, "ada.king@bu.edu");
        small.Clock.Now = Instant.FromUtc(2026, 12, 3, 9, 0);
        await small.Ran("p1", "pod-late", "2026-10-20T00:00:00Z", "2026-10-21T00:00:00Z");
        await small.Done("close --month 2026-11 --commit");
        Assert.Equal(1L, await Adjusted(small, "2026-11"));
        Assert.Contains(token, await Invoices(small, "2026-11"), StringComparison.Ordinal);

        await small.Told("cluster,project,name,pi\nc1,p9,Nine,ada@bu.edu");
        await small.Ran("p9", "pod-9", "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z");
        small.Clock.Now = Instant.FromUtc(2027, 1, 3, 9, 0);
        await small.Done("close --month 2026-12 --commit");
        Assert.Contains("\"ada@bu.edu\"", await Invoices(small, "2026-12"), StringComparison.Ordinal);
        Assert.Contains(token, await Invoices(small, "2026-11"), StringComparison.Ordinal);
        await small.Done("payments record ada@bu.edu --reference r9 --amount \"0.20 USD\"");
        await Verified(small);

        Assert.NotEqual(token, await Erase(small, "ada@bu.edu"));
        await Nothing(small);
        await Verified(small);
    }

    [Fact]
    public async Task Is_done_again_in_a_copy_of_before()
    {
        using var small = await SmallExchange.Start();
        await Year(small);
        var copy = await TestDatabase.Copy(small.Database);
        var token = await Erase(small, "ada@bu.edu");
        var list = small.Folder("erased.csv");
        await small.Done($"people erased --out {list}");
        Assert.DoesNotMatch(@"\bada\b", await File.ReadAllTextAsync(list, Ct)); // Hashes may hold the letters.

        var data = $"--data {small.Folder("copy")}";
        var restored = await Typed.Done($"people erase --from-list {list} {data}", copy, clock: small.Clock);
        Assert.Contains("1 people", restored.Output, StringComparison.Ordinal);
        var invoices = await Typed.Done($"invoices list --json {data}", copy, clock: small.Clock);
        Assert.Contains(token, invoices.Output, StringComparison.Ordinal);
        Assert.Empty(await Holding(copy, Personal));
    }

    /// <summary>Before, 'amount' went from the keys of every event, which nobody could read any more.</summary>
    [Theory]
    [InlineData("people erase amount", "people/no-address")]
    [InlineData("people erase 100", "people/no-address")]
    [InlineData("people erase bu.edu", "people/no-address")]
    [InlineData("people erase ada@bu.edu --name Price", "people/no-name")]
    [InlineData("people erase ada@bu.edu --name \" \"", "people/no-name")]
    public async Task What_stands_for_other_things_is_erased_nowhere(string line, string code)
    {
        using var small = await SmallExchange.Start();
        await small.Told("cluster,project,name,pi,pi_name\nc1,p1,One,ada@bu.edu,Price\nc1,p2,Two,ben@bu.edu,Ben");
        Assert.Contains(code, (await small.Line($"{line} --because asked")).Errors, StringComparison.Ordinal);
        await Erase(small, "ada@bu.edu");
        await small.Done("projects list");
        await Verified(small);
    }

    /// <summary>Before, a row that was deleted brought the address back, and verify said nothing.</summary>
    [Theory]
    [InlineData("delete from journal.shown_event where seq_id = (select max(seq_id) from journal.shown_event)")]
    [InlineData("insert into journal.shown_event select seq_id, bdata, 'p-00112233445566778899@erased.invalid' " +
        "from journal.mt_events where seq_id = 1")]
    [InlineData("update journal.shown_event set who = null where who is not null")]
    [InlineData("delete from invoicing.shown_block")]
    public async Task What_is_shown_instead_is_as_erasures_left_it(string forged)
    {
        using var small = await SmallExchange.After("ada was erased", async made =>
        {
            await made.Told("cluster,project,name,pi\nc1,p1,One,ada@bu.edu\nc1,p2,Two,ben@bu.edu");
            await made.Ran("p1", "pod-1", "2026-10-02T00:00:00Z", "2026-10-12T10:00:00Z");
            await made.Done("close --month 2026-10 --commit");
            await Erase(made, "ada@bu.edu");
            await Verified(made);
        });
        await small.Sql(forged);
        var next = await small.Line("people erase ben@bu.edu --because asked");
        Assert.Contains("people/changed", next.Errors, StringComparison.Ordinal); // It would say the change is right.
        var verified = await small.Line("verify");
        Assert.True(
            (verified.Output + verified.Errors).Contains("erasure left", StringComparison.Ordinal),
            verified.Output + verified.Errors);
    }

    private static async Task<string> Erase(SmallExchange small, string address) =>
        (await small.Json($"people erase {address} --because asked")).GetProperty("tokens")[0].GetString()!;

    private static async Task<string> Invoices(SmallExchange small, string month) =>
        (await small.Done($"invoices list --month {month} --json")).Output;

    private static async Task Verified(SmallExchange small) => Assert.Contains(
        "Everything is as it was written.", (await small.Done("verify")).Output, StringComparison.Ordinal);

    /// <summary>Two closed months with a merge, a profile, a subsidy, documents, a payment and a credit note.</summary>
    private static async Task Year(SmallExchange small)
    {
        await small.Told("cluster,project,name,pi,pi_name\nc1,p1,One,ada@bu.edu,Ada King\n" +
            "c1,p2,Two,ben@bu.edu,Ben Ada Kingsley\n" +
            "c1,p3,Three,nada@bu.edu,Nada King\nc1,p4,Four,ada.king@bu.edu,Ada King\n" +
            "c1,p5,Five,eve@uri.edu,Eve Ray");
        await small.Done($"directory publish {Product.File("pricing/institutions.yaml")}");
        await small.Done($"programs publish {Product.File("pricing/programmes/nerc-bu-subsidy.yaml")}");
        await small.Done("projects merge ada@bu.edu ada.king@bu.edu");
        await small.Done("settings set --for pi:ada@bu.edu --name \"Dr. Ada King\" " +
            "--address \"12 Ockham Park\" --from 2026-01-01");
        await Used(small, "2026-09");
        await Used(small, "2026-10");
        small.Clock.Now = Instant.FromUtc(2026, 10, 3, 9, 0);
        await small.Done("close --month 2026-09 --commit");
        small.Clock.Now = Instant.FromUtc(2026, 11, 3, 9, 0);
        await small.Done("close --month 2026-10 --commit");
        await small.Done("payments record eve@uri.edu --reference \"Eve Ray, wire 7\" --amount \"0.50 USD\"");
        await small.Done("invoices credit PI-2026-0003 --amount \"0.10 USD\" --because \"agreed with eve@uri.edu.\"");
    }

    private static Task Used(SmallExchange small, string month) => small.Together(async () =>
    {
        await small.Ran("p1", $"pod-1-{month}", $"{month}-02T00:00:00Z", $"{month}-12T10:00:00Z");
        await small.Ran("p2", $"pod-2-{month}", $"{month}-03T00:00:00Z", $"{month}-04T10:00:00Z");
        await small.Ran("p3", $"pod-3-{month}", $"{month}-03T00:00:00Z", $"{month}-05T10:00:00Z");
        await small.Ran("p4", $"pod-4-{month}", $"{month}-06T00:00:00Z", $"{month}-06T10:00:00Z");
        await small.Ran("p5", $"pod-5-{month}", $"{month}-02T00:00:00Z", $"{month}-12T10:00:00Z");
    });

    private static async Task<(string Balance, string Invoices, string Focus)> Books(SmallExchange small)
    {
        var balance = (await small.Done("ledger balance --month 2026-10 --json")).Output;
        var invoices = string.Join('\n', (await small.Json("invoices list")).EnumerateArray()
            .Select(one => one.ToString().ReplaceLineEndings(" ")));
        var folder = small.Folder($"out-{Path.GetRandomFileName()}");
        await small.Done($"export focus --month 2026-10 --out {folder}");
        var sums = Directory.GetFiles(folder, "*.csv", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .SelectMany(File.ReadAllLines).Skip(1)
            .SelectMany(line => Amount().Matches(line).Select(one => one.Value)).Order(StringComparer.Ordinal);
        return (balance, invoices, string.Join(' ', sums));
    }

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Order(StringComparer.Ordinal);

    /// <summary>How many lines of a close are about months before it.</summary>
    private static async Task<long> Adjusted(SmallExchange small, string month)
    {
        await using var database = NpgsqlDataSource.Create(small.Database);
        await using var command = database.CreateCommand(
            "select count(*) from invoicing.line where service_month <> $1 and invoice like $1 || ':%'");
        command.Parameters.Add(new() { Value = month });
        return (long)(await command.ExecuteScalarAsync(Ct))!;
    }

    private static string Shown(string text, string ada, string eve) => text
        .Replace("nada@bu.edu", "NADA", StringComparison.Ordinal).Replace("ada@bu.edu", ada, StringComparison.Ordinal)
        .Replace("NADA", "nada@bu.edu", StringComparison.Ordinal).Replace("eve@uri.edu", eve, StringComparison.Ordinal);

    private static async Task Nothing(SmallExchange small, string[]? personal = null) =>
        Assert.Empty(await Holding(small.Database, personal ?? Personal));

    private static async Task NothingTakenOut(SmallExchange small, string[] personal)
    {
        var folder = small.Folder("taken-out");
        foreach (var report in (string[])["charges", "focus", "settlement", "journal", "invoices"])
        {
            await small.Done($"export {report} --month 2026-10 --out {folder}");
        }

        var said = string.Concat(Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(File.ReadAllText));
        foreach (var line in (string[])[
            "invoices show PI-2026-0001", "invoices show PI-2026-0003", "explain PI-2026-0001#1", "accounts list",
            "directory list", "settings list", "ledger entries --month 2026-10", "search ada", "search Ada"])
        {
            said += (await small.Line(line)).Output;
        }

        Assert.DoesNotContain(personal, text => Regex.IsMatch(
            said, $"(^|[^a-z]){Regex.Escape(text)}($|[^a-z])", RegexOptions.IgnoreCase));
    }

    /// <summary>Blocks of closes that still have what is shown in another form; bodies are packed.</summary>
    private static async Task<IReadOnlyList<string>> Emptied(SmallExchange small)
    {
        await using var database = NpgsqlDataSource.Create(small.Database);
        Assert.NotEmpty(await database.Texts("select run from invoicing.shown_block", [], Ct));
        return await database.Texts("""
            select run || ' ' || number
            from invoicing.kept_block
            join invoicing.shown_block using (run, number)
            where kept_block.body <> '' or salt is not null
            """, [], Ct);
    }

    /// <summary>Every place of the database that holds something personal, what was appended too.</summary>
    private static async Task<List<string>> Holding(string connection, string[] personal)
    {
        const string Sql = """
            select format('%I.%I', n.nspname, c.relname), array_agg(
              case format_type(a.atttypid, null) when 'bytea' then format('encode(%I, ''escape'')', a.attname)
                   else format('%I::text', a.attname) end)
            from pg_class c join pg_namespace n on n.oid = relnamespace join pg_attribute a on attrelid = c.oid
            where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and relkind in ('r', 'v')
              and attnum > 0 and not attisdropped
            group by 1
            """;
        await using var database = NpgsqlDataSource.Create(connection);
        var tables = new List<(string Name, string[] Columns)>();
        await using (var command = database.CreateCommand(Sql))
        await using (var rows = await command.ExecuteReaderAsync(Ct))
        {
            while (await rows.ReadAsync(Ct))
            {
                tables.Add((rows.GetString(0), rows.GetFieldValue<string[]>(1)));
            }
        }

        var holding = new List<string>();
        foreach (var (name, columns) in tables)
        {
            foreach (var text in personal)
            {
                await using var command = database.CreateCommand(
                    $"select count(*) from {name} where concat_ws(' ', {string.Join(',', columns)}) ~* $1");
                command.Parameters.Add(new() { Value = $"(^|[^a-z]){Regex.Escape(text)}($|[^a-z])" });
                if (await command.ExecuteScalarAsync(Ct) is > 0L)
                {
                    holding.Add($"{name}: {text}");
                }
            }
        }

        return holding;
    }

    [GeneratedRegex("""(?<=,)-?\d+\.\d+(?=,)""")]
    private static partial Regex Amount();
}
