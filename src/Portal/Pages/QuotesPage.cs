using System.Globalization;
using Exchange.Portal.Names;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /quotes — a plan for a month, priced by every landlord that can serve it, beside what public clouds would ask.
/// What is asked stands in the address, so that a quote can be sent on.
/// </summary>
internal static class QuotesPage
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/quotes", Get)
        .RequireAuthorization(Permissions.AskForQuotes).ExcludeFromDescription();

    private static Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var isAsked = http.Request.Query.ContainsKey("hours");
        var form = isAsked
            ? new Form(http.Request.Query.ToDictionary(q => q.Key, q => q.Value, StringComparer.Ordinal))
            : Form.Empty;
        return Draw(http, exchange, form, isAsked, ct);
    }

    /// <summary>The form, and what a plan costs; also when an offer for it could not be saved.</summary>
    public static async Task<IResult> Draw(
        HttpContext http, Composition exchange, Form form, bool isAsked, CancellationToken ct)
    {
        var (books, now) = (await exchange.Prices.Get(ct), exchange.Clock.GetCurrentInstant());
        var (models, meters) = (Workload.GpuModels(books, now), Workload.Meters(books, now));
        var wasRight = form.IsRight;
        var workload = isAsked ? Read(form, models, meters) : null;
        var isPriced = workload is not null && (form.IsRight || (!wasRight && workload.Wrong(models) is null));
        var (offers, mix) = isPriced
            ? await OffersFor.Priced(
                exchange, books, (workload!.Usage, now), await CatalogFor.Viewer(http, exchange, ct), null, ct)
            : ([], new([], Money.Zero, []));
        var save = isPriced ? await SaveQuoteBox.Of(http, exchange, form, offers, mix, ct) : Html.None;
        return Layout.Page(http, "Quotes", Html.Of($"""
            <p class="lead">What a plan would cost in a month with every landlord, at the prices of
            {Show.Of(now)}, before funds. Nothing is ordered. <a href="/catalogue">Catalog</a>
            <a href="/quotes/saved">Saved quotes</a></p>
            {form.Summary()}
            {Fields(form, models, meters)}
            {Html.If(isPriced, () => OffersBox.Of(offers, workload!, books.Public, now.InUtc().Date))}
            {Html.If(mix.Parts.Count > 1 && mix.Missing.Count == 0, () => Html.Of($"""
            <p>Mixed over places it comes to {Show.Of(mix.Total)}: {string.Join("; ", mix.Parts.Select(
                part => $"{part.Landlord}, {part.Cluster}, {Show.Of(part.Total)}"))}.</p>
            """))}
            {save}
            """), form.Status);
    }

    public static Workload Read(Form form, IReadOnlyList<string> models, IReadOnlyList<string> meters)
    {
        var (asked, model, meter) = (form.Typed("form"), form.Typed("gpu"), form.Typed("meter"));
        var workload = new Workload
        {
            Machines = Whole(form, "machines"),
            Kinds = Workload.Forms.Where(one => one.Word == asked).Select(one => one.Kinds)
                .DefaultIfEmpty(Workload.Forms[0].Kinds).First(),
            VCpu = Number(form, "vcpu"),
            RamGib = Number(form, "ram"),
            Gpus = Whole(form, "gpus"),
            GpuModel = models.Contains(model) ? model : null,
            Fpgas = Whole(form, "fpgas"),
            Hours = Number(form, "hours"),
            StorageGib = Number(form, "storage"),
            EgressGib = Number(form, "egress"),
            Meter = meters.Contains(meter) ? meter : null,
            Counted = Number(form, "counted"),
        };
        if (form.IsRight && workload.Wrong(models) is { } wrong)
        {
            form.Wrong(wrong.Part, wrong.Why);
        }

        return workload;
    }

    /// <summary>A number from 0 on; an empty field is 0.</summary>
    private static decimal Number(Form form, string name)
    {
        var typed = form.Typed(name).Trim().Replace(",", "", StringComparison.Ordinal);
        if (typed.Length == 0)
        {
            return 0;
        }

        if (typed.Length <= 20 && decimal.TryParse(
            typed, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        form.Wrong(name, $"Write a number from 0 on, like 16 or 0.5, not '{typed}'.");
        return 0;
    }

    private static int Whole(Form form, string name)
    {
        var number = Number(form, name);
        if (decimal.IsInteger(number) && number <= int.MaxValue)
        {
            return (int)number;
        }

        form.Wrong(name, $"Write a whole number, not '{form.Typed(name)}'.");
        return 0;
    }

    private static Html Fields(Form form, IReadOnlyList<string> models, IReadOnlyList<string> meters) => Html.Of($"""
        <form class="act" method="get" action="/quotes" novalidate>
        {form.Input("machines", "Machines", "How many alike.", otherwise: "1", longest: 20)}
        {form.Choice("form", "Each is", Workload.Forms.Select(one => (one.Word, one.What)), "any")}
        {form.Input("vcpu", "vCPUs of each", otherwise: "4", longest: 20)}
        {form.Input("ram", "Memory of each", "GiB.", otherwise: "16", longest: 20)}
        {form.Input("gpus", "GPUs of each", otherwise: "0", longest: 20)}
        {form.Choice("gpu", "Which GPU", models.Select(m => (m, m.ToUpperInvariant())).Prepend(("", "none")), "")}
        {form.Input("fpgas", "FPGA boards", otherwise: "0", longest: 20)}
        {form.Input("hours", "Hours", "In a month, at most 744; 730 are a month of middling length.", otherwise: "730",
            longest: 20)}
        {form.Input("storage", "Storage", "GiB, for as many hours.", otherwise: "0", longest: 20)}
        {form.Input("egress", "Egress", "GiB that leave over the network in a month. No landlord here charges for it.",
            otherwise: "0", longest: 20)}
        {Html.If(meters.Count > 0, () => Html.Of($"""
        {form.Choice("meter", "What else is counted", meters.Select(one => (one, one)).Prepend(("", "none")), "")}
        {form.Input("counted", "How much of it", "In the unit of its meter, in a month.", otherwise: "0", longest: 20)}
        """))}
        <p><button class="main">What would it cost?</button></p></form>
        """);
}
