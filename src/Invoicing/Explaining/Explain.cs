using System.Text.Json;
using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Explaining;

/// <summary>
/// 'exchange explain ID' — from a charge down to the readings that it rests on: what was billed as it was kept, what
/// was not as it rates now.
/// </summary>
public static class Explain
{
    /// <summary>Explains one charge, by its id: month, landlord, cluster, project, SKU and sheet.</summary>
    /// <exception cref="RefusedException">There is no such charge.</exception>
    /// <param name="asOf">What was known before this instant; null for the line as it was billed first.</param>
    public static async Task<IReadOnlyList<Explanation>> Run(
        Sources sources, string chargeId, CancellationToken ct, Instant? asOf = null)
    {
        if (chargeId.Split(':') is not [var monthText, var landlord, _, ..] ||
            !BillingMonth.TryParse(monthText, null, out var month))
        {
            throw Unknown(chargeId);
        }

        var months = await sources.Journal.State(Months.Fold, Months.Id, ct);
        var kept = asOf is { } before
            ? (await KnownThen.Read(sources, before, ct)).Kept
            : new KeptCharges(sources.Database, months);
        var lines = await kept.OfCharge(month, chargeId, ct);
        if (lines.Count > 0)
        {
            var close = kept.RunOf(lines[asOf is null ? 0 : ^1])?.Id;
            var (explained, then) = (new List<Explanation>(), new CorrectionsThen());
            foreach (var line in lines.Where(line => kept.RunOf(line)?.Id == close))
            {
                explained.Add(await Of(sources, kept, line, ct, then));
            }

            return explained;
        }

        if (asOf is not null)
        {
            throw Unknown(chargeId);
        }

        return await RatedNow(sources, chargeId, new(month, months.Closed.GetValueOrDefault(month)?.Policies
            ?? Policies.Corrected)
        {
            Landlord = new(landlord),
        }, ct);
    }

    /// <summary>A line as it was billed: from what was kept, and from readings that were there by then.</summary>
    /// <param name="then">Kept by whoever explains several lines.</param>
    public static async Task<Explanation> Of(
        Sources sources, KeptCharges kept, KeptLine line, CancellationToken ct, CorrectionsThen? then = null)
    {
        then ??= new();
        var closed = KeptCharges.ClosedBy(line);
        var run = kept.RunOf(line) ?? throw new InvalidOperationException($"{line.Invoice} is of no kept close.");
        var billed = line.Line;
        var parts = new List<ExplainedPart>();
        if (line.Charge is { } charge)
        {
            foreach (var part in await kept.PartsOf(
                run, billed.ServiceMonth(closed), charge.LineId, billed.ChargeId, ct))
            {
                if (part.Row is not null || billed.ServicePeriod.Clip(part.Period) is not null)
                {
                    parts.Add(await Part(sources, part, run.Meter, then, ct));
                }
            }
        }

        var quantity = line.Charge?.Quantity ?? billed.Quantity with { Amount = 0 };
        var amount = line.Charge?.Amount ?? Money.Zero;
        return new(
            billed.ChargeId, billed.ProjectName, line.Account.Pi?.Value, billed.Sku.Value, quantity, billed.Rate,
            amount, billed.Sheet, line.Charge?.SheetSha256 ?? "", line.Charge?.Policies ?? "",
            $"{Arithmetic(quantity, billed.Rate, amount)}" + (line.Before is { } before
                ? $"; {before} of it were billed before, so this line is {billed.Amount}" : ""),
            parts, [billed], Money.Zero)
        {
            Kept = true,
            Before = line.Before,
            Funds = line.Funds,
            Causes = line.Causes,
        };
    }

    private static string Arithmetic(Quantity quantity, Rate rate, Money amount) =>
        $"{quantity} × {rate} = {Text.Of(rate.Of(quantity))}, rounded half up to {amount}";

    private static async Task<ExplainedPart> Part(
        Sources sources, KeptPart part, long upTo, CorrectionsThen then, CancellationToken ct) => new(
            part.Resource.ToString(), part.Resource.Kind, part.Period, part.State, part.Shape,
            part.Outage ?? "none", part.Arithmetic,
            part.Row is { } row
                ? [new(row.Provider, row.Where, 0, JsonSerializer.Serialize(row, Text.Json))]
                : await sources.Meter.ReadingsBehind(part.Resource, part.Period, ct, upTo, then))
        {
            Units = part.Units,
            Hours = part.Hours,
        };

    private static async Task<IReadOnlyList<Explanation>> RatedNow(
        Sources sources, string chargeId, RateRequest request, CancellationToken ct)
    {
        var rating = await RatingNow.Read(sources, ct);
        using var parts = new PartsOfMonth();
        var lines = new HashSet<string>(StringComparer.Ordinal);
        var rated = await rating.Rate(
            request, part =>
            {
                if (part.IsOf(chargeId))
                {
                    parts.Add(part);
                    lines.Add(part.ChargeId);
                }
            }, ct);
        var billed = await BilledLines.OfCharge(sources.Database, chargeId, ct);
        var charges = rated.Charges.Where(owned => owned.Charge.Id == chargeId).ToList();
        if (charges.Count == 0)
        {
            throw Unknown(chargeId);
        }

        var unbilled = Money.Sum(charges.Select(owned => owned.Charge.Amount)) - Money.Sum(
            billed.Select(l => l.Amount));
        var explained = new List<Explanation>();
        foreach (var (charge, owner) in charges)
        {
            var mine = new List<ExplainedPart>();
            foreach (var part in lines.Order(StringComparer.Ordinal).SelectMany(parts.Of)
                .Where(part => part.Row is not null || charge.Period.Clip(part.Period) is not null))
            {
                mine.Add(await Part(sources, part, long.MaxValue, new(), ct));
            }

            explained.Add(new(
                charge.Id, owner.Name, owner.Pi?.Value, charge.Sku.Value, charge.Quantity, charge.Rate,
                charge.Amount, charge.Sheet, rating.Books.Sheet(charge.Sheet)?.Sha256 ?? "", charge.Policies,
                Arithmetic(charge.Quantity, charge.Rate, charge.Amount), mine, billed, unbilled));
        }

        return explained;
    }

    internal static RefusedException Unknown(string id) => new(new(
        "explain/unknown",
        $"Nothing is known as '{id}'. Give the number of an invoice or credit note (PI-, IN-, PY-, PG-, CN-), one of " +
        "its lines (NUMBER#3), or the id of a charge as 'exchange rate --json' prints it."));
}
