using System.Globalization;
using System.Text;
using Exchange.Invoicing.Closing;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Portal.ReadModels;
using Exchange.Portal.Spend;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Bench;

/// <summary>
/// What first pages are measured over: a month with so many charges that is open, and the one before it, in which every
/// PI had a server, closed as any month is: with invoices, funds used and settlements.
/// </summary>
internal sealed class PageLoad(int charges)
{
    public const string Payer = "bu-research-it";
    private const int ChargesOfOnePi = 100;
    private const int ChargesOfOneProject = 20;
    private const int MonthsBefore = 22;
    private static readonly BillingMonth Month = new(2026, 10);
    private static readonly Instant Now = Instant.FromUtc(2026, 10, 28, 12, 0);
    private static readonly string[] Domains = ["bu.edu", "bu.edu", "harvard.edu", "mit.edu", "example.org"];

    public static IReadOnlyList<string> Landlords { get; } = ["nerc", "blockbank", "gatefarm"];

    public int Pis { get; } = Math.Max(charges / ChargesOfOnePi, 1);
    public int Projects { get; } = Math.Max(charges / ChargesOfOneProject, 1);

    /// <summary>Two PIs of five are those whom the subsidy pays for.</summary>
    public static PiId PiOf(int i) => new($"pi-{i:000000}@{Domains[i % Domains.Length]}");

    public async Task Write(Composition exchange, Action<string> step, CancellationToken ct)
    {
        step("Making projects and the month before …");
        var before = Month.Previous;
        await ImportProjects.Run(exchange.Journal, Directory(), "bench.csv", "bench", before.Start, ct);
        await exchange.Meter.Ingest(Enumerable.Range(0, Pis).Select(pi => (Collected)Server(pi, before)), ct);
        await exchange.Meter.Fold(ct);
        var outcome = await CloseMonth.Commit(
            exchange.Sources, before, Policies.Corrected, new HashSet<string>(), "bench", Now, ct);
        if (outcome.Numbers.Count == 0)
        {
            throw new InvalidOperationException("The month before was not closed, so nothing would be measured.");
        }

        await exchange.Projections.CatchUp(ct);
        await RateMonths.Run(exchange, step, ct);

        step("Writing the charges …");
        await WriteMonth.Run(exchange.Database, new(Month, Basis: "", Now), Charges(), Days(), Use(), ct);
        await Earlier(exchange, ct);
        step("Reckoning credits …");
        await WriteCredits.Run(exchange, Now, ct);
        await using var analyze = exchange.Database.CreateCommand("vacuum analyze");
        await analyze.ExecuteNonQueryAsync(ct);
    }

    /// <summary>
    /// What the explorer reads of the 22 months before: their sums, and the charges of the PIs who are measured. Nobody
    /// reads those of others.
    /// </summary>
    private async Task Earlier(Composition exchange, CancellationToken ct)
    {
        string[] sums =
        [
            """
            insert into exchange.cost_sum
            select $1, $1, class, landlord, service, cluster, institution, sku, fund, payer, unit, quantity, cents,
                   day_cents, day_quantity
            from exchange.cost_sum where month = $2 and class <> 'correction' and usage_month = month
            """,
            """
            insert into exchange.charge (
              month, id, landlord, service, cluster, project, project_name, pi, institution, sku, quantity, unit, rate,
              cents, avoided, sheet, from_at, to_at)
            select $1, $1 || substr(id, 8), landlord, service, cluster, project, project_name, pi, institution, sku,
                   quantity, unit, rate, cents, avoided, sheet, from_at, to_at
            from exchange.charge where month = $2 and pi = any($3)
            """,
            "insert into exchange.rated select $1, rated_at, true, charges, cents, unpriced, '' " +
                "from exchange.rated where month = $2",
        ];
        for (var (n, month) = (0, Month.Previous.Previous); n < MonthsBefore; (n, month) = (n + 1, month.Previous))
        {
            foreach (var sql in sums)
            {
                object[] values = [month.ToString(), Month.ToString(),
                    Enumerable.Range(0, PageBench.PeopleOfOneRole)
                        .Select(i => PiOf(i * Pis / PageBench.PeopleOfOneRole).Value).ToArray()];
                await exchange.Database.Execute(
                    sql, sql.Contains("$3", StringComparison.Ordinal) ? values : values[..2], ct);
            }
        }
    }

    private string Directory()
    {
        var csv = new StringBuilder("cluster,project,name,pi\n");
        for (var i = 0; i < Projects; i++)
        {
            csv.Append(CultureInfo.InvariantCulture,
                $"stack,project-{i:000000},group {i},{PiOf(i * ChargesOfOneProject / ChargesOfOnePi % Pis)}\n");
        }

        return csv.ToString();
    }

    private static Reading Server(int pi, BillingMonth month)
    {
        var resource = new ResourceId(new("nerc"), new("stack"), "vm", $"vm-{pi:000000}");
        return new()
        {
            Source = "urn:bench",
            Id = resource.ToString(),
            Type = ReadingType.Interval,
            Resource = resource,
            Project = new($"project-{pi * ChargesOfOnePi / ChargesOfOneProject:000000}"),
            From = month.Start,
            To = month.Start + Duration.FromHours(100 + (pi % 600)),
            State = ResourceState.Running,
            Shape = Shape.Of([KeyValuePair.Create("vcpu", $"{1 + (pi % 32)}"), KeyValuePair.Create("ram_mib", "4096")]),
        };
    }

    private IEnumerable<ShownCharge> Charges()
    {
        for (var i = 0; i < charges; i++)
        {
            var landlord = Landlords[i % Landlords.Count];
            var sku = i % 40;
            var cluster = new ClusterId($"cluster-{i % 4}");
            var project = new ProjectId($"project-{i / ChargesOfOneProject:000000}");
            var quantity = new Quantity((i % 997) + 1, new("SU-hour"));
            var rate = new Rate(0.013m, quantity.Unit);
            yield return new()
            {
                Month = Month,
                Id = $"{Month}:{landlord}:{cluster}:{project}:{sku}:{i}",
                Landlord = new(landlord),
                Service = $"{landlord} service {sku % 3}",
                Cluster = cluster,
                Project = project,
                ProjectName = $"group {i / ChargesOfOneProject}",
                Pi = PiOf(i / ChargesOfOnePi % Pis),
                Institution = "An Institute",
                Sku = new($"SKU {sku}"),
                Quantity = quantity,
                Rate = rate,
                Amount = Money.Round(rate.Of(quantity)),
                Sheet = "nerc/openstack/2026-01-01#1",
                Period = Month.Period,
            };
        }
    }

    private MonthUse Use() => new(
        [
            .. from pi in Enumerable.Range(0, Pis)
               from place in Enumerable.Range(0, Costliest.MaxShown)
               let project = (pi * ChargesOfOnePi / ChargesOfOneProject) + place
               select new CostlyResource(
                   PiOf(pi), new(new("nerc"), new("cluster-0"), "vm", $"vm-{pi:000000}-{place}"), $"group {project}",
                   $"{Month}:nerc:cluster-0:project-{project:000000}:0:0", new((5 - place) * 100)),
        ],
        [
            .. from pi in Enumerable.Range(0, Pis)
               let project = pi * ChargesOfOnePi / ChargesOfOneProject
               select new GpuSpend(
                   PiOf(pi), new("nerc"), new("cluster-0"), new($"project-{project:000000}"), $"group {project}",
                   100, pi % 100, new(500)),
        ]);

    private IEnumerable<DaySpend> Days() =>
        from pi in Enumerable.Range(0, Pis)
        from landlord in Landlords
        from day in Enumerable.Range(1, 28)
        select new DaySpend(
            new(2026, 10, day), new(landlord), $"{landlord} service {pi % 3}", PiOf(pi), new((pi + day) % 500));
}
