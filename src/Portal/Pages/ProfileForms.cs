using System.Collections.Immutable;
using Exchange.Facts;
using Exchange.Invoicing.Profiles;
using Exchange.Journal;
using Exchange.Portal.Web;

namespace Exchange.Portal.Pages;

/// <summary>The forms in which finance edits what invoices say of issuer and customers.</summary>
public static class ProfileForms
{
    internal const int MaxLinesLength = 4_500;

    /// <summary>What invoices say of who issues them, and the version of it.</summary>
    public sealed record OfIssuer(IssuerProfile Issuer, string Edition);

    /// <summary>What invoices to a customer say, and the version of it.</summary>
    public sealed record OfCustomer(CustomerProfile Customer, string Edition);

    /// <summary>What was typed: every field that the form has replaces what was said.</summary>
    internal static ProfileChange Read(Form form) => new(
        Text(form, "name"), Lines(form, "address"), Text(form, "tax_id"), Lines(form, "remittance"), Logo(form),
        Text(form, "purchase_order"), Text(form, "text"), Whole(form, "terms_days", "days", "30"))
    {
        HardCloseMonths = form.Has("hard_close_months") && form.Typed("hard_close_months").Trim().Length == 0
            ? 0
            : Whole(form, "hard_close_months", "months", "12"),
        EndsTerms = form.Has("terms_days") && form.Typed("terms_days").Trim().Length == 0,
    };

    internal static async Task<IResult> Issuer(
        HttpContext http, Composition exchange, IssuerProfile issuer, Form form, CancellationToken ct) =>
        Page.Of<IssuerPage, OfIssuer>(
            http, "Edit invoice settings of the issuer", new(issuer, await Edition(exchange, ct)), form);

    internal static async Task<IResult> Customer(
        HttpContext http, Composition exchange, CustomerProfile customer, Form form, CancellationToken ct) =>
        Page.Of<BillToPage, OfCustomer>(
            http, $"Edit invoice settings of {customer.Account[(customer.Account.IndexOf(':') + 1)..]}",
            new(customer, await Edition(exchange, ct)), form);

    private static async Task<string> Edition(Composition exchange, CancellationToken ct) =>
        (await ETag.Of(exchange, [DatedFacts.Fold.StreamOf(DatedFacts.Id)], ct)).Version;

    private static string? Text(Form form, string name) => form.Has(name) ? form.Typed(name).Trim() : null;

    private static ImmutableArray<string>? Lines(Form form, string name) => form.Has(name)
        ? [.. form.Typed(name).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]
        : null;

    private static string? Logo(Form form) => form.Typed("no_logo") == "yes" ? ""
        : form.File("logo") is { Length: > 0 } png ? Convert.ToBase64String(png)
        : null;

    /// <returns>Null where nothing was typed, or what was typed is no number; then the form says so.</returns>
    private static int? Whole(Form form, string name, string of, string like)
    {
        var typed = form.Typed(name).Trim();
        if (typed.Length > 0 && !int.TryParse(
            typed, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out _))
        {
            form.Wrong(name, $"'{typed}' is no number of {of}. Write it like '{like}'.");
        }

        return int.TryParse(typed, out var number) ? number : null;
    }
}
