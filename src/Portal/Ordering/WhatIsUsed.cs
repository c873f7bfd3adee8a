using Exchange.Invoicing.Charging;
using Exchange.Metering;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>What is used already in the months of a plan: by its project, or by all where tiers add them up.</summary>
internal static class WhatIsUsed
{
    public static async Task<QuoteFor> Of(
        Composition exchange, PriceBooks books, ProjectId project, Instant at, Duration longest, CancellationToken ct)
    {
        var end = BillingMonth.Of(at + longest).End;
        var period = new Period(BillingMonth.Of(at).Start, end);
        var isShared = books.List().Any(sheet => sheet.Period.Clip(period) is not null &&
            sheet.Sheet.Skus.Any(sku => sku.Scope != Scope.Project));
        var (used, counted) = (new List<Segment>(), new List<DailyTotal>());
        await exchange.Meter.Read(
            isShared ? new(period) : new(period, Project: project), byName: false, used.Add, counted.Add, ct);
        var owners = (await RatingNow.Read(exchange.Sources, ct)).Attribution;
        return new(project, used, counted, (cluster, of, when) => owners.Of(cluster, of, when).Pi)
        {
            MovesOf = owners.MovesOf,
        };
    }
}
