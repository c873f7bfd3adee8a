using System.Text;
using Exchange.Market.Peers;
using Exchange.Metering.Collectors;
using Exchange.Metering.Csv;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Peers;

/// <summary>
/// What a peer asks for as a bill of another cloud, so that everything after it is as for any such bill: passed on by
/// a price sheet, owned, funded, invoiced, explained, and an adjustment where its month is closed.
/// </summary>
internal static class PeerBill
{
    private static readonly string[] Heading =
    [
        "ProviderName", "BillingAccountId", "SubAccountId", "BillingCurrency", "BillingPeriodStart",
        "BillingPeriodEnd", "ChargeCategory", "ChargePeriodStart", "ChargePeriodEnd", "ServiceName", "BilledCost",
        "ConsumedQuantity", "ConsumedUnit", "ResourceId", "x_NotEgress",
    ];

    /// <summary>Takes a statement as the peer's bill of its month; the same again is a duplicate.</summary>
    public static async Task Take(
        Composition exchange, PeerTerms terms, PeerStatement statement, Instant now, CancellationToken ct) =>
        await new Bills(exchange.Database).Take(
            FocusRows.Format, [(Stream(statement), Context(terms, statement, now))], new() { AcceptsLess = true }, ct);

    /// <summary>What the peer asks for, line by line, as the bill's charges are named here.</summary>
    public static IEnumerable<SaidOfLine> Said(PeerTerms terms, PeerStatement statement, Instant now) =>
        FocusRows.Read(Stream(statement), Context(terms, statement, now))
            .Select(read => read.Row ?? throw new RefusedException(new("peer/line", read.Misfit!.Why, terms.Name)))
            .Select(row => new SaidOfLine(
                FederatedBill.ProjectOf(row), FederatedBill.StepOf(row), Money.Round(row.BilledCost), null));

    private static CollectorContext Context(PeerTerms terms, PeerStatement statement, Instant now) => new(
        terms.Landlord!.Value, new ClusterId(terms.Name), now, $"{terms.Name}-{statement.Month}-{statement.Sequence}")
    {
        By = $"peer:{terms.Name}",
    };

    private static MemoryStream Stream(PeerStatement statement)
    {
        var rows = new StringBuilder(CsvWriter.Row(Heading, exact: true));
        foreach (var line in statement.Lines)
        {
            rows.Append(CsvWriter.Row(
                [
                    statement.From, statement.From, line.Project.Value, "USD", Text.Of(statement.Month.Start),
                    Text.Of(statement.Month.End), line.Due < Money.Zero ? "Adjustment" : "Usage",
                    Text.Of(line.Period.Start), Text.Of(line.Period.End), line.What, Text.Of(line.Due.Amount),
                    Text.Of(line.Quantity.Amount), line.Quantity.Unit.Name, line.Charge,
                    line.NotEgress ?? "",
                ], exact: true));
        }

        return new(Encoding.UTF8.GetBytes(rows.ToString()));
    }
}
