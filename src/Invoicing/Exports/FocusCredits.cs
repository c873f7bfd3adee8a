using Exchange.Journal;
using NodaTime.Text;
using Npgsql;

namespace Exchange.Invoicing.Exports;

/// <summary>
/// What the exchange bears of invoices by credit notes, as rows of FOCUS: credits granted after the fact, in the month
/// in which they were given. They price nothing, so whatever speaks of prices, SKUs and quantities is null.
/// </summary>
internal static class FocusCredits
{
    public static async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> Of(
        NpgsqlDataSource database, BillingMonth month, string issuer, CancellationToken ct)
    {
        const string Sql = """
            select c.number, c.cents, c.reason, i.account, i.institution, i.number, 'PI'
            from invoicing.credit c join invoicing.invoice i on i.id = c.invoice
            where c.at >= $1 and c.at < $2
            union all
            select c.number, c.cents, c.reason, i.party, case when i.kind = 'institution' then i.party end, i.number,
                   initcap(i.kind)
            from invoicing.party_credit c join invoicing.party_invoice i on i.number = c.invoice
            where c.at >= $1 and c.at < $2
            order by 1
            """;

        await using var command = database.Statement(
            Sql, [month.Start, month.End]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<IReadOnlyDictionary<string, string>>();
        while (await rows.ReadAsync(ct))
        {
            var invoice = rows.GetString(5);
            var row = Own(month, new(-rows.GetInt64(1)), issuer, invoice);
            (row["InvoiceId"], row["BillingAccountId"], row["BillingAccountName"], row["BillingAccountType"]) =
                (rows.GetString(0), rows.GetString(3), rows.GetString(3), rows.GetString(6));
            row["ChargeDescription"] = $"Credit on {invoice}: {rows.GetString(2).ReplaceLineEndings(" ")}";
            if (!rows.IsDBNull(4))
            {
                row["x_Institution"] = rows.GetString(4);
            }

            found.Add(row);
        }

        return found;
    }

    /// <summary>A row of the exchange's own, all of whose costs are one; whose it is stands with its kind.</summary>
    /// <param name="invoice">The invoice that it is about.</param>
    internal static Dictionary<string, string> Own(
        BillingMonth month, Money amount, string issuer, string invoice)
    {
        var (cost, currency) = (Text.Of(amount.Amount), amount.Currency.ToString());
        var (start, end) = PeriodOf(month);
        return new(StringComparer.Ordinal)
        {
            ["BilledCost"] = cost,
            ["BillingCurrency"] = currency,
            ["BillingPeriodEnd"] = end,
            ["BillingPeriodStart"] = start,
            ["ChargeCategory"] = "Credit",
            ["ChargeFrequency"] = "One-Time",
            ["ChargePeriodEnd"] = end,
            ["ChargePeriodStart"] = start,
            ["ContractedCost"] = cost,
            ["EffectiveCost"] = cost,
            ["HostProviderName"] = "Not Applicable",
            ["InvoiceIssuerName"] = issuer,
            ["ListCost"] = cost,
            ["PricingCurrency"] = currency,
            ["PricingCurrencyEffectiveCost"] = cost,
            ["ProviderName"] = issuer,
            ["PublisherName"] = issuer,
            ["ResourceId"] = $"invoice/{invoice}",
            ["ResourceName"] = invoice,
            ["ResourceType"] = "Invoice",
            ["ServiceCategory"] = "Other",
            ["ServiceName"] = $"{issuer}: credits",
            ["ServiceProviderName"] = issuer,
            ["ServiceSubcategory"] = "Other (Other)",
            ["x_Amount"] = cost,
        };
    }

    internal static (string Start, string End) PeriodOf(BillingMonth month) =>
        (InstantPattern.General.Format(month.Start), InstantPattern.General.Format(month.End));
}
