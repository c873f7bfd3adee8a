using System.Collections.Immutable;
using Exchange.Facts;
using Exchange.Invoicing.Profiles;
using Exchange.Journal;
using Exchange.Portal.Web;

namespace Exchange.Portal.Pages;

/// <summary>The forms in which finance edits what invoices say of issuer and customers.</summary>
internal static class ProfileForms
{
    private const int MaxLinesLength = 4_500;

    /// <summary>What was typed: every field that the form has replaces what was said.</summary>
    public static ProfileChange Read(Form form) => new(
        Text(form, "name"), Lines(form, "address"), Text(form, "tax_id"), Lines(form, "remittance"), Logo(form),
        Text(form, "purchase_order"), Text(form, "text"), Whole(form, "terms_days", "days", "30"))
    {
        HardCloseMonths = form.Has("hard_close_months") && form.Typed("hard_close_months").Trim().Length == 0
            ? 0
            : Whole(form, "hard_close_months", "months", "12"),
        EndsTerms = form.Has("terms_days") && form.Typed("terms_days").Trim().Length == 0,
    };

    public static async Task<IResult> Issuer(
        HttpContext http, Composition exchange, IssuerProfile issuer, Form form, CancellationToken ct)
    {
        var edition = await Edition(exchange, ct);
        return Layout.Page(http, "Edit issuer", Html.Of($"""
            <p class="crumbs"><a href="{SettingsPage.Path}">Invoice settings</a></p>
            {form.Summary()}
            {Form.Post(http, $"{SettingsPage.Path}/issuer", Html.Of($"""
            {edition.Hidden}{form.Input("name", "Legal name", otherwise: issuer.Name, longest: 500)}
            {form.Area("address", "Address", "One line each.", MaxLinesLength, Joined(issuer.Address), 4)}
            {form.Input("tax_id", "Tax ID", "As it is printed, like 'EIN 04-2103547'.",
                otherwise: issuer.TaxId ?? "", longest: 500)}
            {form.Area("remittance", "Payment instructions", "Bank, routing and account number; one line each.",
                MaxLinesLength, Joined(issuer.Remittance), 4)}
            <div class="field"><label for="logo">Logo</label><p class="hint" id="logo-hint">A PNG of at most 32 KiB.
            {(issuer.Logo is null ? "There is none now." : "Without a new file the present one stays.")}</p>
            <input id="logo" name="logo" type="file" accept="image/png" aria-describedby="logo-hint"></div>
            {Html.If(issuer.Logo is not null, () => form.Box("no_logo", "yes", "Remove logo"))}
            {form.Input("terms_days", "Days to pay", "From the day of issue.", otherwise: $"{issuer.TermsDays}",
                longest: 3)}
            {form.Input("hard_close_months", "Months that take corrections",
                "Closed months further back than this are closed for good: you decide each change. Empty for no limit.",
                otherwise: issuer.HardCloseMonths is { } months ? $"{months}" : "", longest: 3)}
            {form.Input("text", "Text on every invoice", otherwise: issuer.Text ?? "", longest: 500)}
            {From(form)}
            <p><button class="main">Save issuer</button></p>
            """), holdsFiles: true)}
            """), form.Status);
    }

    public static async Task<IResult> Customer(
        HttpContext http, Composition exchange, CustomerProfile customer, Form form, CancellationToken ct)
    {
        var edition = await Edition(exchange, ct);
        return Layout.Page(http, $"Edit customer {customer.Account}", Html.Of($"""
            <p class="crumbs"><a href="{SettingsPage.Path}">Invoice settings</a></p>
            {form.Summary()}
            {Form.Post(http, $"{SettingsPage.Path}/customer", Html.Of($"""
            {edition.Hidden}{Form.Hidden("account", customer.Account)}
            {form.Input("name", "Legal name", "Leave it empty for the name that the exchange knows.",
                otherwise: customer.Name ?? "", longest: 500)}
            {form.Area("address", "Address", "One line each.", MaxLinesLength, Joined(customer.Address), 4)}
            {form.Input("tax_id", "Tax ID", otherwise: customer.TaxId ?? "", longest: 500)}
            {form.Input("purchase_order", "PO number", otherwise: customer.PurchaseOrder ?? "", longest: 500)}
            {form.Input("terms_days", "Days to pay", "From the day of issue; empty for those of the issuer.",
                otherwise: customer.TermsDays is { } days ? $"{days}" : "", longest: 3)}
            {form.Input("text", "Text on each invoice", otherwise: customer.Text ?? "", longest: 500)}
            {From(form)}
            <p><button class="main">Save customer</button></p>
            """))}
            """), form.Status);
    }

    private static Html From(Form form) => form.Input(
        "from", "Holds from", "The first day of issue; today, where it is empty.", "date");

    private static Task<ETag> Edition(Composition exchange, CancellationToken ct) =>
        ETag.Of(exchange, [DatedFacts.Fold.StreamOf(DatedFacts.Id)], ct);

    private static string Joined(ImmutableArray<string> lines) => string.Join('\n', lines);

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
