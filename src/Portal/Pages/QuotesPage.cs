using System.Globalization;
using Exchange.Portal.Names;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /quotes — a plan for a month, priced by every landlord that can serve it, beside what public clouds would ask.
/// What is asked stands in the address, so that a quote can be sent on.
/// </summary>
public sealed partial class QuotesPage
{
    /// <summary>What may be planned, and what came of the plan where one was asked for.</summary>
    /// <param name="IsForAny">Whether the reader may plan for any project.</param>
    /// <param name="Own">The reader's own projects.</param>
    public sealed record Plan(Instant At, ProjectId? Project, bool IsForAny, IReadOnlyList<ProjectId> Own)
    {
        /// <summary>Models of GPUs that somebody sells.</summary>
        public required IReadOnlyList<string> Models { get; init; }

        /// <summary>What else somebody counts and sells.</summary>
        public required IReadOnlyList<string> Meters { get; init; }

        public required OffersBox.Offers? Offers { get; init; }

        public required MixedPlan? Mixed { get; init; }

        public required SaveQuoteBox.Savable? Save { get; init; }
    }

    /// <summary>The plan over several places, each part where it costs least.</summary>
    public sealed record MixedPlan(Money Total, IReadOnlyList<string> Parts, ITable? Funds);

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
    internal static async Task<IResult> Draw(
        HttpContext http, Composition exchange, Form form, bool isAsked, CancellationToken ct)
    {
        var (books, now) = (await exchange.Prices.Get(ct), exchange.Clock.GetCurrentInstant());
        var (models, meters) = (Workload.GpuModels(books, now), Workload.Meters(books, now));
        var viewer = Viewer.Needed(http);
        var own = await QuoteProject.Own(viewer, exchange, ct);
        await using var view = View.Of(http);
        var wasRight = form.IsRight;
        var project = isAsked ? await QuoteProject.Read(form, view, (viewer, own), exchange, ct) : null;
        var workload = isAsked ? Read(form, models, meters) : null;
        var isPriced = workload is not null && (form.IsRight || (!wasRight && workload.Wrong(models) is null));
        var priced = isPriced
            ? await Priced(http, exchange, books, (workload!.Usage, now), project, ct)
            : PricedForProject.Nobody([], new([], Money.Zero, []));
        var save = isPriced ? await SaveQuoteBox.SavableOf(http, exchange, priced.Offers, priced.Mix, ct) : null;
        return Page.Of<QuotesPage, Plan>(http, "Quotes", new(now, project, viewer.Sees == "money", own)
        {
            Models = models,
            Meters = meters,
            Offers = isPriced ? OffersBox.OffersOf(priced, workload!, books.Public, now.InUtc().Date) : null,
            Mixed = Mixed(priced),
            Save = save,
        }, form);
    }

    private static MixedPlan? Mixed(PricedForProject priced) =>
        priced.Mix.Parts.Count < 2 || priced.Mix.Missing.Count > 0 ? null : new(
            priced.Mix.Total,
            [.. priced.Mix.Parts.Select(part => $"{part.Landlord}, {part.Cluster}, {Show.Of(part.Total)}")],
            FundsBox.Of("mixed over places", priced.MixAfterFunds));

    /// <summary>For a project by its tiers and after funds; else for somebody who uses nothing.</summary>
    private static async Task<PricedForProject> Priced(
        HttpContext http, Composition exchange, PriceBooks books,
        (IReadOnlyList<QuotedUsage> Usage, Instant At) plan, ProjectId? project, CancellationToken ct)
    {
        if (project is not { } whose)
        {
            var (alone, best) = await OffersFor.Priced(
                exchange, books, plan, await CatalogFor.Viewer(http, exchange, ct), null, ct);
            return PricedForProject.Nobody(alone, best);
        }

        var used = await WhatIsUsed.Of(
            exchange, books, whose, plan.At, plan.Usage.Max(one => one.Length), ct);
        var (offers, mix) = await OffersFor.Priced(
            exchange, books, plan, await CatalogFor.Project(exchange, books, whose, plan.At, ct), used, ct);
        var funds = await FundsOfPlans.Read(exchange, Viewer.Needed(http).Pi, ct);
        return await PricedForProject.Of(funds, offers, mix, whose, plan.At, ct);
    }

    internal static Workload Read(Form form, IReadOnlyList<string> models, IReadOnlyList<string> meters)
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
}
