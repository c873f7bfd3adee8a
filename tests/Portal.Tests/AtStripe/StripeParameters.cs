namespace Exchange.Portal.Tests.AtStripe;

/// <summary>
/// What Stripe's published API takes, call by call. 's' is text, 'i' a whole number, 'b' true or false, 'm' a map, 'o'
/// an
/// object or a list that is not looked into; '!' is needed.
/// </summary>
internal static class StripeParameters
{
    private const string Paging = " ending_before:s expand:o limit:i starting_after:s";

    private static readonly Dictionary<string, string> Calls = new(StringComparer.Ordinal)
    {
        ["POST customers"] = "address:o balance:i business_name:s cash_balance:o description:s email:s expand:o " +
            "individual_name:s invoice_prefix:s invoice_settings:o metadata:m name:s next_invoice_sequence:i " +
            "payment_method:s phone:s preferred_locales:o shipping:o source:s tax:o tax_exempt:s tax_id_data:o " +
            "test_clock:s validate:b",
        ["GET customers"] = "created:o email:s test_clock:s" + Paging,
        ["POST invoices"] = "account_tax_ids:o application_fee_amount:i auto_advance:b automatic_tax:o " +
            "automatically_finalizes_at:i collection_method:s currency:s custom_fields:o customer:s! " +
            "customer_account:s days_until_due:i default_payment_method:s default_source:s default_tax_rates:o " +
            "description:s discounts:o due_date:i effective_at:i expand:o footer:s from_invoice:o issuer:o " +
            "metadata:m number:s on_behalf_of:s payment_settings:o pending_invoice_items_behavior:s rendering:o " +
            "shipping_cost:o shipping_details:o statement_descriptor:s subscription:s transfer_data:o",
        ["GET invoices"] = "collection_method:s created:o customer:s customer_account:s due_date:o status:s " +
            "subscription:s" + Paging,
        ["GET invoices/*"] = "expand:o",
        ["DELETE invoices/*"] = "",
        ["POST invoices/*/finalize"] = "auto_advance:b expand:o",
        ["POST invoices/*/void"] = "expand:o",
        ["POST invoices/*/pay"] = "expand:o forgive:b mandate:s off_session:b paid_out_of_band:b payment_method:s " +
            "source:s",
        ["POST invoiceitems"] = "amount:i currency:s customer:s customer_account:s description:s discountable:b " +
            "discounts:o expand:o invoice:s metadata:m period:o price_data:o pricing:o quantity:i " +
            "quantity_decimal:s subscription:s tax_behavior:s tax_code:s tax_rates:o unit_amount_decimal:s",
        ["POST credit_notes"] = "invoice:s! amount:i credit_amount:i effective_at:i email_type:s expand:o lines:o " +
            "memo:s metadata:m out_of_band_amount:i reason:s refund_amount:i refunds:o shipping_cost:o",
        ["POST refunds"] = "amount:i charge:s currency:s customer:s expand:o instructions_email:s metadata:m " +
            "origin:s payment_intent:s reason:s refund_application_fee:b reverse_transfer:b",
        ["GET events"] = "created:o delivery_success:b type:s types:o" + Paging,
    };

    /// <returns>Stripe's error code and the parameter that is not right; null when all are.</returns>
    public static (string Code, string Param)? Wrong(
        string call, IReadOnlyList<KeyValuePair<string, string>> given)
    {
        if (!Calls.TryGetValue(call, out var described))
        {
            return ("url_invalid", call);
        }

        var known = described.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split(':'))
            .ToDictionary(one => one[0], one => one[1], StringComparer.Ordinal);
        foreach (var (name, value) in given)
        {
            var bracket = name.IndexOf('[', StringComparison.Ordinal);
            if (!known.TryGetValue(bracket < 0 ? name : name[..bracket], out var type))
            {
                return ("parameter_unknown", name);
            }

            if ((type[0] is 'm' or 'o') != (bracket > 0) || (type[0] == 'i' && !long.TryParse(value, out _)) ||
                (type[0] == 'b' && value is not ("true" or "false")) || (type[0] == 's' && value.Length == 0))
            {
                return (type[0] == 'i' ? "parameter_invalid_integer" : "parameter_invalid", name);
            }
        }

        var missing = known.FirstOrDefault(one => one.Value.EndsWith('!') && given.All(g => g.Key != one.Key)).Key;
        return missing is null ? null : ("parameter_missing", missing);
    }
}
