using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Rating;

namespace Exchange.Portal.Funds;

/// <summary>Everything that decides what funds pay of open months, as it is known at one moment.</summary>
internal sealed record FundVersions(
    ProjectDirectory Directory, Months Months, IReadOnlyList<FundOf> Funds, PrepaidGroups Prepaid,
    IReadOnlyDictionary<PiId, BillingMonth> Billed, string Version)
{
    public static async Task<FundVersions> Read(Composition exchange, CancellationToken ct)
    {
        var kept = exchange.Kept;
        var (directory, directoryVersion) = await kept.Versioned(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var (closed, monthsVersion) = await kept.Versioned(Months.Fold, Months.Id, ct);
        var (opening, openingVersion) = await kept.Versioned(OpeningBalances.Fold, OpeningBalances.Id, ct);
        var (prepaid, prepaidVersion) = await kept.Versioned(PrepaidGroups.Fold, PrepaidGroups.Id, ct);
        var (funds, fundsVersion) = (new List<FundOf>(), 0L);
        foreach (var programme in exchange.Programmes)
        {
            var (fund, version) = await kept.Versioned(Fund.Fold, programme.Id, ct);
            fundsVersion += version;
            funds.Add(new(programme, WorkedOut.Of(fund, [directory], () => fund.Following(directory.PiOf))));
        }

        var months = WorkedOut.Of(closed, [directory], () => closed.Following(directory.PiOf));
        var billed = WorkedOut.Of(months, [directory], () => months.FirstBilled()).SetItems(opening.Billed.Select(
            of => KeyValuePair.Create(directory.PiOf(of.Key), of.Value)));
        return new(
            directory, months, funds, prepaid.Following(directory.PiOf), billed,
            $"{directoryVersion}/{monthsVersion}/{openingVersion}/{prepaidVersion}/{fundsVersion}/" +
            $"{exchange.Facts.Facts.Count}");
    }
}
