using System.Collections.Immutable;
using Exchange.Facts;
using Exchange.Rating;

namespace Exchange.Invoicing.Profiles;

/// <summary>
/// How a customer is to be addressed on its invoices, and its own terms of payment. Stored as it is here.
/// </summary>
/// <param name="Account">'pi:ada@bu.edu', 'institution:Harvard University', 'payer:bu-research-it', or a prepaid
/// group as 'group:cs-dept'.</param>
public sealed record CustomerProfile(string Account)
{
    private static readonly string[] Kinds = ["pi", "institution", "payer", "group"];

    public static readonly FactKind<CustomerProfile> Facts = new("customer", one => one.Account, Says)
    {
        DecidesMoney = false,
    };

    /// <summary>The legal name; null for the one that the exchange knows.</summary>
    public string? Name { get; init; }

    public ImmutableArray<string> Address { get; init; } = [];
    public string? TaxId { get; init; }

    /// <summary>The number of the purchase order that its invoices name.</summary>
    public string? PurchaseOrder { get; init; }

    /// <summary>Days to pay; null for those of the issuer.</summary>
    public int? TermsDays { get; init; }

    /// <summary>A sentence on each of its invoices.</summary>
    public string? Text { get; init; }

    /// <exception cref="RefusedException">It is not such a file; file and line are named.</exception>
    public static IReadOnlyList<CustomerProfile> Parse(string yaml, string file)
    {
        var root = YamlMap.Read(yaml, file);
        var all = root.Maps("customers").Select(One).ToList();
        root.NoOthers();
        return all.GroupBy(one => one.Account, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is
        { } twice
            ? throw new RefusedException(new(
                "settings/twice", $"'{twice.Key}' stands there twice. Keep one of them.", file))
            : all;
    }

    /// <summary>The account that was meant: an address alone is a PI's. Null for what is none.</summary>
    public static string? AccountOf(string typed)
    {
        var (kind, name) = typed.Split(':', 2) is [var before, var after] ? (before, after) : ("pi", typed);
        return Kinds.Contains(kind) && Exchange.Name.IsOne(name) && name.Trim() == name &&
            (kind != "pi" || name.Contains('@', StringComparison.Ordinal))
                ? $"{kind}:{name}"
                : null;
    }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public static Refusal? Checked(CustomerProfile customer) => AccountOf(customer.Account) != customer.Account
        ? new("settings/no-such-account",
            $"'{customer.Account}' is no account. Write 'pi:ada@bu.edu', 'institution:Harvard University', " +
            "'payer:bu-research-it' or 'group:cs-dept'.")
        : ProfileText.Checked(
            [("name", customer.Name), ("tax id", customer.TaxId), ("PO number", customer.PurchaseOrder),
                ("text", customer.Text)], [("address", customer.Address)], customer.TermsDays ?? 0);

    private static CustomerProfile One(YamlMap map)
    {
        var account = map.Required("account");
        var customer = new CustomerProfile(AccountOf(account) ?? account)
        {
            Name = map.Word("name"),
            Address = [.. map.Words("address")],
            TaxId = map.Word("tax_id"),
            PurchaseOrder = map.Word("purchase_order"),
            TermsDays = map.Whole("terms_days"),
            Text = map.Word("text"),
        };
        map.NoOthers();
        return Checked(customer) is { } refusal
            ? throw new RefusedException(refusal with { Where = map.Where })
            : customer;
    }

    private static IEnumerable<(string What, string Says)> Says(CustomerProfile customer, BillingMonth month) =>
        ProfileText.Said(
            ("name", customer.Name), ("address", ProfileText.Joined(customer.Address)), ("tax id", customer.TaxId),
            ("PO number", customer.PurchaseOrder),
            ("days to pay", customer.TermsDays is { } days ? $"{days}" : null), ("text", customer.Text));
}
