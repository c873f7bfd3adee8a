using Exchange.Invoicing;
using Exchange.Invoicing.Published;
using Exchange.Portal.Commands;
using NodaTime;

namespace Exchange.Portal.Demo;

/// <summary>
/// What makes a year of the demonstration where it is asked for: a steady fleet that grows from November 2025 until
/// the trial of August 2026, the days of November that are left, a promotion that ends with it, and a reading that was
/// corrected. It is December then, and November waits to be closed. September and October come to what they always do.
/// </summary>
internal sealed class DemoYear(Cast cast)
{
    /// <summary>How many groups come to the cluster a month, until all are there.</summary>
    private const int GroupsAMonth = 4;

    private const string Promotion = """
        programme: autumn-of-gpus
        kind: promotion
        payer: mghpcc
        order: 40
        terms:
          - {from: 2026-11, until: 2026-12, amount: "25", window_months: 1, eligible: everyone, share: in-order}
        """;

    public static readonly BillingMonth First = new(2025, 11);

    /// <summary>The first working day after the year.</summary>
    public static readonly Instant Today = Instant.FromUtc(2026, 12, 2, 9, 0);

    private static readonly Instant Trial = Instant.FromUtc(2026, 8, 29, 0, 0);

    /// <summary>Servers as sold most: the larger ones are fewer.</summary>
    private static readonly (int VCpu, int RamMib)[] Flavors = [(4, 16_384), (8, 32_768), (16, 65_536), (2, 8_192)];

    private IReadOnlyList<DemoProject> Groups { get; } = [.. cast.Before.In(Landlords.Stack)];

    /// <summary>
    /// Servers that start one after the other and run through, each told of by its states; every sixth has a GPU.
    /// Volumes that get larger each month. All of it ends before the trial.
    /// </summary>
    public IEnumerable<UsageEvent> UntilTheTrial()
    {
        foreach (var (project, place) in Groups.Select((project, place) => (project, place)))
        {
            var start = First.Plus(place / GroupsAMonth).Start + Duration.FromHours(5 + (7 * (place % GroupsAMonth)));
            if (start >= Trial)
            {
                continue;
            }

            var server = new UsageEvent.Thing(
                Landlords.Nerc, project.Cluster, "vm", $"{project.Name}-cluster", project.Project);
            foreach (var reading in Running(server, start, Trial, Shape(place)))
            {
                yield return reading;
            }
        }

        foreach (var (project, place) in cast.Before.In(Landlords.Volumes).Take(8).Select((of, place) => (of, place)))
        {
            var volume = new UsageEvent.Thing(
                Landlords.Blocks, project.Cluster, "volume", $"{project.Name}-archive", project.Project);
            for (var month = new BillingMonth(2026, 1); month.Start < Trial; month = month.Next)
            {
                yield return UsageEvent.State(volume, month.Start + Duration.FromHours(place), "running", new()
                {
                    ["storage_gib"] = $"{512 * (place + month.Month)}",
                });
            }

            yield return UsageEvent.State(volume, Trial, "deleted", []);
        }
    }

    /// <summary>The same groups from the day on until which the demonstration is played without a year.</summary>
    public IEnumerable<UsageEvent> UntilToday() => Groups.SelectMany((project, place) => Running(
        new(Landlords.Nerc, project.Cluster, "vm", $"{project.Name}-cluster-2", project.Project),
        DemoPlay.Today + Duration.FromHours(2 + place), Today - Duration.FromHours(1), Shape(place))
        .Where(reading => !reading.Line.Contains("\"deleted\"", StringComparison.Ordinal))); // They run on.

    /// <summary>A server reported a day too long: its landlord says so.</summary>
    public UsageEvent Correction()
    {
        var project = Groups[1];
        var server = new UsageEvent.Thing(
            Landlords.Nerc, project.Cluster, "vm", $"{project.Name}-cluster-2", project.Project);
        var began = DemoPlay.Today + Duration.FromHours(3);
        return UsageEvent.Correction(
            UsageEvent.State(server, began, "running", Shape(1)), server, Today - Duration.FromHours(20),
            "The server was given a day later.",
            UsageEvent.State(server, began + Duration.FromDays(1), "running", Shape(1)));
    }

    /// <summary>Promises everybody 25 dollars of November.</summary>
    public static Task Promise(Composition exchange, CancellationToken ct) => exchange.Commands.Execute(
        new PublishFactFiles(
            exchange.Sources, [FactFiles.Read(Promotion, "pricing/programmes/autumn-of-gpus.yaml")!],
            new LocalDate(2026, 11, 1), false, "demo"),
        Actors.Local("demo"), ct);

    /// <summary>Runs through, but for a stop each month for what has to be done to it.</summary>
    private static IEnumerable<UsageEvent> Running(
        UsageEvent.Thing server, Instant from, Instant until, Dictionary<string, string> shape)
    {
        yield return UsageEvent.State(server, from, "running", shape);
        for (var at = from + Duration.FromDays(20); at + Duration.FromDays(1) < until; at += Duration.FromDays(30))
        {
            yield return UsageEvent.State(server, at, "stopped", shape);
            yield return UsageEvent.State(server, at + Duration.FromHours(3), "running", shape);
        }

        yield return UsageEvent.State(server, until, "deleted", shape);
    }

    private static Dictionary<string, string> Shape(int place)
    {
        var (vcpu, ram) = Flavors[place % Flavors.Length];
        return place % 6 == 5
            ? new(StringComparer.Ordinal)
            {
                ["vcpu"] = "24",
                ["ram_mib"] = "75776",
                ["gpu"] = "1",
                ["gpu_model"] = "a100",
            }
            : new(StringComparer.Ordinal) { ["vcpu"] = $"{vcpu}", ["ram_mib"] = $"{ram}" };
    }
}
