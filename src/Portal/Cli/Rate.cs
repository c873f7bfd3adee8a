using System.CommandLine;
using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Explaining;
using Exchange.Metering;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>exchange rate — prints what a month's usage comes to; writes nothing.</summary>
internal static class Rate
{
    public static Command Command()
    {
        var month = Settings.Month();
        var policies = new Option<string>("--policies")
        {
            Description = "The rules of rounding and of what is billed: corrected or nerc-compatible.",
            HelpName = "P",
            DefaultValueFactory = _ => Policies.Corrected,
        };
        policies.AcceptOnlyFromAmong(Policies.Corrected, Policies.NercCompatible);
        var landlord = Settings.Known<LandlordId>("--landlord", "L", "Only this landlord's charges.");
        var cluster = Settings.Known<ClusterId>("--cluster", "C", "Only usage of this cluster.");
        var project = Settings.Known<ProjectId>("--project", "PROJECT", "Only this project's charges.");
        var compare = new Option<bool>("--compare")
        {
            Description = "Print what the two sets of policies differ by and why, instead.",
        };
        var asOf = AsOfDay.Option();
        return new Command("rate", "Prints the charges of a month, and the usage without a price.")
        {
            month, policies, landlord, cluster, project, compare, asOf,
        }.Does((verb, ct) =>
        {
            var request = new RateRequest(verb.Get(month), verb.Get(policies))
            {
                Landlord = verb.Get(landlord),
                Cluster = verb.Get(cluster),
                Project = verb.Get(project),
            };
            return verb.Get(asOf) is { } before ? KnownBefore(verb, request, before, ct)
                : verb.Get(compare) ? Compare(verb, request, ct)
                : Now(verb, request, ct);
        });
    }

    private static async Task<Answer> KnownBefore(
        Verb verb, RateRequest request, Instant before, CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        var then = await (await KnownThen.Read(exchange.Sources, before, ct)).Charges(request.Month, ct);
        return RateThen.Answer(request.Month, [.. then.Where(one =>
            (request.Landlord ?? one.Line.Landlord) == one.Line.Landlord &&
            (request.Cluster ?? one.Line.Cluster) == one.Line.Cluster &&
            (request.Project ?? one.Line.Project) == one.Line.Project)]);
    }

    private static async Task<Answer> Compare(Verb verb, RateRequest request, CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        var rating = await RatingNow.Read(exchange.Sources, ct);
        request = request with { AsOf = verb.Clock.GetCurrentInstant() };
        return Compared(request, await verb.Terminal.Progress("Rating …", _ => ComparePolicies.Run(
            exchange.Meter, rating.Books, rating.Attribution, request, ct)));
    }

    private static async Task<Answer> Now(Verb verb, RateRequest request, CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        var rating = await RatingNow.Read(exchange.Sources, ct);
        var sum = await verb.Terminal.Progress("Rating …", _ => rating.Sum(
            request.Month, request.Policies, verb.Clock.GetCurrentInstant(), ct));
        var whole = Whole(sum.Rated, exchange.Meter.Unfolded, request.Landlord, verb.Terminal);
        var rated = whole.Of(request.Landlord, request.Cluster, request.Project);
        return Charges(request with { AsOf = sum.AsOf }, rated, rating.Attribution);
    }

    /// <summary>Without the landlords whose usage is told in part: a part is no charge.</summary>
    private static Rated Whole(
        Rated rated, IReadOnlyList<UnfoldedBlock> damaged, LandlordId? asked, Terminal terminal)
    {
        if (damaged.Count == 0)
        {
            return rated;
        }

        var hurt = damaged.SelectMany(one => one.Landlords).ToHashSet(StringComparer.Ordinal);
        var refusal = new Refusal(Unreadable.Code,
            $"Not rated: {string.Join(", ", hurt.Order(StringComparer.Ordinal))}. Usage of theirs cannot be read. " +
            "'exchange verify' names every such place; restore it from a backup.", string.Join("; ", damaged));
        if (asked is { } one && hurt.Contains(one.Value))
        {
            throw new RefusedException(refusal);
        }

        if (asked is null)
        {
            terminal.Failed([refusal], json: false);
        }

        return new(
            [.. rated.Charges.Where(charge => !hurt.Contains(charge.Landlord.Value))],
            [.. rated.Unpriced.Where(unpriced => !hurt.Contains(unpriced.Landlord.Value))]);
    }

    private static Answer Charges(RateRequest request, Rated rated, Attribution owners)
    {
        var notBilled = rated.Charges.Select(charge => (
                charge.Landlord, charge.Cluster, charge.Project, charge.Sku, charge.Amount,
                Why: owners.Of(charge.Cluster, charge.Project, charge.Period.Start).NotBilled))
            .Where(one => one.Why is not null).Select(one => new NotBilledCharge(
                one.Landlord, one.Cluster, one.Project, one.Sku, one.Amount, one.Why!)).ToList();
        var billed = rated.Total - Money.Sum(notBilled.Select(one => one.Amount));
        return new(
            new
            {
                month = request.Month,
                policies = request.Policies,
                asOf = request.AsOf,
                total = rated.Total,
                billed,
                charges = rated.Charges,
                notBilled,
                unpriced = rated.Unpriced,
            },
            terminal => Tell(terminal, request, rated, notBilled, billed));
    }

    private static void Tell(
        Terminal terminal, RateRequest request, Rated rated, List<NotBilledCharge> notBilled, Money billed)
    {
        terminal.Table(
            ["landlord", "cluster", "project", "SKU", "tier", "quantity", "rate", "amount", "sheet"],
            rated.Charges.Select(c => (IReadOnlyList<string>)[
                c.Landlord.Value, c.Cluster.Value, c.Project.Value, c.Sku.Value, Charge.ShownStep(c.Id, c.Step) ?? "",
                $"{Exchange.Text.Of(decimal.Round(c.Quantity.Amount, 6, MidpointRounding.ToEven))} " +
                c.Quantity.Unit.Name,
                Exchange.Text.Of(c.Rate.Amount), c.Amount.ToString(), c.Sheet]));
        terminal.Say($"{rated.Charges.Count} charges, {rated.Total}, {request.Policies}");
        terminal.Say($"gross, before funds; usage until {Exchange.Text.Of(request.AsOf ?? request.Month.End)}");
        foreach (var same in notBilled.GroupBy(one => one.Why))
        {
            terminal.Say($"not billed: {Money.Sum(same.Select(one => one.Amount))}, {same.Key}");
        }

        UnpricedTable.Tell(terminal, rated.Unpriced);
    }

    private static Answer Compared(RateRequest request, PolicyComparison compared) => new(
        new
        {
            month = request.Month,
            nercCompatible = compared.Before.Total,
            corrected = compared.After.Total,
            compared.Causes,
            compared.Changes,
        },
        terminal =>
        {
            terminal.Table(
                ["cause", "change", "lines", "with corrected rules"],
                compared.Causes.Select(c => (IReadOnlyList<string>)[
                    c.Name, c.Change.ToString(), $"{c.Lines}", c.What]));
            terminal.Say();
            Differences.Tell(terminal, compared.Changes, Policies.NercCompatible, Policies.Corrected);
            terminal.Say($"total {compared.Before.Total} {Policies.NercCompatible}, " +
                $"{compared.After.Total} {Policies.Corrected}");
        });
}

/// <summary>A charge that nobody is billed, and why.</summary>
internal sealed record NotBilledCharge(
    LandlordId Landlord, ClusterId Cluster, ProjectId Project, SkuId Sku, Money Amount, string Why);

/// <summary>Shows what two ratings of the same usage differ by.</summary>
internal static class Differences
{
    public static void Tell(
        Terminal terminal, IReadOnlyList<RatedDifference> changes, string before, string after) => terminal.Table(
            ["landlord", "cluster", "project", "SKU", before, after, "change"],
            changes.Select(c => (IReadOnlyList<string>)[
                c.Landlord.Value, c.Cluster.Value, c.Project.Value, c.Sku.Value, c.Before.ToString(),
                c.After.ToString(), c.Change.ToString()]));
}

/// <summary>Shows usage that no price was found for; nothing when there is none.</summary>
internal static class UnpricedTable
{
    public static void Tell(Terminal terminal, IReadOnlyList<Unpriced> unpriced)
    {
        if (unpriced.Count == 0)
        {
            return;
        }

        terminal.Say();
        terminal.Say("Usage without a price:");
        terminal.Table(
            ["landlord", "cluster", "project", "kind", "what", "hours or count", "reason", "why"],
            unpriced.Select(u => (IReadOnlyList<string>)[
                u.Landlord.Value, u.Cluster.Value, u.Project.Value, u.Kind, u.What,
                Exchange.Text.Of(decimal.Round(u.Quantity, 6, MidpointRounding.ToEven)), u.Reason, u.Why]));
    }
}
