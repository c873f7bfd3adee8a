using Exchange.Invoicing.Kept;
using Exchange.Metering;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// What made the adjustments of a close: what was kept of a charge is compared with what it comes to now, and readings
/// that came since are named.
/// </summary>
internal sealed class FindCauses(Meter meter, ReadForClose read, CloseInputs inputs)
{
    private const int Named = 3;
    private readonly Lazy<HashSet<(BillingMonth, Account, string)>> _charged = new(() =>
    [
        .. inputs.Rated.SelectMany(rated => rated.Charges.Select(
            owned => (rated.Month, owned.Account, owned.ChargeId))),
    ]);

    private readonly Lazy<HashSet<string>> _rated = new(() =>
        [.. inputs.Rated.SelectMany(rated => rated.Charges.Select(owned => owned.ChargeId))]);

    /// <summary>The causes of each adjustment of a plan, by its invoice and place.</summary>
    public async Task<Dictionary<(string Invoice, int Place), IReadOnlyList<Cause>>> Of(
        ClosePlan plan, CancellationToken ct)
    {
        var causes = new Dictionary<(string, int), IReadOnlyList<Cause>>();
        foreach (var draft in plan.Drafts)
        {
            foreach (var (line, i) in draft.Lines.Select((line, i) => (line, i)))
            {
                if (line.Adjusts is { } month)
                {
                    causes[(ClosePlan.IdOf(draft), i + 1)] = await Of(month, new(draft.Pi), line, ct);
                }
            }
        }

        return causes;
    }

    private async Task<IReadOnlyList<Cause>> Of(
        BillingMonth month, Account account, InvoiceLine line, CancellationToken ct)
    {
        var billed = inputs.Billed(month);
        var others = billed.Where(of => of.Key != account && of.Any(one => one.ChargeId == line.ChargeId))
            .Select(of => of.Key.Name).Order(StringComparer.Ordinal).ToList();
        var isBilled = billed[account].Any(one => one.ChargeId == line.ChargeId);
        var isCharged = _charged.Value.Contains((month, account, line.ChargeId));
        if (!isBilled && others.Count > 0)
        {
            return [new(
                "owner", $"{account} answers for {line.Project}; it was billed to {string.Join(", ", others)}")];
        }

        if (!isBilled && billed.SelectMany(of => of).FirstOrDefault(one => one.Project == line.Project &&
            one.Cluster == line.Cluster && one.Sku == line.Sku && one.Sheet != line.Sheet) is { } before)
        {
            return [new("price", $"priced by {line.Sheet}; it was billed by {before.Sheet}")];
        }

        if (!isBilled && read.Months.VoidedSince.Contains(month))
        {
            return [new("void", "an invoice that billed it was taken back")];
        }

        if (isBilled && !isCharged && _rated.Value.Contains(line.ChargeId))
        {
            return [new("owner", $"{account} no longer answers for {line.Project}")];
        }

        if (isCharged && inputs.TakersOf(account) is { } takers && takers.Asked(
            billed[account].Where(one => one.ChargeId == line.ChargeId)).Any(of => takers.IsMoved(line, month, of)))
        {
            return [new("owner", $"{account} worked for another institution when it was used than was known")];
        }

        return line.Amount.IsZero
            ? [new("funds", "what funds pay of it changed")]
            : await OfUsage(month, line, ct);
    }

    private async Task<IReadOnlyList<Cause>> OfUsage(BillingMonth month, InvoiceLine line, CancellationToken ct)
    {
        var kept = (await read.Billed.Kept.OfCharge(month, line.ChargeId, ct))
            .LastOrDefault(one => one.Charge is not null);
        var run = kept is null ? null : read.Billed.Kept.RunOf(kept);
        var before = kept is null || run is null ? []
            : await read.Billed.Kept.PartsOf(run, month, kept.Charge!.LineId, line.ChargeId, ct);
        var now = read.Parts.TryGetValue(month, out var parts)
            ? LinesAbout(line).SelectMany(parts.Of).Where(part => part.IsOf(line.ChargeId)).ToList()
            : [];
        var changed = now.Except(before).Concat(before.Except(now)).ToList();
        var outages = changed.Where(part => part.Outage is not null).ToList();
        if (outages.Count > 0)
        {
            var names = read.Rating.Books.Outages.Where(outage => outage.Landlord == line.Landlord &&
                outage.From < month.End && !(outage.Until <= month.Start)).Select(outage => outage.Name);
            return [new("outage", $"outages: {string.Join(", ", names.Order(StringComparer.Ordinal))}")];
        }

        var since = run?.Meter ?? 0;
        var causes = new List<Cause>();
        foreach (var resource in changed.Select(part => part.Resource).Distinct().Take(Named))
        {
            var readings = await meter.ReadingsSince(resource, month.Period, since, ct);
            causes.Add(new("late-reading", $"{resource}: " + (readings.Count == 0
                ? "its usage is not what it was"
                : string.Join(", ", readings.Take(Named).Select(
                    reading => $"{reading.Source} {reading.Id} in block {BlockNumber.Shown(reading.Block)}")))));
        }

        return causes.Count > 0 ? causes : [new("late-reading", "usage that came after the close")];
    }

    /// <summary>The lines of charges that a charge may be a step of: its own id, cut at each colon.</summary>
    private static IEnumerable<string> LinesAbout(InvoiceLine line)
    {
        yield return line.ChargeId;
        for (var colon = line.ChargeId.LastIndexOf(':'); colon > 0; colon = line.ChargeId.LastIndexOf(':', colon - 1))
        {
            yield return line.ChargeId[..colon];
        }
    }
}
