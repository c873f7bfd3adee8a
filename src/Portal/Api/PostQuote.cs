using System.Globalization;
using System.Text.Json;
using Exchange.Metering;
using Exchange.Portal.Names;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>POST /v1/quotes — what some usage would cost, with every landlord that sells it.</summary>
internal static class PostQuote
{
    private const int MaxResources = 200;
    private const int MaxDimensions = 50;
    private const decimal MaxAmount = 1_000_000_000_000;

    /// <summary>
    /// Usage to be priced: so many equal resources, for so many hours in a state, or so much of a meter.
    /// </summary>
    internal sealed record Usage(
        string Kind, Dictionary<string, JsonElement>? Shape = null, decimal Hours = 730, int Count = 1,
        string State = "running", string? Meter = null, decimal Quantity = 0);

    /// <param name="Landlord">Only with this landlord; everyone's offers without it.</param>
    /// <param name="At">When the usage begins; now, without it.</param>
    /// <param name="Project">Whose it is: what they and others use in these months decides tiers.</param>
    internal sealed record Request(
        IReadOnlyList<Usage>? Usage, LandlordId? Landlord = null, ClusterId? Cluster = null, string? At = null,
        ProjectId? Project = null);

    /// <summary>What one cluster of a landlord would charge.</summary>
    /// <param name="AfterFunds">What funds would pay of it and who the rest, where it is asked for a project.</param>
    internal sealed record Offer(
        LandlordId Landlord, ClusterId Cluster, Money Total, IReadOnlyList<Line> Lines, IReadOnlyList<string> Unpriced,
        PlanAfterFunds? AfterFunds);

    internal sealed record Line(SkuId Sku, Quantity Quantity, Rate Rate, Money Amount, string Sheet, Money? Avoided);

    /// <summary>All of it over several places, each part where it costs least.</summary>
    internal sealed record Mixed(
        Money Total, IReadOnlyList<Offer> Parts, IReadOnlyList<string> Unpriced, PlanAfterFunds? AfterFunds);

    /// <param name="Offers">Whole offers first, the cheapest first.</param>
    internal sealed record Quote(Instant At, IReadOnlyList<Offer> Offers, Mixed Mix);

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/v1/quotes", Post).Makes()
        .TakesUpTo(BodySizes.Document).WithMetadata(new ActBudgets.Free())
        .RequireAuthorization(Permissions.ReadByKey).WithTags("quotes").WithName("PostQuote")
        .WithSummary("What usage would cost with each landlord that sells it.").DoneOnce()
        .WithMetadata(new Takes("The usage to price.", ["application/json"],
            ["""{"usage":[{"kind":"vm","shape":{"vcpu":4,"ram_mib":16384},"hours":"730"}]}"""], typeof(Request)))
                .Produces<Quote>()
            .ProducesProblem(400).ProducesProblem(401)
        .ProducesProblem(403).ProducesProblem(422);

    private static async Task<IResult> Post(
        HttpContext http, View view, Composition exchange, IClock clock, CancellationToken ct)
    {
        if (await Body.Read<Request>(http, ct) is not { } request)
        {
            return Problem.Of(new("request/malformed", "Send a JSON object like " +
                "{\"usage\":[{\"kind\":\"vm\", …}]}."), 400);
        }

        if (Wrong(request.Usage) is { } wrong)
        {
            return Problem.Of(wrong, 422);
        }

        var names = new KnownNames(exchange, Viewer.Needed(http), view);
        foreach (var (kind, name, member) in Narrowed(request, ReadRoute.IsForAll(http)))
        {
            if (name is not null && await names.Refusal(kind, name, member, ct) is { } unknown)
            {
                return Problem.Of(unknown, StatusCodes.Status422UnprocessableEntity);
            }
        }

        var at = AskedTimes.At("at", request.At, clock.GetCurrentInstant());
        var books = await exchange.Prices.Get(ct);
        List<QuotedUsage> workload = [.. request.Usage!.Select(Quoted)];
        var isTheirs = request.Project is not null && ReadRoute.IsForAll(http);
        var whose = isTheirs
            ? await WhatIsUsed.Of(exchange, books, request.Project!.Value, at, workload.Max(one => one.Length), ct)
            : null;
        var viewer = isTheirs ? await CatalogFor.Project(exchange, books, request.Project!.Value, at, ct)
            : await CatalogFor.Viewer(http, exchange, ct);
        var (all, mix) = await OffersFor.Priced(exchange, books, (workload, at), viewer, whose, ct);
        var shown = all.Where(o => (request.Landlord is null || o.Landlord == request.Landlord) &&
            (request.Cluster is null || o.Cluster == request.Cluster)).ToList();
        var priced = isTheirs
            ? await PricedForProject.Of(
                await FundsOfPlans.Read(exchange, null, ct), shown, mix,
                request.Project!.Value, at, ct)
            : PricedForProject.Nobody(shown, mix);
        return new Tagged(new Quote(
            at, [.. priced.Each().Select(of => Shown(of.Offer, of.AfterFunds))],
            new(mix.Total, [.. mix.Parts.Select(part => Shown(part, null))], mix.Missing, priced.MixAfterFunds)));
    }

    private static (NameKind Kind, string? Name, string Where)[] Narrowed(Request request, bool isForAll) =>
    [
        (NameKind.Landlord, request.Landlord?.Value, "landlord"),
        (NameKind.Cluster, request.Cluster?.Value, "cluster"),
        (NameKind.Project, isForAll ? request.Project?.Value : null, "project"),
    ];

    /// <summary>What cannot be priced of a plan; null when all can.</summary>
    internal static Refusal? Wrong(IReadOnlyList<Usage>? plan) =>
        plan is not { Count: > 0 and <= MaxResources } ? new(
            "quote/usage", $"'usage' lists 1 to {MaxResources} things to price.")
        : plan.Select(Wrong).FirstOrDefault(wrong => wrong is not null) is var (where, why) ? new(
            "quote/usage", why, where)
        : null;

    private static Offer Shown(Rating.Offer o, PlanAfterFunds? afterFunds) => new(
        o.Landlord, o.Cluster, o.Total,
        [.. o.Charges.Select(c => new Line(c.Sku, c.Quantity, c.Rate, c.Amount, c.Sheet, c.Avoided))], o.Missing,
        afterFunds);

    /// <summary>The member that cannot be priced, and why; null when all can.</summary>
    private static (string Where, string Why)? Wrong(Usage? usage, int place)
    {
        return usage?.Kind is null || !Name.IsOne(usage.Kind) ? At("kind", "'kind' is a word like 'vm'.")
            : usage.Count is < 1 or > 1_000 ? At("count", "'count' is between 1 and 1000.")
            : usage.Hours is <= 0 or > 8_784 ? At("hours", "'hours' is above 0, and at most a year.")
            : usage.Quantity is < 0 or > MaxAmount ? At("quantity", $"'quantity' is between 0 and {MaxAmount}.")
            : usage.Meter is { } meter && !Name.IsOne(meter) ? At("meter", "'meter' is a word like 'egress'.")
            : !IsState(usage.State) ? At("state", $"'{usage.State}' is no state.")
            : usage.Shape is { Count: > MaxDimensions } ? At("shape", $"'shape' has at most {MaxDimensions} members.")
            : (usage.Shape ?? []).Select(member => WrongMember(member.Key, member.Value))
                .FirstOrDefault(wrong => wrong is not null) is var (key, why) ? At($"shape.{key}", why)
            : null;

        (string, string)? At(string member, string why) => ($"usage[{place}].{member}", why);
    }

    /// <summary>A shape holds words, and numbers of which there can be so many: none is below nothing.</summary>
    private static (string Key, string Why)? WrongMember(string key, JsonElement value)
    {
        if (!Name.IsOne(key))
        {
            return ("", "A member of 'shape' has a name like 'vcpu'.");
        }

        if (value.ValueKind != JsonValueKind.Number && !IsText(value))
        {
            return (key, $"'{key}' is a number or a word.");
        }

        var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : value.GetString()!;
        var isNumber = decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
        return isNumber && number is >= 0 and <= MaxAmount ? null
            : isNumber ? (key, $"'{key}' is between 0 and {MaxAmount}, not {number}.")
            : value.ValueKind == JsonValueKind.Number ? (key, $"'{key}' is between 0 and {MaxAmount}.")
            : Name.IsOne(text) ? null
            : (key, $"'{key}' is a number or a word.");
    }

    /// <summary>Half a surrogate can be written in JSON, and is no text.</summary>
    private static bool IsText(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String && value.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsState(string state) =>
        ListedWord.TryRead<ResourceState>(state, out _);

    internal static QuotedUsage Quoted(Usage usage) => new(
        usage.Kind, ShapeOf(usage), Length(usage.Hours), usage.Count,
        ListedWord.Read<ResourceState>(usage.State), usage.Meter, usage.Quantity);

    private static Duration Length(decimal hours) => Duration.FromSeconds((long)decimal.Ceiling(hours * 3_600));

    private static Shape ShapeOf(Usage usage) => Shape.Of((usage.Shape ?? []).Select(pair =>
        KeyValuePair.Create(pair.Key, pair.Value.ValueKind == JsonValueKind.String
            ? pair.Value.GetString()!
            : pair.Value.GetRawText().ToString(CultureInfo.InvariantCulture))));
}

/// <summary>Reads the JSON body of a request.</summary>
internal static class Body
{
    private const int Largest = 1 << 20;

    /// <summary>Null when there is none, or when it is not such an object.</summary>
    public static async Task<T?> Read<T>(HttpContext http, CancellationToken ct)
        where T : class
    {
        if (!http.Request.HasJsonContentType() || http.Request.ContentLength > Largest)
        {
            return null;
        }

        using var sent = new MemoryStream();
        await http.Request.Body.CopyToAsync(sent, ct); // No more than its route says.
        sent.Position = 0;
        try
        {
            return JsonSerializer.Deserialize<T>(sent, SentMoney.Json);
        }
        catch (JsonException) when (NamesInObjects.Wrong(sent.GetBuffer().AsMemory(0, (int)sent.Length)) is { } twice)
        {
            throw new FormatException($"{twice} Send each name of the body once.");
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
