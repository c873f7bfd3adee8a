using Exchange.Metering;
using Exchange.Metering.Collectors;
using NodaTime;

namespace Exchange.Rating;

/// <summary>The part of the rater that takes what was counted, and what other clouds billed.</summary>
public sealed partial class Rater
{
    /// <summary>No meter counts more in a day: an exabyte in bytes is less.</summary>
    private const decimal Largest = 10_000_000_000_000_000_000m;

    public void Add(DailyTotal total)
    {
        var at = total.Day.AtMidnight().InUtc().ToInstant();
        _behind.Add(total);
        if (IsOutside(total.Resource, total.Project) || !_period.Contains(at))
        {
            return;
        }

        var era = _books.Of(total.Resource.Landlord, total.Resource.Cluster).Eras.First(e => e.Period.Contains(at));
        var isEgress = _books.IsEgress(total.Meter);
        var found = era.Of(total.Resource.Kind, total.Meter);
        if (found is ({ }, { Model: PassThrough }) && total.Resource.Kind != FederatedBill.Kind)
        {
            _unpriced.Count(total, "no-sku"); // What is passed on comes by bills alone, whatever somebody counts.
            return;
        }

        if (!isEgress && total.Quantity <= Largest && AsAgreed(total, at, found))
        {
            return;
        }

        if (found is null && (!isEgress || era.Sheets.Count == 0))
        {
            if (!era.IsUnbilled(total.Resource.Kind, total.Meter) && !_behind.Sells(total))
            {
                _unpriced.Count(total, era.Sheets.Count == 0 ? "no-sheet" : "no-sku");
            }

            return;
        }

        if (total.Quantity > Largest)
        {
            _unpriced.Count(total, "too-large");
            return;
        }

        var (sheet, sku) = found ?? (era.Sheets[0], Egress.Sku);
        var rules = sheet.Sheet.PoliciesNamed(_request.Policies);
        var line = _lines.Of(sheet, rules, sku, total.Resource.Cluster, total.Project);
        var gib = isEgress ? total.Quantity / Egress.PerGib(total.Meter) : 0;
        var counted = found is null ? gib : total.Quantity;
        line.Counted += counted;
        line.EgressGib += gib;
        line.IsEgress |= isEgress;
        var hand = line.Hands.FirstOrDefault(one => one.Period.Contains(at));
        hand?.Counted += counted;
        _told?.Count(total, line, hand, at, counted);
    }

    /// <summary>A count at agreed prices, and on the scale of others that it would be on without them.</summary>
    private bool AsAgreed(DailyTotal total, Instant at, (SheetInForce Sheet, Sku Sku)? listed)
    {
        var span = _agreed.Of(total.Resource, total.Project)?.FirstOrDefault(
            span => span.Start <= at.ToUnixTimeTicks() && at.ToUnixTimeTicks() < span.End);
        if (span?.Of(total.Resource.Kind, total.Meter) is not var (id, sheet, sku))
        {
            return false;
        }

        Count(sheet, sku, id);
        if (listed is ({ } list, { Scope: not Scope.Project } other))
        {
            Count(list, other, null);
        }

        return true;

        void Count(SheetInForce by, Sku item, string? agreement)
        {
            var line = _lines.Agreed(
                by, by.Sheet.PoliciesNamed(_request.Policies), item, total.Resource, total.Project, agreement);
            line.Counted += total.Quantity;
            var hand = line.Hands.FirstOrDefault(one => one.Period.Contains(at));
            hand?.Counted += total.Quantity;
            if (agreement is not null)
            {
                _told?.Count(total, line, hand, at, total.Quantity);
            }
        }
    }

    /// <summary>What another cloud billed, by the sheet of the landlord who passes it on.</summary>
    public void Add(FocusRow row)
    {
        var (resource, project) = (FederatedBill.ResourceOf(row), FederatedBill.ProjectOf(row));
        if (FederatedBill.At(row, _request.Month) is not { } at || !_period.Contains(at) ||
            IsOutside(resource, project))
        {
            return;
        }

        var era = _books.Of(resource.Landlord, resource.Cluster).Eras.First(e => e.Period.Contains(at));
        var isForeign = row.Currency != nameof(Currency.USD);
        if (isForeign || era.Of(FederatedBill.Kind, FederatedBill.Meter) is not ({ } sheet, { Model: PassThrough } sku))
        {
            _unpriced.Bill(row, isForeign ? "other-currency" : era.Sheets.Count == 0 ? "no-sheet" : "no-sku");
            return;
        }

        var line = _lines.Of(sheet, sheet.Sheet.PoliciesNamed(_request.Policies), sku, resource.Cluster, project);
        var step = FederatedBill.StepOf(row);
        var hand = line.Hands.FirstOrDefault(one => one.Period.Contains(at));
        var billed = (step, row.Provider, hand);
        line.Billed[billed] = line.Billed.GetValueOrDefault(billed) + row.BilledCost;
        _told?.Bill(row, line, hand, at, step);
    }
}
