using Exchange.Facts;
using Exchange.Invoicing;
using Exchange.Invoicing.Profiles;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>/finance/settings — what stands on invoices: who issues them, how customers are addressed, terms.</summary>
public sealed partial class SettingsPage
{
    /// <summary>What an invoice says that is issued on a day.</summary>
    public sealed record Sayings(LocalDate Day, ITable Issuer, IListing Customers);

    public const string Path = "/finance/settings";
    internal const string OfIssuer = $"{Path}/issuer", OfCustomer = $"{Path}/customer";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.ChangeSettings).ExcludeFromDescription();
        app.MapGet(OfIssuer, IssuerForm).RequireAuthorization(Permissions.ChangeSettings).ExcludeFromDescription();
        app.MapGet(OfCustomer, CustomerForm).RequireAuthorization(Permissions.ChangeSettings)
            .ExcludeFromDescription();
        app.MapPost(OfIssuer, SetIssuer).RequireAuthorization(Permissions.ChangeSettings).ChecksForm().Edits(Facts)
            .ExcludeFromDescription();
        app.MapPost(OfCustomer, SetCustomer).RequireAuthorization(Permissions.ChangeSettings).ChecksForm()
            .Edits(Facts).ExcludeFromDescription();
        app.MapGet("/issuer/logo/{hash}", Picture).RequireAuthorization(Permissions.BeSignedIn)
            .ExcludeFromDescription();
    }

    public static string LogoHref(string hash) => $"/issuer/logo/{Uri.EscapeDataString(hash)}";

    private static IReadOnlyList<string> Facts(HttpContext http, Composition exchange) =>
        [DatedFacts.Fold.StreamOf(DatedFacts.Id)];

    private static async Task<BillingProfiles> Read(Composition exchange, CancellationToken ct) =>
        BillingProfiles.Of(await exchange.Kept.State(DatedFacts.Fold, DatedFacts.Id, ct));

    private static async Task<IResult> Get(
        HttpContext http, Composition exchange, IClock clock, DateOnly? asOf, CancellationToken ct)
    {
        var day = AsOf.Day(asOf, clock.GetCurrentInstant());
        var profiles = await Read(exchange, ct);
        var issuer = profiles.IssuerOn(day) ?? new(Issuer.Name);
        var customers = profiles.Customers.Select(name => profiles.CustomerOn(name, day)).OfType<CustomerProfile>()
            .ToList();
        var listing = Customers(customers);
        return listing.Answer(http) ?? Page.Of<SettingsPage, Sayings>(
            http, "Invoice settings", new(day, Lines("Issuer", ProfileLines.Of(issuer)), listing));
    }

    private static TableOf<(string What, string Says)> Lines(
        string caption, IReadOnlyList<(string What, string Says)> lines) => new(
        caption, lines,
        [
            Column<(string What, string Says)>.Words("Field", l => l.What),
            Column<(string What, string Says)>.Words("Value", l => l.Says),
        ], "");

    private static Listing<CustomerProfile> Customers(IReadOnlyList<CustomerProfile> customers) => new(
        "profiles", "Customers with settings of their own", customers,
        [
            Column<CustomerProfile>.Link("Account", c => c.Account, c => Href(c.Account)),
            Column<CustomerProfile>.Words("Name", c => c.Name ?? ""),
            Column<CustomerProfile>.Words("Address", c => string.Join(", ", c.Address)),
            Column<CustomerProfile>.Words("Tax ID", c => c.TaxId ?? ""),
            Column<CustomerProfile>.Words("PO number", c => c.PurchaseOrder ?? ""),
            Column<CustomerProfile>.Words("Days to pay", c => c.TermsDays is { } days ? $"{days}" : "as the issuer"),
        ], "No customer has settings of its own. Name an account below to add some.");

    public static string Href(string account) => $"{OfCustomer}?account={Uri.EscapeDataString(account)}";

    private static async Task<IResult> IssuerForm(
        HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        var today = clock.GetCurrentInstant().InUtc().Date;
        return await ProfileForms.Issuer(
            http, exchange, (await Read(exchange, ct)).IssuerOn(today) ?? new(Issuer.Name), Form.Empty, ct);
    }

    private static async Task<IResult> CustomerForm(
        HttpContext http, Composition exchange, IClock clock, string? account, CancellationToken ct)
    {
        if (CustomerProfile.AccountOf(account ?? "") is not { } name)
        {
            return Problem.Of(new(
                "settings/no-such-account",
                "Name an account like 'pi:ada@bu.edu', 'institution:Harvard University', 'payer:bu-research-it' or " +
                "'group:cs-dept'."), 400);
        }

        var today = clock.GetCurrentInstant().InUtc().Date;
        return await ProfileForms.Customer(
            http, exchange, (await Read(exchange, ct)).CustomerOn(name, today) ?? new(name), Form.Empty, ct);
    }

    private static async Task<IResult> SetIssuer(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var change = ProfileForms.Read(form);
        var from = FormDay.Optional(form, "from", "The first day");
        if (form.IsRight && await exchange.Commands.Try(
            new ChangeIssuer(change.Change, from, Viewer.Needed(http).Actor), http, ct) is { } refusal)
        {
            form.Wrong(refusal.Code switch
            {
                "settings/logo" => "logo",
                "settings/hard-close" => "hard_close_months",
                _ => "name",
            }, refusal.Message);
        }

        return form.IsRight
            ? Results.Redirect(Path)
            : await ProfileForms.Issuer(http, exchange, new(Issuer.Name), form, ct);
    }

    private static async Task<IResult> SetCustomer(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        if (CustomerProfile.AccountOf(form.Typed("account")) is not { } account)
        {
            return new NotThere();
        }

        var change = ProfileForms.Read(form);
        var from = FormDay.Optional(form, "from", "The first day");
        if (form.IsRight && await exchange.Commands.Try(
            new ChangeCustomer(account, change.Change, from, Viewer.Needed(http).Actor), http, ct) is { } refusal)
        {
            form.Wrong("name", refusal.Message);
        }

        return form.IsRight
            ? Results.Redirect(Path)
            : await ProfileForms.Customer(http, exchange, new(account), form, ct);
    }

    /// <summary>A logo that was ever published, under the hash of its bytes.</summary>
    private static async Task<IResult> Picture(HttpContext http, IJournal journal, string hash, CancellationToken ct)
    {
        if (await LogoImage.Find(journal, hash, ct) is not { } png)
        {
            return new NotThere();
        }

        http.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        return Results.Bytes(png, "image/png");
    }
}
