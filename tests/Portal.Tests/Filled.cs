using Exchange.Portal.ReadModels;
using Exchange.Portal.Spend;
using NodaTime;

namespace Exchange.Portal.Tests;

/// <summary>
/// A month of charges of two PIs with two landlords. What belongs to someone is marked with their name: nobody else
/// may ever read the mark.
/// </summary>
internal static class Filled
{
    public static readonly BillingMonth Month = new(2026, 10);
    public static readonly Instant Now = Instant.FromUtc(2026, 10, 28, 12, 0);
    public static readonly IReadOnlyList<(PiId Pi, string Mark)> Pis = [(Serving.Ada, "ada"), (Serving.Ben, "ben")];
    public static readonly IReadOnlyList<LandlordId> Landlords = [Serving.Nerc, Serving.Other];

    public static string NameOf(string pi) => $"group-marked-{pi}";

    public static string ServiceOf(LandlordId landlord) => $"service-marked-{landlord}";

    public static string IdOf(string pi, LandlordId landlord) =>
        $"{Month}:{landlord}:stack:p-{pi}:SKU of {landlord}:{landlord}/vms/2026-01-01#1";

    public static async Task<Serving> Start()
    {
        var serving = await Serving.Start(new StoppedClock(Now));
        await Write(serving);
        return serving;
    }

    public static Task Write(Serving serving) => WriteMonth.Run(
        serving.Exchange.Database, new(Month, Basis: "", Now), Charges(), Days(), Use(), Serving.Ct);

    /// <summary>A server and a GPU of each PI.</summary>
    private static MonthUse Use() => new(
        [
            .. from pi in Pis
               select new CostlyResource(
                   pi.Pi, new(Serving.Nerc, new("stack"), "vm", $"vm-{pi.Mark}"), NameOf(pi.Mark),
                   IdOf(pi.Mark, Serving.Nerc), new(967)),
        ],
        [
            .. from pi in Pis
               select new GpuSpend(
                   pi.Pi, Serving.Nerc, new("stack"), new($"p-{pi.Mark}"), NameOf(pi.Mark), 100, 5, new(967)),
        ]);

    public static IEnumerable<ShownCharge> Charges() =>
        from pi in Pis
        from landlord in Landlords
        let unit = new Unit("SU-hour")
        let quantity = new Quantity(744, unit)
        select new ShownCharge
        {
            Month = Month,
            Id = IdOf(pi.Mark, landlord),
            Landlord = landlord,
            Service = ServiceOf(landlord),
            Cluster = new("stack"),
            Project = new($"p-{pi.Mark}"),
            ProjectName = NameOf(pi.Mark),
            Pi = pi.Pi,
            Institution = "An Institute",
            Sku = new($"SKU of {landlord}"),
            Quantity = quantity,
            Rate = new(0.013m, unit),
            Amount = Money.Round(new Rate(0.013m, unit).Of(quantity)),
            Sheet = $"{landlord}/vms/2026-01-01#1",
            Period = Month.Period,
        };

    private static IEnumerable<DaySpend> Days() =>
        from pi in Pis
        from landlord in Landlords
        from day in Enumerable.Range(1, 27)
        select new DaySpend(new(2026, 10, day), landlord, ServiceOf(landlord), pi.Pi, new(36));
}

/// <summary>A clock that shows one instant for ever.</summary>
internal sealed record StoppedClock(Instant At) : IClock
{
    public Instant GetCurrentInstant() => At;
}

/// <summary>A clock that goes on by a little whenever it is looked at.</summary>
internal sealed class TickingClock(Instant from) : IClock
{
    private long _looks;

    public Instant GetCurrentInstant() => from + Duration.FromMilliseconds(Interlocked.Increment(ref _looks));
}
