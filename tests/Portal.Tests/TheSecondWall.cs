using Exchange.Portal.Keys;
using Exchange.Portal.Web.Access;
using Exchange.Testing;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Invariant 7: Postgres itself keeps everyone to their own rows, whatever a query forgets. Seen to fail when a policy
/// is dropped, and with views that keep the role of the server.
/// </summary>
public partial class TheSecondWall
{
    private static readonly string[] Forgetful =
    [
        "select count(*) from exchange.charge",
        "select count(*) from exchange.charge where month = '2026-10' or true",
        "select count(*) from exchange.day",
        "select count(*) from exchange.charge_day",
    ];

    [Fact]
    public async Task A_query_that_forgets_to_ask_whose_still_answers_with_ones_own_rows_only()
    {
        await using var serving = await Filled.Start();
        foreach (var sql in Forgetful)
        {
            var all = await Count(serving, Person("finance"), sql);
            Assert.Equal(all / 2, await Count(serving, Person("ada"), sql));
            Assert.Equal(all / 2, await Count(serving, Person("nerc"), sql));
            Assert.Equal(0, await Count(serving, Person("operator"), sql));
            Assert.Equal(0, await Count(serving, Person("subsidy"), sql));
            Assert.Equal(0, await Count(serving, null, sql));
            Assert.True(all > 0);
        }
    }

    [Fact]
    public async Task A_deliberately_wrong_query_for_another_landlord_or_PI_returns_nothing()
    {
        await using var serving = await Filled.Start();
        const string Others = "select count(*) from exchange.charge where landlord = 'other' and pi = 'ben@mit.edu'";
        Assert.Equal(0, await Count(serving, Person("nerc"), Others));
        Assert.Equal(0, await Count(serving, Person("ada"), Others));
        Assert.Equal(1, await Count(serving, Person("ben"), Others));
        Assert.Equal(1, await Count(serving, Person("finance"), Others));
        foreach (var table in (string[])["sold", "landlord_day"])
        {
            var sql = $"select count(*) from exchange.{table} where landlord = 'other'";
            Assert.Equal(0, await Count(serving, Person("nerc"), sql));
            Assert.Equal(0, await Count(serving, Person("ada"), sql));
            Assert.NotEqual(0, await Count(serving, Person("other"), sql));
        }
    }

    /// <summary>Sums over customers are no PI's, credits no landlord's, and a payer reads what it pays alone.</summary>
    [Fact]
    public async Task Sums_of_costs_and_credits_are_read_by_those_whose_they_are()
    {
        await using var serving = await Filled.Start();
        await ReadModels.RateMonths.Run(serving.Exchange, _ => { }, Serving.Ct); // Nothing is left to write.
        await using (var credits = serving.Exchange.Database.CreateCommand("""
            insert into exchange.credit
            select month, id, pi, fund, payer, landlord, service, cluster, project, project_name, institution, sku, 5,
                   array[1]
            from exchange.charge, (values ('a', 'bu-research-it'), ('b', 'else')) of (fund, payer);
            insert into exchange.cost_sum
            select month, usage_month, 'credit', landlord, service, cluster, institution, sku, 'a', 'bu-research-it',
                   '', 0, -5, day_cents, day_quantity
            from exchange.cost_sum
            """))
        {
            await credits.ExecuteNonQueryAsync(Serving.Ct);
        }

        const string Credits = "select count(*) from exchange.credit";
        const string Sums = "select count(*) from exchange.cost_sum";
        foreach (var (who, credits, sums) in ((string, long, long)[])[
            ("finance", 8, 4), ("ada", 4, 0), ("ben", 4, 0), ("nerc", 0, 1), ("other", 0, 1), ("subsidy", 4, 2),
            ("operator", 0, 0)])
        {
            Assert.Equal((who, credits, sums), (
                who, await Count(serving, Person(who), Credits), await Count(serving, Person(who), Sums)));
        }
    }

    [Fact]
    public async Task Which_addresses_are_one_persons_is_seen_by_that_person_and_finance()
    {
        await using var serving = await Written("invoicing.alias",
            $"('old@mit.edu', '{Person("ada").Pi!.Value}'), ('ben@old.edu', 'ben@mit.edu')");
        foreach (var (who, seen) in ((string, long)[])[
            ("finance", 2), ("ada", 1), ("ben", 1), ("nerc", 0), ("operator", 0), ("subsidy", 0)])
        {
            Assert.Equal((who, seen), (who, await Count(
                serving, Person(who), "select count(*) from invoicing.alias")));
        }
    }

    [Fact]
    public async Task Which_invoices_an_institution_took_is_seen_by_finance()
    {
        await using var serving = await Written("invoicing.taken", "('IN-2026-0099', '2026-10:ben@mit.edu')");
        foreach (var (who, seen) in ((string, long)[])[
            ("finance", 1), ("ada", 0), ("ben", 0), ("nerc", 0), ("operator", 0)])
        {
            Assert.Equal((who, seen), (who, await Count(
                serving, Person(who), "select count(*) from invoicing.taken")));
        }
    }

    /// <summary>
    /// With rows in a table of invoices. A projection empties its tables before it applies the first event of a journal,
    /// so one is there and applied before they are written.
    /// </summary>
    private static async Task<Serving> Written(string table, string rows)
    {
        var serving = await Filled.Start();
        await serving.Exchange.Do(new CreateKey("first event", null, KeyScope.Read, "test"));
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        await using var command = serving.Exchange.Database.CreateCommand($"insert into {table} values {rows}");
        await command.ExecuteNonQueryAsync(Serving.Ct);
        return serving;
    }

    [Fact]
    public async Task Resources_are_their_PI_s_and_finance_s_and_nobody_else_s()
    {
        await using var serving = await Filled.Start();
        foreach (var table in (string[])["costly", "gpu_held"])
        {
            var sql = $"select count(*) from exchange.{table}";
            Assert.Equal(2, await Count(serving, Person("finance"), sql));
            Assert.Equal(1, await Count(serving, Person("ada"), sql));
            Assert.Equal(0, await Count(serving, Person("ada"), $"{sql} where pi = 'ben@mit.edu'"));
            foreach (var other in (string[])["nerc", "operator", "subsidy"])
            {
                Assert.Equal(0, await Count(serving, Person(other), sql));
            }
        }
    }

    [Theory]
    [InlineData("select count(*) from journal.event")]
    [InlineData("select count(*) from metering.block")]
    [InlineData("with gone as (delete from exchange.charge returning 1) select count(*) from gone")]
    [InlineData("with new as (update exchange.charge set pi = '' returning 1) select count(*) from new")]
    public async Task What_was_not_granted_cannot_be_read_and_nothing_can_be_written(string sql)
    {
        await using var serving = await Filled.Start();
        var e = await Assert.ThrowsAsync<PostgresException>(() => Count(serving, Person("finance"), sql));
        Assert.Contains(e.SqlState, (string[])["42501", "25006"]);
    }

    [Fact]
    public async Task Nothing_of_one_viewer_stays_behind_in_the_connection_for_the_next()
    {
        await using var serving = await Filled.Start();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(4, await Count(serving, Person("finance"), "select count(*) from exchange.charge"));
            Assert.Equal(0, await Count(serving, null, "select count(*) from exchange.charge"));
        }

        await using var owner = serving.Exchange.Database.CreateCommand("select current_user = session_user");
        Assert.True((bool)(await owner.ExecuteScalarAsync(Serving.Ct))!);
    }

    [Fact]
    public async Task Every_table_that_pages_may_read_is_behind_the_wall()
    {
        await using var serving = await Serving.Start();
        const string Sql = """
            select format('%s.%s', n.nspname, c.relname)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p', 'v', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
              and not c.relrowsecurity and c.relname <> 'rated'
              and has_table_privilege('exchange_viewer', c.oid, 'select')
            order by 1
            """;
        await using var command = serving.Exchange.Database.CreateCommand(Sql);
        await using var rows = await command.ExecuteReaderAsync(Serving.Ct);
        Assert.False(await rows.ReadAsync(Serving.Ct), "A table is granted to pages without a policy.");
    }

    [Fact]
    public void No_page_and_no_route_reads_around_the_wall()
    {
        string[] places = [Product.File("src/Portal/Pages"), Product.File("src/Portal/Api")];
        var around = places.SelectMany(place => Directory.EnumerateFiles(place, "*.cs", SearchOption.AllDirectories))
            .Where(file => Commands().Replace(File.ReadAllText(file), "") is var text &&
                (text.Contains("NpgsqlDataSource", StringComparison.Ordinal) ||
                 text.Contains("exchange.Database", StringComparison.Ordinal)));
        Assert.Equal([], around);
    }

    private static Viewer Person(string id) => Serving.People.Single(p => p.Id == id).Viewer;

    private static async Task<long> Count(Serving serving, Viewer? viewer, string sql)
    {
        await using var view = new View(serving.Exchange.Views, viewer);
        await using var command = await view.Command(sql, Serving.Ct);
        return (long)(await command.ExecuteScalarAsync(Serving.Ct))!;
    }

    /// <summary>A command is handed the database; who may run it is decided where commands are executed.</summary>
    [System.Text.RegularExpressions.GeneratedRegex(@"new \w+\(\s*exchange\.Database, ")]
    private static partial System.Text.RegularExpressions.Regex Commands();
}
