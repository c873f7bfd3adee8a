using System.Globalization;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Portal.Funds;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using ClosedMonths = Exchange.Invoicing.Kept.Months;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /subsidy/simulate — another amount, limit or exclusion tried out on a closed month: who would have got what.
/// It changes nothing, so it is asked with an address that can be kept and sent on.
/// </summary>
public sealed partial class SimulatePage
{
    private const int MaxPatterns = 100;

    /// <summary>A rule that can be tried on a closed month, and what it would have done.</summary>
    /// <param name="Programmes">Those of the payer; none where there is nothing to try a rule on.</param>
    public sealed record Trial(IReadOnlyList<string> Programmes)
    {
        /// <summary>The last month that is closed.</summary>
        public BillingMonth Month { get; init; }

        /// <summary>What the terms give each PI now.</summary>
        public string Amount { get; init; } = "";

        /// <summary>The SKUs that the terms leave out, one a line.</summary>
        public string Excluded { get; init; } = "";

        /// <summary>Null until a rule is tried.</summary>
        public Effect? Effect { get; init; }
    }

    /// <summary>What all would have got, how many more than they did and how many less.</summary>
    public sealed record Effect(Money Before, Money After, int More, int Less, IListing ByPi)
    {
        public Money Difference => After - Before;
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/subsidy/simulate", Get)
        .RequireAuthorization(Permissions.SeeSubsidy).ExcludeFromDescription();

    private static async Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var own = SubsidyPage.Payable(http, exchange).ToList();
        var months = await exchange.Kept.State(ClosedMonths.Fold, ClosedMonths.Id, ct);
        if (own.Count == 0 || months.Last is not { } last)
        {
            return Page.Of<SimulatePage, Trial>(http, "Simulate a rule", new([]));
        }

        var form = new Form(http.Request.Query.ToDictionary(q => q.Key, q => q.Value, StringComparer.Ordinal));
        var isAsked = http.Request.Query.ContainsKey("amount");
        var result = isAsked ? await Simulate(http, exchange, own, months, form, ct) : null;
        var effect = result is null ? null : Of(result);
        var terms = own[0].At(last);
        return effect?.ByPi.Answer(http) ?? Page.Of<SimulatePage, Trial>(
            http, "Simulate a rule", new([.. own.Select(p => p.Id)])
            {
                Month = last,
                Amount = terms?.Amount?.Amount.ToString(CultureInfo.InvariantCulture) ?? "",
                Excluded = string.Join('\n', terms?.ExcludedSkus ?? []),
                Effect = effect,
            }, form);
    }

    private static async Task<IReadOnlyList<SimulatedPi>?> Simulate(
        HttpContext http, Composition exchange, IReadOnlyList<Programme> own, ClosedMonths months, Form form,
        CancellationToken ct)
    {
        var programme = own.FirstOrDefault(p => p.Id == form.Typed("programme"));
        var month = form.Value<BillingMonth>("month", "The month");
        var amount = form.Amount("amount", "The amount");
        Money? most = form.Typed("most").Trim().Length > 0 ? form.Amount("most", "The limit") : null;
        var excluded = form.Typed("excluded").ReplaceLineEndings("\n")
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (programme is null)
        {
            form.Wrong("programme", "There is no such program of yours.");
        }

        if (month is { } asked && !months.IsClosed(asked))
        {
            form.Wrong("month", $"{asked} is not closed. A rule is tried on a month that was billed, such as " +
                $"{months.Last}.");
        }

        if (excluded.Length > MaxPatterns || excluded.Any(pattern => pattern.Length > 100))
        {
            form.Wrong("excluded", $"Give at most {MaxPatterns} SKUs of at most 100 characters each.");
        }

        if (form.Typed("caps") is not ("keep" or "drop" or ""))
        {
            form.Wrong("caps", "Choose whether amounts of their own are kept.");
        }

        if (!form.IsRight)
        {
            return null;
        }

        var fund = await exchange.Journal.State(Fund.Fold, programme!.Id, ct);
        return await SimulateSubsidy.Run(
            exchange, month!.Value, programme, fund,
            new(amount!.Value, most, excluded, form.Typed("caps") != "drop"), ct);
    }

    private static Effect Of(IReadOnlyList<SimulatedPi> rows) => new(
        Money.Sum(rows.Select(r => r.Before)), Money.Sum(rows.Select(r => r.After)),
        rows.Count(r => r.Change > Money.Zero), rows.Count(r => r.Change < Money.Zero), List(rows));

    private static Listing<SimulatedPi> List(IReadOnlyList<SimulatedPi> rows) => new("simulated", "By PI", rows,
    [
        Column<SimulatedPi>.Words("PI", r => r.Pi.Value),
        Column<SimulatedPi>.Words("Institution", r => r.Institution),
        Column<SimulatedPi>.Amount("As it was", r => r.Before),
        Column<SimulatedPi>.Amount("Under this rule", r => r.After),
        Column<SimulatedPi>.Amount("Difference", r => r.Change),
    ], "It would have paid for nobody, and it did not.");
}
