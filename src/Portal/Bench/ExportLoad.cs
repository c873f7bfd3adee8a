using System.Collections.Immutable;
using System.Text.Json;
using Exchange.Invoicing;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Portal.Bench;

/// <summary>
/// A closed month of so many charges, as the exports read it: a hundred lines to each invoice, twenty to each project,
/// a third of them with funds, three entries to each invoice, and one drawn PDF for all. Written straight into the read
/// models, where a close of that size would have put them.
/// </summary>
internal sealed class ExportLoad(int charges)
{
    private const int ChargesOfOnePi = 100;
    private const int ChargesOfOneProject = 20;
    private const int Skus = 40;
    private static readonly string[] Landlords = ["nerc", "blockbank", "gatefarm"];
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 3, 9, 0);

    public static BillingMonth Month { get; } = new(2026, 10);

    public int Invoices { get; } = (charges + ChargesOfOnePi - 1) / ChargesOfOnePi;

    public async Task Write(Composition exchange, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        await Document(exchange, ct);
        await Tables(exchange, ct);
        await exchange.Journal.Append(
            [
                StreamAppend.Of<MonthEvent>(Months.Fold.StreamOf(Months.Id), 0,
                [
                    new MonthEvent.Closed(
                        Month, Exchange.Rating.Policies.Corrected, Money.Zero, Invoices, [], [], "bench", Now),
                ]),
                .. Landlords.Select(landlord => StreamAppend.Of<SettlementEvent>(
                    Settle.StreamOf(new(landlord), Month), 0, [Sold(new(landlord))])),
            ], ct);
        await exchange.Projections.CatchUp(ct);
        await using var analyze = exchange.Database.CreateCommand("vacuum analyze");
        await analyze.ExecuteNonQueryAsync(ct);
    }

    private async Task Tables(Composition exchange, CancellationToken ct)
    {
        const string InvoiceSql = """
            insert into invoicing.invoice (
              id, month, account, institution, number, status, lines, total, balance, owed, paid, due, issued_at,
              document)
            select $1 || ':' || pi, $1, pi, 'An Institute', 'PI-2026-' || to_char(i + 1, 'FM0000000'), 'issued',
                   least($3, $2 - i * $3), 1000, 900, 800, 0, date '2026-12-03', $4, 'bench'
            from generate_series(0, ($2 - 1) / $3) i,
                lateral (select 'pi-' || to_char(i, 'FM000000') || '@bu.edu') p (pi)
            """;

        const string LineSql = """
            insert into invoicing.line (
              invoice, place, account, service_month, charge_id, landlord, service, cluster, project, project_name,
              sku, quantity, unit, rate, cents, funds, sheet, adjusts, avoided, from_at, to_at)
            select $1 || ':' || pi, i % $3 + 1, pi, $1, $1 || ':' || landlord || ':' || i, landlord,
                   'service ' || i % 3, 'cluster-' || i % 4, 'project-' || to_char(i / $4, 'FM000000'),
                   'Group ' || i / $4 || ', "the lab"', 'SKU ' || i % $5, (i % 997 + 1) * 1.25, 'SU-hour', 0.013,
                   round((i % 997 + 1) * 1.25 * 1.3), case when i % 3 = 0 then $6::jsonb else '[]' end,
                   landlord || '/service/2026-01-01#1', null, null, $7, $8
            from generate_series(0, $2 - 1) i,
                 lateral (select 'pi-' || to_char(i / $3, 'FM000000') || '@bu.edu',
                                 (array['nerc', 'blockbank', 'gatefarm'])[i % 3 + 1]) p (pi, landlord)
            order by i
            """;

        const string PostingSql = """
            insert into invoicing.posting (position, account, cents, reference, what, at, month)
            select -i, of.account, of.cents, 'invoice-' || $1 || ':' || pi, 'Usage billed with ' || $1, $3, $1
            from generate_series(1, $2) i,
                 lateral (select 'pi-' || to_char(i, 'FM000000') || '@bu.edu') p (pi),
                 lateral (values ('receivable:pi:' || pi, 1000), ('payable:landlord:nerc', -600),
                                 ('payable:landlord:blockbank', -400)) of (account, cents)
            """;

        ImmutableArray<FundShare> funds =
        [
            new("new-pi-credit", "exchange", new(1), false), new("bu-subsidy", "bu-research-it", new(1), true),
        ];
        var (month, at) = (Month.ToString(), Now);
        await exchange.Database.Execute(InvoiceSql, [month, charges, ChargesOfOnePi, at], ct);
        await exchange.Database.Execute(
            LineSql,
            [
                month, charges, ChargesOfOnePi, ChargesOfOneProject, Skus, JsonSerializer.Serialize(funds, Text.Json),
                Month.Start, Month.End,
            ], ct);
        await exchange.Database.Execute(PostingSql, [month, Invoices, at], ct);
    }

    /// <summary>A real invoice of a hundred lines, kept once: every invoice of the month has it as its PDF.</summary>
    private static async Task Document(Composition exchange, CancellationToken ct)
    {
        const string Sql = "insert into invoicing.document (sha256, number, pdf, drawn_at) values ($1, $1, $2, $3)";
        var drafted = new InvoiceEvent.Drafted(
            Month, new PiId("pi-000000@bu.edu"), "An Institute",
            [.. Enumerable.Range(0, ChargesOfOnePi).Select(i => Line(i, new(Landlords[i % Landlords.Length])))], Now);
        var issued = new InvoiceEvent.Issued(
            "PI-2026-0000001", Money.Zero, Money.Zero, new LocalDate(2026, 12, 3), Now);
        var invoice = Invoice.Fold.Of([drafted, issued]);
        await exchange.Database.Execute(
            Sql, ["bench", InvoicePdf.Draw(Invoicing.FindInvoice.Document(invoice)), Now], ct);
    }

    private static SettlementEvent.Drawn Sold(LandlordId landlord) => Settle.Run(
        Month, Enumerable.Range(0, Skus).Select(i => Line(i, landlord)), Exchange.Invoicing.Settlements.Landlords.None,
            Now).Single();

    private static InvoiceLine Line(int i, LandlordId landlord) => new()
    {
        ChargeId = $"{Month}:{landlord}:{i}",
        ServicePeriod = Month.Period,
        Landlord = landlord,
        Service = $"service {i % 3}",
        Cluster = new($"cluster-{i % 4}"),
        Project = new($"project-{i / ChargesOfOneProject:000000}"),
        ProjectName = $"Group {i / ChargesOfOneProject}",
        Sku = new($"SKU {i % Skus}"),
        Quantity = new((i % 997) + 1, new("SU-hour")),
        Rate = new(0.013m, new("SU-hour")),
        Amount = Money.Round(0.013m * ((i % 997) + 1)),
        Sheet = $"{landlord}/service/2026-01-01#1",
    };
}
