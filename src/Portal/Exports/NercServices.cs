using System.Text;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Nerc.Services;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Exports;

/// <summary>exchange export nerc-service — the service invoices that NERC's pipeline reads, rated from usage.</summary>
internal static class NercServices
{
    private static readonly LandlordId Nerc = new("nerc");

    public static async Task<Written> Write(Asked asked, CancellationToken ct)
    {
        var exchange = asked.Exchange;
        var now = exchange.Clock.GetCurrentInstant();
        var landlord = asked.Landlord ?? Nerc;
        var request = new RateRequest(asked.Month, asked.Policies) { Landlord = landlord, AsOf = now };
        var books = await LoadPriceBooks.Run(exchange.Journal, ct);
        var directory = await exchange.Journal.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        // NERC's service files name projects as collectors do: who answers for them is found later.
        var rated = await RateMonth.Run(
            exchange.Meter, books, new(new ProjectDirectory(), Institutions.None), request, ct);
        var leases = new Leases(request.Period);
        var files = ServiceFiles.Of(
            new(asked.Month, request.Period, asked.Cluster, asked.Policies, now)
            {
                Places = await Places(asked, landlord, leases, now, ct),
            },
            asked.Policies == Policies.NercCompatible
                ? [.. rated.Charges, .. leases.Beside(rated.Charges, books, request)]
                : rated.Charges, books, new(directory, exchange.Institutions));
        if (files.Count == 0)
        {
            throw new RefusedException(new(
                "nerc/nothing-used",
                $"'{landlord}' has no charges for {asked.Month}" +
                (asked.Cluster is { } where ? $" on '{where}'" : "") +
                ". Take in the month's usage first: 'exchange ingest --help'.", asked.Cluster?.Value));
        }

        Directory.CreateDirectory(asked.Directory);
        foreach (var file in files)
        {
            var path = Path.Combine(asked.Directory, file.Name);
            await File.WriteAllTextAsync($"{path}.part", file.ToCsv(), new UTF8Encoding(false), ct);
            File.Move($"{path}.part", path, overwrite: true);
        }

        return new(
            [.. files.Select(file => file.Name)], files.Sum(file => file.Rows.Count),
            [.. rated.Unpriced.Where(u => asked.Cluster is null || u.Cluster == asked.Cluster)
                .Select(u => $"{u.Project} on {u.Cluster}: {Text.Of(decimal.Round(u.Quantity, 2,
                    MidpointRounding.ToEven))} hours of {u.Kind} {u.What} have no price. {u.Why}")]);
    }

    /// <summary>
    /// Projects as their collectors first told of them, ever: the order in which NERC's scripts list them, and in which
    /// its pipeline spends credits.
    /// </summary>
    private static async Task<Dictionary<(ClusterId, ProjectId), int>> Places(
        Asked asked, LandlordId landlord, Leases leases, Instant now, CancellationToken ct)
    {
        var places = new Dictionary<(ClusterId, ProjectId), int>();
        var query = new UsageQuery(new(Instant.FromUtc(2000, 1, 1, 0, 0), now), landlord);
        await asked.Exchange.Meter.Read(
            query, byName: false, segment =>
            {
                places.TryAdd((segment.Resource.Cluster, segment.Project), places.Count);
                leases.Add(segment);
            }, _ => { }, ct);
        return places;
    }
}
