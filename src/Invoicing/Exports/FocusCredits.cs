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
        NpgsqlDataSource database, BillingMonth month, CancellationToken ct)
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
            Sql, [month.Start.ToDateTimeUtc(), month.End.ToDateTimeUtc()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<IReadOnlyDictionary<string, string>>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(Row(
                month, rows.GetString(0), new(-rows.GetInt64(1)), rows.GetString(2), rows.GetString(3),
                rows.IsDBNull(4) ? null : rows.GetString(4), rows.GetString(5), rows.GetString(6)));
        }

        return found;
    }

    private static Dictionary<string, string> Row(
        BillingMonth month, string number, Money amount, string reason, string account, string? institution,
        string invoice, string kind)
    {
        var (cost, currency) = (Text.Of(amount.Amount), amount.Currency.ToString());
        var (start, end) = (InstantPattern.General.Format(month.Start), InstantPattern.General.Format(month.End));
        var row = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["BilledCost"] = cost,
            ["BillingAccountId"] = account,
            ["BillingAccountName"] = account,
            ["BillingAccountType"] = kind,
            ["BillingCurrency"] = currency,
            ["BillingPeriodEnd"] = end,
            ["BillingPeriodStart"] = start,
            ["ChargeCategory"] = "Credit",
            ["ChargeDescription"] = $"Credit on {invoice}: {reason.ReplaceLineEndings(" ")}",
            ["ChargeFrequency"] = "One-Time",
            ["ChargePeriodEnd"] = end,
            ["ChargePeriodStart"] = start,
            ["ContractedCost"] = cost,
            ["EffectiveCost"] = cost,
            ["InvoiceId"] = number,
            ["InvoiceIssuerName"] = Issuer.Name,
            ["ListCost"] = cost,
            ["PricingCurrency"] = currency,
            ["PricingCurrencyEffectiveCost"] = cost,
            ["ProviderName"] = Issuer.Name,
            ["PublisherName"] = Issuer.Name,
            ["ResourceId"] = $"invoice/{invoice}",
            ["ResourceName"] = invoice,
            ["ResourceType"] = "Invoice",
            ["ServiceCategory"] = "Other",
            ["ServiceName"] = $"{Issuer.Name}: credits",
            ["ServiceSubcategory"] = "Other (Other)",
            ["x_Amount"] = cost,
        };
        if (institution is not null)
        {
            row["x_Institution"] = institution;
        }

        return row;
    }
}
