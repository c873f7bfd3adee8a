using System.Text.Json;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Rating;

namespace Exchange.Invoicing.Closing;

/// <summary>One part of a charge: what a segment adds to it, and the readings that it rests on.</summary>
public sealed record ExplainedPart(
    string Resource, string Kind, Period Period, string State, string Shape, string Outage, string Arithmetic,
    IReadOnlyList<ReadingBehind> Readings);

/// <summary>A charge down to its readings, and what was billed of it.</summary>
/// <param name="Sheet">The version of the price sheet, and where its text can be seen.</param>
/// <param name="Billed">Every invoice line of it: first as billed, then as adjusted.</param>
/// <param name="Unbilled">What it comes to now and is not on an invoice yet.</param>
public sealed record Explanation(
    string ChargeId, string Project, string? Pi, string Sku, Quantity Quantity, Rate Rate, Money Amount, string Sheet,
    string SheetSha256, string Policies, string Arithmetic, IReadOnlyList<ExplainedPart> Parts,
    IReadOnlyList<InvoiceLine> Billed, Money Unbilled)
{
    /// <summary>Whose charge it is, by the one name under which a landlord that may not know it has it.</summary>
    public string? Customer { get; init; }
}

/// <summary>'exchange explain ID' — from a charge down to the readings that it rests on.</summary>
public static class Explain
{
    /// <summary>Explains one charge, by its id: month, landlord, cluster, project, SKU and sheet.</summary>
    /// <exception cref="RefusedException">There is no such charge.</exception>
    public static async Task<IReadOnlyList<Explanation>> Run(Sources sources, string chargeId, CancellationToken ct)
    {
        if (chargeId.Split(':') is not [var monthText, var landlord, _, ..] ||
            !BillingMonth.TryParse(monthText, null, out var month))
        {
            throw Unknown(chargeId);
        }

        var months = Months.Fold.Of(await sources.Journal.Read<MonthEvent>(Months.Fold.StreamOf(Months.Id), ct));
        var policies = months.Closed.GetValueOrDefault(month)?.Policies ?? Policies.Corrected;
        var rating = await RatingNow.Read(sources, ct);
        var parts = new List<Contribution>();
        var rated = await rating.Rate(
            new RateRequest(month, policies) { Landlord = new(landlord) }, part =>
            {
                if (part.IsOf(chargeId))
                {
                    parts.Add(part);
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
        foreach (var owned in charges)
        {
            var mine = parts.Where(part => owned.Charge.Period.Clip(part.Period) is not null);
            explained.Add(await One(sources, rating, owned, mine, billed, unbilled, ct));
        }

        return explained;
    }

    private static async Task<Explanation> One(
        Sources sources, RatingNow rating, OwnedCharge owned, IEnumerable<Contribution> parts,
        IReadOnlyList<InvoiceLine> billed, Money unbilled, CancellationToken ct)
    {
        var charge = owned.Charge;
        var explained = new List<ExplainedPart>();
        foreach (var part in parts.OrderBy(p => p.Resource.ToString(), StringComparer.Ordinal)
            .ThenBy(p => p.Period.Start))
        {
            explained.Add(new(
                part.Resource.ToString(), part.Resource.Kind, part.Period,
                part.State.ToString().ToLowerInvariant(), part.Shape.ToString() ?? "",
                part.Outage == NodaTime.Duration.Zero ? "none" : part.Outage.ToString(), part.Arithmetic,
                part.Row is { } row
                    ? [new(row.Provider, row.Where, 0, JsonSerializer.Serialize(row, Text.Json))]
                    : await sources.Meter.ReadingsBehind(part.Resource, part.Period, ct)));
        }

        return new(
            charge.Id, owned.Owner.Name, owned.Owner.Pi?.Value, charge.Sku.Value, charge.Quantity, charge.Rate,
            charge.Amount, charge.Sheet, rating.Books.Sheet(charge.Sheet)?.Sha256 ?? "", charge.Policies,
            $"{charge.Quantity} × {charge.Rate} = {Text.Of(charge.Rate.Of(charge.Quantity))}, rounded half up to " +
            $"{charge.Amount}", explained, billed, unbilled);
    }

    private static RefusedException Unknown(string id) => new(new(
        "explain/unknown",
        $"Nothing is known as '{id}'. Give an invoice's number, one of its lines (NUMBER#3), or the id of a charge " +
        "as " +
        "'exchange rate --json' prints it."));
}
