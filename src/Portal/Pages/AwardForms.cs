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
    /// <param name="terms">What the fields hold at first; null for a new award.</param>
    /// <param name="projects">The projects that the PI has, to choose from.</param>
    public static Html Fields(Form form, AwardTerms? terms, IReadOnlyList<string> projects) => Html.Of($"""
        {Html.If(terms is null, () => form.Input(
            "number", "Award number", "The sponsor's: NSF-2412345. Letters, digits, '-' and '_'.", longest: 40))}
        {form.Input("sponsor", "Sponsor", otherwise: terms?.Sponsor ?? "")}
        {form.Input("from", "First day", "UTC, as 2026-09-01.", "date", Day(terms?.From), 10)}
        {form.Input("last", "Last day", "UTC, as 2029-08-31.", "date", Day(terms?.To.PlusDays(-1)), 10)}
        {form.Input("budget", "Budget", "Dollars and cents for all of its time here, like 25000.00.",
            otherwise: terms?.Budget.Amount.ToString(CultureInfo.InvariantCulture) ?? "", longest: 30)}
        {form.Area("projects", "Projects", "One a line: 'stack/p-17' for all of what it costs, 'stack/p-17=50' for " +
            "50 %.", 5_000, string.Join('\n', terms is null ? projects : terms.Projects.Select(one => $"{one}")), 4)}
        {form.Choice("basis", "What counts", [("after", "cost after credits and subsidies"),
            ("before", "cost before credits")], terms?.Rules.AfterCredits == false ? "before" : "after")}
        {form.Input("thresholds", "Tell at, in percent of the budget spent", "Like 50, 80, 100.", longest: 60,
            otherwise: string.Join(", ", (terms?.Rules ?? BudgetRules.Offered).Thresholds))}
        {form.Input("forecast", "Tell at, in percent of the forecast at its end", "Nothing for never.", longest: 60,
            otherwise: string.Join(", ", (terms?.Rules ?? BudgetRules.Offered).ForecastThresholds))}
        {form.Input("recipients", "Tell also", "Mail addresses beside yours, separated by blanks.", longest: 1_000,
            otherwise: string.Join(' ', terms?.Recipients ?? []))}
        """);

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
