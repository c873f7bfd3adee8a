using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Portal.Awards;
using Exchange.Portal.Budgets;
using Exchange.Portal.Commands;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Demo;

/// <summary>
/// What goes wrong in the open month of the demonstration, so that there is something to find, and that it grows all
/// the same: servers that start one a day and stay, GPUs of the personas that do little, servers of October that were
/// reported after its close, an outage, a prepaid group that runs dry, budgets and awards that are passed. No closed
/// month comes to anything else by it.
/// </summary>
internal sealed class DemoNovember(Cast cast)
{
    private const int SecondsADay = 86_400;
    private const int FleetSize = 9;

    public const string Group = "Dry Run Genomics";

    private static readonly Instant November = Instant.FromUtc(2026, 11, 1, 0, 0);
    public static readonly Instant Until = Instant.FromUtc(2026, 11, 11, 0, 0);
    private static readonly Money PaidIn = Money.Parse("30.00 USD", null);

    /// <summary>Of a hundred, how much of the time the GPU of a persona works.</summary>
    private static readonly int[] Busy = [4, 63];

    /// <summary>The project of a PI that the prepaid group pays for: none of the personas'.</summary>
    public DemoProject Covered => cast.In(Landlords.Stack).Last(project => !Personas.Contains(project.Pi.Address));

    private List<PiId> Personas { get; } =
        [.. DemoPeople.Of(cast).Select(one => one.Viewer.Pi).OfType<PiId>()];

    /// <summary>What collectors sent of it.</summary>
    public IEnumerable<UsageEvent> Usage() =>
        [.. Gpus(November + Duration.FromHours(32), Until), .. Fleet(), .. ReportedLate()];

    /// <summary>What people did about it.</summary>
    public async Task Run(Composition exchange, DemoClock clock, CancellationToken ct)
    {
        clock.LeapTo(November + Duration.FromHours(34));
        await Prepay(exchange, ct);
        clock.LeapTo(November + Duration.FromDays(4));
        var outage = new Outage(
            "power-feed-b", Landlords.Nerc, [Landlords.Stack], November + Duration.FromMinutes((3 * 24 * 60) + 130),
            November + Duration.FromMinutes((3 * 24 * 60) + 580), Outage.KnownToAll)
        {
            Reason = "Feed B of row 7 lost power; servers on it were started again by 09:40.",
        };
        await exchange.Commands.Execute(
            ChangeOutage.Declare(outage, "demo", Permissions.PublishSheets), Actors.Local("demo"), ct);

        await Budgets(exchange, ct);
        await Awards(exchange, ct);
    }

    /// <summary>A server with a GPU for each persona, audited every hour, and how busy its GPU was each day.</summary>
    public IEnumerable<UsageEvent> Gpus(Instant from, Instant until)
    {
        var shape = Gpu();
        foreach (var (pi, place) in Personas.Select((pi, place) => (pi, place)))
        {
            if (cast.In(Landlords.Stack).FirstOrDefault(one => one.Pi.Address == pi) is not { } project)
            {
                continue;
            }

            var server = new UsageEvent.Thing(
                Landlords.Nerc, project.Cluster, "vm", $"{project.Name}-notebook", project.Project);
            for (var at = from; at < until; at += Duration.FromHours(1))
            {
                yield return UsageEvent.Interval(server, new(at, at + Duration.FromHours(1)), shape);
            }

            var gpu = server with { Kind = "gpu", Subject = $"{server.Subject}-gpu0" };
            for (var day = Midnight(from) + Duration.FromDays(2); day <= until; day += Duration.FromDays(1))
            {
                yield return UsageEvent.Count(gpu, day, "gpu_busy_seconds", SecondsADay / 100 * Busy[place]);
            }
        }
    }

    /// <summary>
    /// A server with a GPU more each day, of other projects: what runs out of October is made up for, and days cost
    /// about as much as the first did.
    /// </summary>
    private IEnumerable<UsageEvent> Fleet()
    {
        var projects = cast.In(Landlords.Stack).Where(one => !Personas.Contains(one.Pi.Address)).Take(FleetSize);
        foreach (var (project, place) in projects.Select((project, place) => (project, place)))
        {
            var server = new UsageEvent.Thing(
                Landlords.Nerc, project.Cluster, "vm", $"{project.Name}-training", project.Project);
            for (var at = November + Duration.FromHours(24 * (place + 1)); at < Until; at += Duration.FromHours(1))
            {
                yield return UsageEvent.Interval(server, new(at, at + Duration.FromHours(1)), Gpu());
            }
        }
    }

    private static Instant Midnight(Instant at) => at.InUtc().Date.AtStartOfDayInZone(DateTimeZone.Utc).ToInstant();

    private static Dictionary<string, string> Gpu() => new(StringComparer.Ordinal)
    {
        ["vcpu"] = "24",
        ["ram_mib"] = "75776",
        ["gpu"] = "1",
        ["gpu_model"] = "a100",
    };

    /// <summary>Sixty hours of October that a collector told of after October was closed.</summary>
    private IEnumerable<UsageEvent> ReportedLate()
    {
        var project = cast.In(Landlords.Stack).First(one => !Personas.Contains(one.Pi.Address));
        var server = new UsageEvent.Thing(
            Landlords.Nerc, project.Cluster, "vm", $"{project.Name}-reported-late", project.Project);
        var shape = new Dictionary<string, string>(StringComparer.Ordinal) { ["vcpu"] = "8", ["ram_mib"] = "32768" };
        var end = November - Duration.FromHours(60);
        for (var at = November - Duration.FromDays(5); at < end; at += Duration.FromHours(1))
        {
            yield return UsageEvent.Interval(server, new(at, at + Duration.FromHours(1)), shape) with
            {
                Due = November + Duration.FromDays(5),
            };
        }
    }

    private async Task Prepay(Composition exchange, CancellationToken ct)
    {
        var (month, covered) = (new BillingMonth(2026, 11), Covered);
        foreach (var (act, rule) in ((string, Func<PrepaidGroups, Instant, Decision<PrepaidEvent>>)[])[
            ("prepaid open", (all, at) => PrepaidGroups.Open(all, Group, covered.Pi.Address.Value, "demo", at)),
            ("prepaid pay", (all, at) => PrepaidGroups.Pay(all, new(Group, "wire-dry-run", PaidIn, month, "demo", at))),
            ("prepaid cover",
                (all, at) => PrepaidGroups.Cover(
                    all, new(Group, covered.Project.Value, month, null, "demo", at)))])
        {
            await exchange.Commands.Execute(new ChangePrepaid(act, Group, rule), Actors.Local("demo"), ct);
        }
    }

    /// <summary>Each persona means to spend less than the month will come to.</summary>
    private async Task Budgets(Composition exchange, CancellationToken ct)
    {
        foreach (var pi in Personas)
        {
            await exchange.Journal.Decide(
                Budget.Fold, new BudgetOwner(pi).Id, budget => Budget.SetTo(
                    budget, Money.Parse("500.00 USD", null), BudgetRules.Offered with { AfterCredits = false }, "demo",
                    exchange.Clock.GetCurrentInstant()), ct);
        }
    }

    /// <summary>Two sponsors share a project of each persona; one of them will run out long before its end.</summary>
    private async Task Awards(Composition exchange, CancellationToken ct)
    {
        foreach (var project in Personas.Select(pi => cast.In(Landlords.Stack).FirstOrDefault(
            one => one.Pi.Address == pi)).OfType<DemoProject>())
        {
            foreach (var (number, sponsor, percent, years, budget) in ((string, string, decimal, int, long)[])[
                ("NSF-2412345", "National Science Foundation", 60, 1, 4_000_00),
                ("SLOAN-118", "Alfred P. Sloan Foundation", 40, 3, 30_000_00)])
            {
                var from = new LocalDate(2026, 8, 1);
                await exchange.Commands.Execute(new SetAward(
                    new(project.Pi.Address, number, sponsor, from, from.PlusYears(years), new(budget),
                        [new(project.Cluster, project.Project, percent)]), "demo"), Actors.Local("demo"), ct);
            }
        }
    }
}
