using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Exchange.Testing;
using NodaTime;

namespace Exchange.Simulation.Tests;

/// <summary>
/// Eight people at two landlords for five drawn months: two whom BU subsidizes, two for whom Harvard is billed under
/// codes, one new at MIT, one of nowhere, and two of a prepaid group whose money runs out.
/// </summary>
internal sealed partial class Neighbors(int seed)
{
    /// <summary>The months that are closed before anything else happens, and those after.</summary>
    public static readonly IReadOnlyList<string> Closed = ["2026-01", "2026-02", "2026-03"];
    public static readonly IReadOnlyList<string> Coming = ["2026-04", "2026-05"];

    public static readonly Instant Now = Instant.FromUtc(2026, 6, 3, 9, 0);

    /// <summary>Each project and its PI. Those of 'vol-' have volumes at bolt, the others servers at acme.</summary>
    public static readonly IReadOnlyList<(string Project, string Pi, string Code)> Projects =
    [
        ("ann", "ann@bu.edu", ""), ("bob", "bob@bu.edu", ""), ("vol-bob", "bob@bu.edu", ""),
        ("hal", "hal@harvard.edu", "111"), ("hue", "hue@harvard.edu", "222"), ("mia", "mia@mit.edu", ""),
        ("vol-out", "out@elsewhere.edu", ""), ("gus", "gus@elsewhere.edu", ""), ("gil", "gil@elsewhere.edu", ""),
    ];

    /// <summary>Everything that tells of one account: lines, entries, and lines to those who pay for it.</summary>
    private const string Sql = """
        select 'pi:' || account,
               concat_ws(' ', told_in, sign, service_month, landlord, service, cluster, project, project_name, sku,
                         quantity, unit, rate, cents, funds, sheet, adjusts, from_at, to_at)
        from invoicing.told_line
        union all
        select substr(p.account, strpos(p.account, ':') + 1),
               concat_ws(' ', split_part(p.account, ':', 1), p.cents, p.month, p.what,
                         coalesce(i.number, p.reference))
        from invoicing.posting p
        left join invoicing.invoice i on p.reference = 'invoice-' || i.id
        where p.account ~ '^(receivable|unapplied|payable):'
        union all
        select i.kind || ':' || i.party,
               concat_ws(' ', i.month, i.status, l.pi, l.what, l.code, l.service_month, l.cents)
        from invoicing.party_line l join invoicing.party_invoice i on i.number = l.invoice
        union all
        select 'landlord:' || landlord, concat_ws(' ', month, gross, share, hardware, transfers, lines)
        from invoicing.settlement
        """;

    public static string Pi(string project) => Projects.Single(of => of.Project == project).Pi;

    /// <summary>An exchange in which three months are closed, and all usage of five was reported.</summary>
    public async Task<TypedExchange> Live()
    {
        var drawn = new Random(seed);
        var exchange = await TypedExchange.Start(Now);
        await exchange.Type($"directory publish {Product.File("pricing/institutions.yaml")}");
        await exchange.Type($"programs publish {Product.File("pricing/programmes")}");
        foreach (var sheet in (string[])[
            Sheet("acme", "a1", "compute", "vm", "vcpu", "0.37"),
            Sheet("bolt", "b1", "volumes", "volume", "storage_gib", "0.0031")])
        {
            await exchange.Type($"prices publish {await exchange.File(sheet, "yaml")}");
        }

        await Tell(exchange, "2025-12", Projects);
        await exchange.Type("prepaid open G --contact gus@elsewhere.edu");
        await exchange.Type("prepaid cover G --project gus --from 2026-01");
        await exchange.Type("prepaid cover G --project gil --from 2026-01");
        await exchange.Type(
            $"prepaid pay G --amount \"{drawn.Next(200, 2_000)}.00 USD\" --reference w1 --from 2026-01");
        var readings =
            from month in Closed.Concat(Coming)
            from of in Projects
            from n in Enumerable.Range(0, 3)
            select Drawn(drawn, of.Project, month, $"{n}");
        await exchange.Type("ingest -", $"[{string.Join(',', readings)}]");
        foreach (var month in Closed)
        {
            await Close(exchange, month);
        }

        return exchange;
    }

    public static async Task Close(TypedExchange exchange, string month) =>
        await exchange.Type($"close --month {month} --commit --accept close/parked");

    public static async Task Tell(
        TypedExchange exchange, string from, IEnumerable<(string Project, string Pi, string Code)> projects)
    {
        var csv = new StringBuilder("cluster,project,name,pi,code,from\n");
        foreach (var (project, pi, code) in projects)
        {
            var cluster = project.StartsWith("vol-", StringComparison.Ordinal) ? "b1" : "a1";
            csv.Append(CultureInfo.InvariantCulture, $"{cluster},{project},{project},{pi},{code},{from}\n");
        }

        await exchange.Type($"projects import {await exchange.File(csv.ToString(), "csv")}");
    }

    /// <summary>A reading of a project for drawn hours of a month, whose id ends with this.</summary>
    public static string Drawn(Random drawn, string project, string month, string n)
    {
        var id = $"{project}-{month}-{n}";
        var isVolume = project.StartsWith("vol-", StringComparison.Ordinal);
        var from = BillingMonth.Parse(month).Start.ToDateTimeUtc().AddHours(drawn.Next(0, 200));
        var until = from.AddHours(drawn.Next(24, 400));
        var shape = isVolume ? $"\"storage_gib\":{drawn.Next(10, 900)}" : $"\"vcpu\":{drawn.Next(1, 9)}";
        return $$"""
            {"specversion":"1.0","id":"{{id}}","source":"urn:meter","type":"exchange.usage.interval.v1",
            "subject":"server-{{id}}","time":"{{until:s}}Z",
            "data":{"landlord":"{{(isVolume ? "bolt" : "acme")}}","cluster":"{{(isVolume ? "b1" : "a1")}}",
            "project":"{{project}}","kind":"{{(isVolume ? "volume" : "vm")}}","from":"{{from:s}}Z","to":"{{until:s}}Z",
            "state":"running","shape":{{{shape}}} } }
            """;
    }

    /// <summary>What is told of each account; numbers of documents without what they count.</summary>
    public static async Task<SortedDictionary<string, string>> Told(TypedExchange exchange)
    {
        var told = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var of in (await exchange.Rows(Sql)).GroupBy(row => row.Of))
        {
            told[of.Key] = string.Join('\n', of.Select(row => Number().Replace(row.Row, "$1"))
                .Order(StringComparer.Ordinal));
        }

        return told;
    }

    public static string Sheet(
        string landlord, string cluster, string service, string kind, string dimension, string rate)
    {
        var total = decimal.Parse(rate, CultureInfo.InvariantCulture) * 1_000m;
        return $$"""
            landlord: {{landlord}}
            service: {{service}}
            clusters: [{{cluster}}]
            from: 2025-12
            currency: USD
            skus:
              - name: Use
                unit: hour
                rate: "{{rate}}"
                counts: dimension
                dimension: {{dimension}}
                per: hour
                match: {kind: {{kind}}}
            examples:
              - name: some
                usage:
                  - {kind: {{kind}}, hours: "1000", shape: { {{dimension}}: "1"} }
                total: "{{total.ToString("0.00", CultureInfo.InvariantCulture)}}"
            """;
    }

    [GeneratedRegex(@"\b(PI|IN|PY|PG|CN)-\d{4}-\d{4,}\b")]
    private static partial Regex Number();
}
