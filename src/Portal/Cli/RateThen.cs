using Exchange.Invoicing.Explaining;

namespace Exchange.Portal.Cli;

/// <summary>Shows the charges of a closed month as they were known on a day.</summary>
internal static class RateThen
{
    public static Answer Answer(BillingMonth month, IReadOnlyList<ChargeThen> charges)
    {
        var total = Money.Sum(charges.Select(then => then.Charge.Amount));
        return new(
            new
            {
                month,
                policies = charges.Select(then => then.Charge.Policies).FirstOrDefault(),
                total,
                charges = charges.Select(then => new
                {
                    month,
                    period = then.Line.ServicePeriod,
                    landlord = then.Line.Landlord,
                    service = then.Line.Service,
                    cluster = then.Line.Cluster,
                    project = then.Line.Project,
                    sku = then.Line.Sku,
                    quantity = then.Charge.Quantity,
                    rate = then.Line.Rate,
                    amount = then.Charge.Amount,
                    sheet = then.Line.Sheet,
                    policies = then.Charge.Policies,
                    avoided = then.Line.Avoided,
                    pi = then.Account.Pi,
                    id = then.Line.ChargeId,
                }).ToList(),
                unpriced = Array.Empty<object>(),
            },
            terminal =>
            {
                terminal.Table(
                    ["landlord", "cluster", "project", "PI", "SKU", "tier", "quantity", "rate", "amount", "sheet"],
                    charges.Select(then => (IReadOnlyList<string>)[
                        then.Line.Landlord.Value, then.Line.Cluster.Value, then.Line.Project.Value,
                        then.Account.Name, then.Line.Sku.Value, then.Line.ShownStep ?? "",
                        then.Charge.Quantity.ToString(),
                        Exchange.Text.Of(then.Line.Rate.Amount), then.Charge.Amount.ToString(), then.Line.Sheet]));
                terminal.Say($"{charges.Count} charges, {total}, as they were known then");
            });
    }
}
