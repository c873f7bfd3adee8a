using Exchange.Invoicing.Kept;
using Exchange.Portal.Spend;
using NodaTime;

namespace Exchange.Portal.Costs;

/// <summary>What a resource cost of a charge, for how long, and as what.</summary>
internal sealed record UsedResource(string Name, Money Amount, decimal Hours, string Shape);

/// <summary>
/// The resources behind charges: of closed months as they were kept when they were billed, of open ones as they are
/// rated now.
/// </summary>
internal sealed class ResourcesBehind(View view, Composition exchange, Instant now)
{
    /// <param name="charges">Charges with the month that shows them.</param>
    public async Task<Dictionary<(string Month, string Charge), List<UsedResource>>> Of(
        IEnumerable<(string Month, string Charge)> charges, CancellationToken ct)
    {
        var found = new Dictionary<(string, string), List<UsedResource>>();
        var months = await exchange.Kept.State(Months.Fold, Months.Id, ct);
        var kept = new KeptCharges(exchange.Database, months);
        foreach (var of in charges.Distinct().GroupBy(one => one.Month, one => one.Charge))
        {
            var month = BillingMonth.Parse(of.Key);
            var shown = new List<ShownCharge>();
            foreach (var id in of)
            {
                shown.AddRange(await Charges.Find(view, new(month, Id: id, Limit: 1), ct));
            }

            if (kept.RunOf(month) is { } run)
            {
                foreach (var charge in shown)
                {
                    found[(of.Key, charge.Id)] = await Kept(kept, run, charge, ct);
                }

                continue;
            }

            foreach (var charge in (await ResourceSpend.Of(exchange, month, shown, now, ct))
                .GroupBy(spend => spend.Charge.Id))
            {
                found[(of.Key, charge.Key)] =
                [
                    .. charge.OrderBy(spend => spend.Resource.ToString(), StringComparer.Ordinal)
                        .Select(spend => new UsedResource(
                            spend.Resource.ToString(), spend.Amount, spend.Hours, spend.Shape.ToString())),
                ];
            }
        }

        return found;
    }

    private static async Task<List<UsedResource>> Kept(
        KeptCharges kept, KeptRun run, ShownCharge charge, CancellationToken ct)
    {
        var used = BillingMonth.Parse(charge.Id.Split(':')[0]);
        var line = (await kept.OfCharge(used, charge.Id, ct)).LastOrDefault(
            of => of.Charge is not null && KeptCharges.ClosedBy(of) == charge.Month);
        if (line is null)
        {
            return [];
        }

        var parts = (await kept.PartsOf(run, used, line.Charge!.LineId, charge.Id, ct))
            .GroupBy(part => part.Resource.ToString(), StringComparer.Ordinal)
            .Select(of => (Name: of.Key, Parts: of.ToList(), Weight: of.Sum(Weight)))
            .Where(of => of.Weight > 0).OrderBy(of => of.Name, StringComparer.Ordinal).ToList();
        if (parts.Count == 0)
        {
            return [];
        }

        var amounts = ResourceSpend.Share(charge.Amount, [.. parts.Select(of => of.Weight)]);
        return
        [
            .. parts.Select((of, i) => new UsedResource(
                of.Name, amounts[i], of.Parts.Sum(part => part.Hours ?? 0), of.Parts[^1].Shape)),
        ];
    }

    /// <summary>What a part has of a charge: units times hours; of what has no length, what was counted.</summary>
    private static decimal Weight(KeptPart part) => decimal.Max(0, part.Units) * (part.Period.IsEmpty
        ? 1 : (decimal)part.Period.Length.TotalHours);
}
