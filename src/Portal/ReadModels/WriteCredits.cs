using System.Runtime.CompilerServices;
using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Costs;
using Exchange.Portal.Funds;
using Exchange.Portal.Spend;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Portal.ReadModels;

/// <summary>
/// Writes what funds pay of each month's charges: of closed months as billed, of open ones as closes would reckon it
/// now. A month of which neither charges nor funds changed is left alone.
/// </summary>
internal static class WriteCredits
{
    /// <summary>How many accounts' charges are in memory at once.</summary>
    private const int AccountsAtOnce = 100;

    /// <param name="atOnce">Of how many accounts charges are in memory; it changes nothing of what is written.</param>
    public static async Task Run(
        Composition exchange, Instant now, CancellationToken ct, int atOnce = AccountsAtOnce)
    {
        var known = await FundVersions.Read(exchange, ct);
        var late = LateUsage.VersionOf(await exchange.Late.Fresh(known.Version, now, ct));
        var months = await Months(exchange.Database, ct);
        var isStale = months.Any(month => !month.Closed && $"{month.At}/{known.Version}{late}" != month.Basis);
        var open = isStale ? await OpenCredits.Read(exchange, known, now, ct) : null;
        var isAfterChange = false;
        foreach (var (month, isClosed, ratedAt, credited) in months)
        {
            var basis = isClosed ? ratedAt : $"{ratedAt}/{known.Version}{late}";
            isAfterChange |= !isClosed && basis != credited;
            if (isClosed ? basis == credited : !isStale)
            {
                continue;
            }

            var billed = isClosed ? await BilledLines.InvoicedIn(exchange.Database, month, ct) : null;
            await using var connection = await exchange.Database.OpenConnectionAsync(ct);
            var credits = billed is null
                ? Open(connection, open!, month, atOnce, ct)
                : Billed(connection, billed, month, atOnce, ct);
            if (isClosed || isAfterChange)
            {
                await Write(connection, month, credits, basis, ct);
            }
            else
            {
                await foreach (var _ in credits)
                {
                    // What an earlier month takes of each fund is taken before what comes after it is reckoned.
                }
            }
        }
    }

    private static async Task<IReadOnlyList<(BillingMonth Month, bool Closed, string At, string Basis)>> Months(
        NpgsqlDataSource database, CancellationToken ct)
    {
        const string Sql = """
            select month, closed, rated_at, coalesce(c.basis, '')
            from exchange.rated left join exchange.credited c using (month)
            order by month
            """;
        await using var command = database.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var months = new List<(BillingMonth, bool, string, string)>();
        while (await rows.ReadAsync(ct))
        {
            months.Add((
                BillingMonth.Parse(rows.GetString(0)), rows.GetBoolean(1),
                Text.Of(rows.GetFieldValue<Instant>(2)), rows.GetString(3)));
        }

        return months;
    }

    /// <summary>What funds would pay, some PIs at a time: a month has more charges than fit into memory.</summary>
    private static async IAsyncEnumerable<IReadOnlyList<Credit>> Open(
        NpgsqlConnection connection, OpenCredits open, BillingMonth month, int atOnce,
        [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var pis in (await PisOf(connection, month, ct)).Chunk(atOnce))
        {
            yield return open.Of(month, await Charges.Of(connection, month, pis, ct));
        }
    }

    /// <summary>What funds paid, some accounts at a time.</summary>
    private static async IAsyncEnumerable<IReadOnlyList<Credit>> Billed(
        NpgsqlConnection connection, ILookup<Account, InvoiceLine> accounts, BillingMonth month, int atOnce,
        [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var some in accounts.Chunk(atOnce))
        {
            var charges = await Charges.Of(connection, month, [.. some.Select(of => of.Key.Pi?.Value ?? "")], ct);
            var byId = charges.ToDictionary(charge => (charge.Id, charge.Pi));
            yield return [.. some.SelectMany(account => Credit.Of(byId, account.Key, account))];
        }
    }

    /// <summary>Who used something in a month, in the order in which prepaid money is asked for.</summary>
    private static async Task<IReadOnlyList<string>> PisOf(
        NpgsqlConnection connection, BillingMonth month, CancellationToken ct)
    {
        await using var command = connection.Statement(
            "select distinct pi from exchange.charge where month = $1 and pi <> ''", [month.ToString()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var pis = new List<string>();
        while (await rows.ReadAsync(ct))
        {
            pis.Add(rows.GetString(0));
        }

        pis.Sort(StringComparer.Ordinal);
        return pis;
    }

    private static async Task Write(
        NpgsqlConnection connection, BillingMonth month, IAsyncEnumerable<IReadOnlyList<Credit>> credits, string basis,
        CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await connection.Execute(
            "select pg_advisory_xact_lock(hashtext('exchange.charge ' || $1))", [month.ToString()], ct);
        foreach (var old in (string[])[
            "delete from exchange.credit where month = $1",
            "delete from exchange.cost_sum where month = $1 and fund <> ''",
            "delete from exchange.credited where month = $1"])
        {
            await connection.Execute(old, [month.ToString()], ct);
        }

        var cube = new CostCube(month);
        await foreach (var some in credits)
        {
            await Copy(connection, month, some, cube, ct);
        }

        await cube.Write(connection, ct);
        await connection.Execute(
            "insert into exchange.credited (month, basis) values ($1, $2)", [month.ToString(), basis], ct);
        await transaction.CommitAsync(ct);
    }

    private static async Task<Dictionary<(string, string), int[]>> Days(
        NpgsqlConnection connection, BillingMonth month, IReadOnlyList<Credit> credits, CancellationToken ct)
    {
        await using var command = connection.Statement(
            "select id, pi, weights from exchange.charge_day where month = $1 and id = any($2)",
            [month.ToString(), credits.Select(credit => credit.Charge.Id).Distinct().ToArray()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var days = new Dictionary<(string, string), int[]>();
        while (await rows.ReadAsync(ct))
        {
            days[(rows.GetString(0), rows.GetString(1))] = rows.GetFieldValue<int[]>(2);
        }

        return days;
    }

    private static async Task Copy(
        NpgsqlConnection connection, BillingMonth month, IReadOnlyList<Credit> credits, CostCube cube,
        CancellationToken ct)
    {
        const string Sql = """
            copy exchange.credit (
              month, id, pi, fund, payer, landlord, service, cluster, project, project_name, institution, sku, cents,
              weights)
            from stdin (format binary)
            """;

        if (credits.Count == 0)
        {
            return;
        }

        var days = await Days(connection, month, credits, ct);
        await using var rows = await connection.BeginBinaryImportAsync(Sql, ct);
        foreach (var credit in credits)
        {
            var weights = days.GetValueOrDefault((credit.Charge.Id, credit.Charge.Pi?.Value ?? ""))
                ?? DaysOfCharge.On(0, month.Period.Length.Days); // Charges that were written by a test alone.
            await Copy(rows, month, credit, weights, ct);
            cube.Add(
                new(credit.Charge.Id.Split(':')[0], "credit", credit.Charge.Landlord.Value, credit.Charge.Service,
                    credit.Charge.Cluster.Value, credit.Charge.Institution ?? "", credit.Charge.Sku.Value,
                    credit.Fund, credit.Payer, ""), -credit.Amount.Cents, 0, weights);
        }

        await rows.CompleteAsync(ct);
    }

    private static async Task Copy(
        NpgsqlBinaryImporter rows, BillingMonth month, Credit credit, int[] weights, CancellationToken ct)
    {
        var charge = credit.Charge;
        await rows.StartRowAsync(ct);
        foreach (var text in (string[])[
            month.ToString(), charge.Id, charge.Pi?.Value ?? "", credit.Fund, credit.Payer, charge.Landlord.Value,
            charge.Service, charge.Cluster.Value, charge.Project.Value, charge.ProjectName, charge.Institution ?? "",
            charge.Sku.Value])
        {
            await rows.WriteAsync(text, NpgsqlDbType.Text, ct);
        }

        await rows.WriteAsync(credit.Amount.Cents, NpgsqlDbType.Bigint, ct);
        await rows.WriteAsync(weights, NpgsqlDbType.Array | NpgsqlDbType.Integer, ct);
    }
}
