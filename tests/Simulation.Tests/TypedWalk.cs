using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>
/// A small exchange walked at the command line, of which every amount can be worked out by hand: an hour of a vCPU costs
/// 0.10, new PIs of partners get 100.00 in two months, BU pays 50.00 a month, Harvard takes what its PIs owe. In the end
/// it holds: closes proposed nothing again and are given back as of their days, issued numbers are explained by the bytes
/// of then, read models can be built again, and FOCUS comes to what invoices ask for.
/// </summary>
internal sealed class TypedWalk : IAsyncDisposable
{
    private const string Institutions = """
        institutions:
          - {name: Boston University, domains: [bu.edu], partner_since: 2013-06}
          - {name: Harvard University, domains: [harvard.edu], partner_since: 2013-06, invoiced_since: 2020-01}
          - {name: Massachusetts Institute of Technology, domains: [mit.edu]}
        """;

    private const string Promotion = """
        programme: nerc-new-pi-credit
        kind: promotion
        payer: mghpcc
        order: 20
        terms:
          - {from: 2020-01, amount: "100", window_months: 2, eligible: partners, share: in-order}
        """;

    private const string Subsidy = """
        programme: nerc-bu-subsidy
        kind: subsidy
        payer: bu-it
        order: 30
        terms:
          - {from: 2020-01, amount: "50", eligible: [Boston University], share: in-order}
        """;

    private readonly TypedExchange _exchange;
    private readonly SortedDictionary<BillingMonth, (LocalDate Day, string Charges, string Invoices)> _closed = [];
    private readonly SortedDictionary<string, string> _explained = new(StringComparer.Ordinal);
    private int _readings;

    private TypedWalk(TypedExchange exchange) => _exchange = exchange;

    public TypedExchange Exchange => _exchange;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <param name="billedBefore">Who is not new.</param>
    public static async Task<TypedWalk> Start(params string[] billedBefore)
    {
        var exchange = await TypedExchange.Start(Instant.FromUtc(2026, 1, 1, 0, 0));
        var walk = new TypedWalk(exchange);
        await walk.Type($"directory publish {await exchange.File(Institutions, "yaml")}");
        await walk.Type($"programs publish {await exchange.File(Promotion, "yaml")}");
        await walk.Type($"programs publish {await exchange.File(Subsidy, "yaml")}");
        await walk.Type($"prices publish {await exchange.File(Sheet("0.10"), "yaml")}");
        if (billedBefore.Length > 0)
        {
            await walk.Type("directory opening " + await exchange.File(
                "pi,first_billed\n" + string.Concat(billedBefore.Select(pi => $"{pi},2020-01\n")), "csv"));
        }

        return walk;
    }

    public static string Sheet(string rate) =>
        Neighbors.Sheet("acme", "a1", "compute", "vm", "vcpu", rate);

    public Task<string> Type(string line, string? input = null) => _exchange.Type(line, input);

    public async Task Refused(string code, string line) => Assert.Equal(code, await _exchange.Try(line));

    /// <summary>Whose a project is, since a day or for ever.</summary>
    public async Task Owner(
        string project, string pi, string from = "2025-12", string code = "", string cluster = "a1") => await Type(
        "projects import " + await _exchange.File(
            $"cluster,project,name,pi,code,from\n{cluster},{project},{project},{pi},{code},{from}\n", "csv"));

    /// <summary>A server of a project, told once it is off: a hundred vCPU for an hour are 10.00.</summary>
    public async Task Used(string project, string from, int hours, int vcpu)
    {
        var start = Instant.FromDateTimeUtc(DateTime.SpecifyKind(
            DateTime.Parse(from, CultureInfo.InvariantCulture), DateTimeKind.Utc));
        var id = $"r{++_readings}";
        _exchange.Time = Instant.Max(_exchange.Time, start + Duration.FromHours(hours + 1));
        await Type("ingest -", $$"""
            {"specversion":"1.0","id":"{{id}}","source":"urn:meter","type":"exchange.usage.interval.v1",
            "subject":"server-{{id}}","time":"{{Text.Of(start)}}",
            "data":{"landlord":"acme","cluster":"a1","project":"{{project}}","kind":"vm","from":"{{Text.Of(start)}}",
            "to":"{{Text.Of(start + Duration.FromHours(hours))}}","state":"running","shape":{"vcpu":{{vcpu}}} } }
            """);
    }

    /// <summary>Closes a month two days after its end; to close it once more, and to look at the next, changes
    /// nothing.</summary>
    public async Task Close(string of, string accept = "")
    {
        var month = BillingMonth.Parse(of);
        _exchange.Time = Instant.Max(_exchange.Time, month.End + Duration.FromDays(2));
        await Type($"close --month {month} --commit --accept close/parked{accept}");
        const string Events = "select count(*)::text, '' from journal.event where stream not like 'audit%'";
        var before = await _exchange.Rows(Events);
        await Type($"close --month {month} --commit --accept close/parked{accept}");
        Assert.Equal(before, await _exchange.Rows(Events));
        var next = JsonDocument.Parse(await Type($"close --month {month.Next} --accept close/parked --json")).RootElement;
        Assert.Equal([], next.GetProperty("invoices").EnumerateArray()
            .Where(invoice => invoice.GetProperty("adjustments").GetInt32() > 0).Select(invoice => $"{invoice}"));
        await Conserves();
        _closed[month] = await Written(month, null);
        await Explain();
        _exchange.Time += Duration.FromDays(1); // What happens from here on is not of the day of the close.
    }

    /// <summary>A day passes, and everything that was issued meanwhile has to be explained so for ever.</summary>
    public async Task Later(int days = 1)
    {
        await Conserves();
        await Explain();
        _exchange.Time += Duration.FromDays(days);
    }

    /// <summary>Each invoice as 'number account total owed open status', in dollars, in order.</summary>
    public async Task<string[]> Invoices() => [.. (await _exchange.Rows("""
        select number, concat_ws(' ', account, total / 100.0::numeric(9,2), owed / 100.0::numeric(9,2),
                                 open / 100.0::numeric(9,2), status)
        from invoicing.invoice where number is not null
        union all
        select number, concat_ws(' ', party, owed / 100.0::numeric(9,2), open / 100.0::numeric(9,2), status)
        from invoicing.party_invoice
        order by 1
        """)).Select(row => $"{row.Of} {string.Join(' ', row.Row.Split(' ').Select(Plain))}")];

    /// <summary>What an account owes in all, as its statement says, in dollars.</summary>
    public async Task<string> Owes(string account)
    {
        var shown = JsonDocument.Parse(await Type($"accounts show \"{account}\" --json")).RootElement;
        return shown.GetProperty("closing").GetString()!;
    }

    /// <summary>What the ledger has of accounts that begin so, in dollars.</summary>
    public async Task<string[]> Ledger(string begins) => [.. (await _exchange.Rows($"""
        select account, sum(cents)::text from invoicing.posting where account like '{begins}%'
        group by account having sum(cents) <> 0 order by 1
        """)).Select(row => $"{row.Of} {Dollars(row.Row)}")];

    /// <summary>What always holds, once all is done.</summary>
    public async Task Holds()
    {
        await Conserves();
        await Explain();
        await AsThen();
        Assert.Equal(await AsInvoiced(), await InFocus());
        await Type("verify");
        await Type("replay");
        await Conserves();
        await AsThen();
        await Type("verify");
    }

    public ValueTask DisposeAsync() => _exchange.DisposeAsync();

    private async Task AsThen()
    {
        foreach (var (month, before) in _closed)
        {
            Assert.Equal(before, await Written(month, before.Day));
        }

        foreach (var (number, bytes) in _explained)
        {
            Assert.Equal($"{number} {bytes}", $"{number} {await Explained(number)}");
        }
    }

    private async Task Conserves()
    {
        await using var database = NpgsqlDataSource.Create(_exchange.Database);
        Assert.Equal([], await Conservation.Broken(database, Ct));
    }

    private async Task Explain()
    {
        foreach (var line in await Invoices())
        {
            var number = line.Split(' ')[0];
            if (!_explained.ContainsKey(number))
            {
                _explained[number] = await Explained(number);
            }
        }
    }

    private async Task<string> Explained(string number)
    {
        var whole = JsonNode.Parse(await Type($"explain {number} --json"))!.AsObject();
        whole.Remove("row"); // What was paid of it since.
        return whole.ToJsonString();
    }

    private async Task<(LocalDate Day, string Charges, string Invoices)> Written(BillingMonth month, LocalDate? day)
    {
        var then = day ?? _exchange.Time.InUtc().Date;
        var asOf = day is null ? "" : $" --as-of {then:uuuu-MM-dd}";
        return (then, await Exported("charges", month, asOf), await Type($"invoices list --month {month}{asOf}"));
    }

    /// <summary>What each number asks for in FOCUS 1.3, over all months, in cents; none that comes to nothing.</summary>
    private async Task<string[]> InFocus()
    {
        var sums = new SortedDictionary<string, decimal>(StringComparer.Ordinal);
        for (var month = _closed.Keys.Min(); month <= BillingMonth.Of(_exchange.Time); month = month.Next)
        {
            if (month > _closed.Keys.Max() && month < BillingMonth.Of(_exchange.Time))
            {
                continue;
            }

            var rows = (await Exported("focus", month, " --focus 1.3")).TrimEnd('\n').Split('\n')
                .Select(Cells).ToList();
            var (id, cost) = (rows[0].IndexOf("InvoiceId"), rows[0].IndexOf("BilledCost"));
            foreach (var row in rows.Skip(1).Where(row => !row[id].StartsWith("provisional", StringComparison.Ordinal)))
            {
                sums[row[id]] = sums.GetValueOrDefault(row[id]) + decimal.Parse(row[cost], CultureInfo.InvariantCulture);
            }
        }

        return [.. sums.Where(of => of.Value != 0).Select(of => $"{of.Key} {of.Value:0.00}")];
    }

    private async Task<string[]> AsInvoiced() => [.. (await _exchange.Rows("""
        select number, cents::text from (
          select number, owed as cents from invoicing.invoice
          where number is not null and status not in ('void', 'taken')
          union all
          select number, owed from invoicing.party_invoice where status <> 'void' and kind <> 'group'
          union all
          select number, -cents from invoicing.credit
          union all
          select number, -cents from invoicing.party_credit) told
        where cents <> 0 order by number collate "C"
        """)).Select(row => $"{row.Of} {Dollars(row.Row)}")];

    private async Task<string> Exported(string report, BillingMonth month, string options)
    {
        var folder = Directory.CreateTempSubdirectory("exchange-walk-");
        await Type($"export {report} --month {month} --out {folder.FullName}{options}");
        var text = await File.ReadAllTextAsync(
            Path.Combine(folder.FullName, $"{report}-{month}.csv"), Ct);
        folder.Delete(recursive: true);
        return text;
    }

    private static List<string> Cells(string line)
    {
        var (cells, cell, isQuoted) = (new List<string>(), new System.Text.StringBuilder(), false);
        foreach (var letter in line)
        {
            if (letter == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (letter == ',' && !isQuoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else
            {
                cell.Append(letter);
            }
        }

        cells.Add(cell.ToString());
        return cells;
    }

    private static string Plain(string word) =>
        decimal.TryParse(word, NumberStyles.Number, CultureInfo.InvariantCulture, out var amount)
            ? amount.ToString("0.00", CultureInfo.InvariantCulture) : word;

    private static string Dollars(string cents) =>
        (long.Parse(cents, CultureInfo.InvariantCulture) / 100m).ToString("0.00", CultureInfo.InvariantCulture);
}
