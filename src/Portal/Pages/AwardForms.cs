using System.Collections.Immutable;
using System.Globalization;
using Exchange.Portal.Awards;
using Exchange.Portal.Budgets;
using Exchange.Portal.Web;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>The fields of an award, and what was typed into them.</summary>
internal static class AwardForms
{
    /// <param name="terms">Null for a new award.</param>
    /// <param name="projects">The projects that the PI has, to choose from.</param>
    public static AwardTyped Typed(AwardTerms? terms, IReadOnlyList<string> projects)
    {
        var rules = terms?.Rules ?? BudgetRules.Offered;
        return new(terms is null, terms?.Sponsor ?? "", (Day(terms?.From), Day(terms?.To.PlusDays(-1))),
            terms?.Budget.Amount.ToString(CultureInfo.InvariantCulture) ?? "",
            string.Join('\n', terms is null ? projects : terms.Projects.Select(one => $"{one}")))
        {
            Basis = terms?.Rules.AfterCredits == false ? "before" : "after",
            Thresholds = string.Join(", ", rules.Thresholds),
            Forecast = string.Join(", ", rules.ForecastThresholds),
            Recipients = string.Join(' ', terms?.Recipients ?? []),
        };
    }

    /// <summary>The terms that were typed; what is wrong is said beside its field.</summary>
    public static AwardTerms? Read(Form form, PiId pi, string number)
    {
        var sponsor = form.Line("sponsor", "The sponsor");
        var (from, last) = (
            FormDay.Optional(form, "from", "The first day"), FormDay.Optional(form, "last", "The last day"));
        var budget = form.Amount("budget", "The budget");
        var rules = new BudgetRules(
            form.Typed("basis") != "before", Percents(form, "thresholds"), Percents(form, "forecast"));
        if (from is null)
        {
            form.Wrong("from", "The first day is missing.");
        }

        if (last is null)
        {
            form.Wrong("last", "The last day is missing.");
        }

        ImmutableArray<AwardShare> projects = [];
        try
        {
            projects = [.. form.Typed("projects").ReplaceLineEndings("\n").Split(
                '\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(AwardShare.Parse)];
        }
        catch (RefusedException e)
        {
            form.Wrong("projects", e.Refusal.Message);
        }

        return form.IsRight
            ? new(pi, number, sponsor, from!.Value, last!.Value.PlusDays(1), budget!.Value, projects)
            {
                Rules = rules,
                Recipients = [.. form.Typed("recipients").Split(
                    [' ', ','], StringSplitOptions.RemoveEmptyEntries)],
            }
            : null;
    }

    /// <summary>Beside which field a refusal of a command stands.</summary>
    public static void Note(Form form, Refusal? refusal)
    {
        if (refusal is not null)
        {
            form.Wrong(refusal.Where is "to" ? "last" : refusal.Where ?? "number", refusal.Message);
        }
    }

    private static ImmutableArray<int> Percents(Form form, string name)
    {
        if (BudgetRules.Read(form.Typed(name)) is { } read)
        {
            return read;
        }

        form.Wrong(name, $"'{form.Typed(name)}' are no thresholds. Write up to ten whole percentages from 1 to 1000, " +
            "like '50, 80, 100', or nothing.");
        return [];
    }

    private static string Day(LocalDate? day) =>
        day is { } some ? NodaTime.Text.LocalDatePattern.Iso.Format(some) : "";
}

/// <summary>What the fields of an award hold before somebody types.</summary>
public sealed record AwardTyped(
    bool IsNew, string Sponsor, (string From, string Last) Days, string Budget, string Projects)
{
    public required string Basis { get; init; }

    public required string Thresholds { get; init; }

    public required string Forecast { get; init; }

    public required string Recipients { get; init; }
}
