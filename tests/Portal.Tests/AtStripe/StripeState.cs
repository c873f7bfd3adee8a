using System.Globalization;
using System.Text.Json.Nodes;

namespace Exchange.Portal.Tests.AtStripe;

/// <summary>The objects that the double of Stripe holds, and which changes of them Stripe allows.</summary>
internal sealed class StripeState
{
    /// <summary>Stripe would refuse it.</summary>
    public sealed class RefusedException(string code, string message, int status = 400) : Exception(message)
    {
        public string Code => code;
        public int Status => status;
    }

    private int _made;

    public long Now { get; set; } = UsedMonth.Now.ToUnixTimeSeconds();
    public List<JsonObject> Customers { get; } = [];
    public List<JsonObject> Invoices { get; } = [];
    public List<JsonObject> Events { get; } = [];
    public Dictionary<string, long> Taken { get; } = [];

    public JsonNode Do(string call, string id, Dictionary<string, string> given) => call switch
    {
        "POST customers" => Add(Customers, "cus", new()
        {
            ["object"] = "customer",
            ["email"] = given.GetValueOrDefault("email"),
            ["metadata"] = Map(given),
            ["created"] = Now,
            ["livemode"] = false,
            ["balance"] = 0,
        }),
        "GET customers" => List(Customers.Where(
            one => given.GetValueOrDefault("email") is not { } email || (string?)one["email"] == email), given),
        "POST invoices" => AddInvoice(given),
        "GET invoices" => List(Invoices.Where(one => given.GetValueOrDefault("customer") is not { } customer ||
            (string?)one["customer"] == customer), given),
        "GET invoices/*" => Invoice(id),
        "DELETE invoices/*" => Delete(id),
        "POST invoices/*/finalize" => Move(id, "draft", "open"),
        "POST invoices/*/void" => Move(id, "open", "void"),
        "POST invoices/*/pay" => given.GetValueOrDefault("paid_out_of_band") == "true"
            ? Move(id, "open", "paid")
            : throw new RefusedException("invoice_payment_intent_requires_action", "The customer has no card."),
        "POST invoiceitems" => AddItem(given),
        "POST credit_notes" => Credit(given),
        "POST refunds" => Refund(given),
        "GET events" => List(Events.Where(one => (long)one["created"]! >=
            long.Parse(given.GetValueOrDefault("created[gte]") ?? "0", CultureInfo.InvariantCulture)).Reverse(), given),
        _ => throw new RefusedException("url_invalid", call, 404),
    };

    /// <summary>The customer pays; the event is what Stripe then tells.</summary>
    public JsonObject Pay(string invoice, long cents)
    {
        var of = Invoice(invoice);
        of["amount_remaining"] = (long)of["amount_remaining"]! - cents;
        of["status"] = (long)of["amount_remaining"]! == 0 ? "paid" : "open";
        var intent = Next("pi");
        Taken[intent] = cents;
        return Happen("invoice_payment.paid", new()
        {
            ["id"] = Next("inpay"),
            ["object"] = "invoice_payment",
            ["amount_paid"] = cents,
            ["amount_requested"] = cents,
            ["created"] = Now,
            ["currency"] = "usd",
            ["invoice"] = invoice,
            ["is_default"] = true,
            ["livemode"] = false,
            ["payment"] = new JsonObject { ["type"] = "payment_intent", ["payment_intent"] = intent },
            ["status"] = "paid",
        });
    }

    public JsonObject Happen(string type, JsonObject what)
    {
        Events.Add(new()
        {
            ["id"] = Next("evt"),
            ["object"] = "event",
            ["type"] = type,
            ["created"] = Now,
            ["livemode"] = false,
            ["api_version"] = "2025-03-31.basil",
            ["pending_webhooks"] = 1,
            ["data"] = new JsonObject { ["object"] = what.DeepClone() },
        });
        return Events[^1];
    }

    private JsonObject Invoice(string id) => Invoices.Find(one => (string?)one["id"] == id) ??
        throw new RefusedException("resource_missing", $"No such invoice: '{id}'", 404);

    private JsonObject AddInvoice(Dictionary<string, string> given)
    {
        if (!Customers.Exists(one => (string?)one["id"] == given["customer"]))
        {
            throw new RefusedException("resource_missing", "No such customer");
        }

        if (given.GetValueOrDefault("collection_method") == "send_invoice" &&
            (!long.TryParse(given.GetValueOrDefault("due_date"), out var due) || due <= Now))
        {
            throw new RefusedException("parameter_invalid", "The due date must be in the future.");
        }

        if (given.TryGetValue("number", out var number) && Invoices.Exists(one => (string?)one["number"] == number))
        {
            throw new RefusedException("parameter_invalid", "There is an invoice of this number already.");
        }

        return Add(Invoices, "in", new()
        {
            ["object"] = "invoice",
            ["customer"] = given["customer"],
            ["status"] = "draft",
            ["number"] = number,
            ["currency"] = given.GetValueOrDefault("currency") ?? "usd",
            ["total"] = 0L,
            ["amount_remaining"] = 0L,
            ["metadata"] = Map(given),
            ["hosted_invoice_url"] = null,
            ["livemode"] = false,
            ["created"] = Now,
            ["auto_advance"] = given.GetValueOrDefault("auto_advance") == "true",
        });
    }

    private JsonObject AddItem(Dictionary<string, string> given)
    {
        var invoice = Invoice(given.GetValueOrDefault("invoice") ?? "");
        if ((string?)invoice["status"] != "draft")
        {
            throw new RefusedException("invoice_not_editable", "This invoice is no longer editable.");
        }

        if ((string?)invoice["customer"] != given.GetValueOrDefault("customer") ||
            !given.TryGetValue("amount", out var amount) || !given.ContainsKey("currency"))
        {
            throw new RefusedException("parameter_missing", "Customer, amount and currency go together.");
        }

        invoice["total"] = (long)invoice["total"]! + long.Parse(amount, CultureInfo.InvariantCulture);
        invoice["amount_remaining"] = (long)invoice["total"]!;
        return new() { ["id"] = Next("ii"), ["object"] = "invoiceitem" };
    }

    private JsonObject Move(string id, string from, string to)
    {
        var invoice = Invoice(id);
        if ((string?)invoice["status"] != from || (to == "open" && (long)invoice["total"]! <= 0))
        {
            throw new RefusedException("invoice_not_editable",
                $"An invoice that is {invoice["status"]} cannot be {to}.");
        }

        invoice["status"] = to;
        invoice["hosted_invoice_url"] = $"https://invoice.stripe.example/{id}";
        return invoice;
    }

    private JsonObject Delete(string id)
    {
        var invoice = Invoice(id);
        return (string?)invoice["status"] == "draft" && Invoices.Remove(invoice)
            ? new() { ["id"] = id, ["object"] = "invoice", ["deleted"] = true }
            : throw new RefusedException("invoice_not_editable", "You can only delete draft invoices.");
    }

    private JsonObject Credit(Dictionary<string, string> given)
    {
        var invoice = Invoice(given["invoice"]);
        var amount = long.Parse(given["amount"], CultureInfo.InvariantCulture);
        if ((string?)invoice["status"] != "open" || amount <= 0 || amount > (long)invoice["amount_remaining"]!)
        {
            throw new RefusedException("parameter_invalid", "More than is open cannot be credited.");
        }

        invoice["amount_remaining"] = (long)invoice["amount_remaining"]! - amount;
        return new() { ["id"] = Next("cn"), ["object"] = "credit_note", ["amount"] = amount };
    }

    private JsonObject Refund(Dictionary<string, string> given)
    {
        var intent = given.GetValueOrDefault("payment_intent") ?? "";
        var amount = long.Parse(given["amount"], CultureInfo.InvariantCulture);
        if (!Taken.TryGetValue(intent, out var left) || amount > left || amount <= 0)
        {
            throw new RefusedException("charge_already_refunded", "Greater than the unrefunded amount.");
        }

        Taken[intent] = left - amount;
        var refund = new JsonObject
        {
            ["id"] = Next("re"),
            ["object"] = "refund",
            ["amount"] = amount,
            ["currency"] = "usd",
            ["status"] = "succeeded",
            ["payment_intent"] = intent,
            ["created"] = Now,
            ["charge"] = null,
        };
        Happen("refund.created", refund);
        return refund;
    }

    private static JsonObject List(IEnumerable<JsonObject> all, Dictionary<string, string> given)
    {
        var limit = int.Parse(given.GetValueOrDefault("limit") ?? "10", CultureInfo.InvariantCulture);
        var rest = given.TryGetValue("starting_after", out var after)
            ? all.SkipWhile(one => (string?)one["id"] != after).Skip(1).ToList() : [.. all];
        return new()
        {
            ["object"] = "list",
            ["has_more"] = rest.Count > limit,
            ["data"] = new JsonArray([.. rest.Take(limit).Select(one => one.DeepClone())]),
        };
    }

    private static JsonObject Map(Dictionary<string, string> given) => new(given
        .Where(g => g.Key.StartsWith("metadata[", StringComparison.Ordinal))
        .Select(g => KeyValuePair.Create(g.Key["metadata[".Length..^1], (JsonNode?)g.Value)));

    private JsonObject Add(List<JsonObject> to, string prefix, JsonObject one)
    {
        one["id"] = Next(prefix);
        to.Add(one);
        return one;
    }

    private string Next(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}_{++_made:D8}");
}
