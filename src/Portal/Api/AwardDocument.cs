using System.Collections.Immutable;
using Exchange.Portal.Awards;
using Exchange.Portal.Awards.Reports;
using Exchange.Portal.Spend;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>An award as programs read it: its terms, and how it stands.</summary>
/// <param name="To">The first day that is not part of it.</param>
/// <param name="Projects">As 'stack/p-17', or 'stack/p-17=50' for half of it.</param>
/// <param name="ADay">What one more day comes to, as the last seven whole days went.</param>
/// <param name="Forecast">What it comes to at its end.</param>
/// <param name="UsedUpOn">The day on which its budget is, or was, used up; null where it lasts.</param>
/// <param name="AsOf">When its open months were last rated.</param>
internal sealed record AwardDocument(
    string Number, PiId Pi, string Sponsor, LocalDate From, LocalDate To, IReadOnlyList<string> Projects,
    bool AfterCredits, Money Budget, Money Spent, Money Remaining, Forecast? ADay, Forecast? Forecast,
    LocalDate? UsedUpOn, Instant? AsOf)
{
    public static AwardDocument Of(AwardStanding standing)
    {
        var (terms, burn) = (standing.Terms, standing.Burn);
        return new(
            terms.Number, terms.Pi, terms.Sponsor, terms.From, terms.To, [.. terms.Projects.Select(one => $"{one}")],
            terms.Rules.AfterCredits, terms.Budget, burn.Spent, standing.Remaining, burn.ADay, burn.Forecast,
            burn.UsedUpOn, standing.AsOf);
    }
}

/// <summary>What an award paid in a period, by month and project.</summary>
/// <param name="To">The first day that is not part of it.</param>
internal sealed record AwardReportDocument(
    string Number, PiId Pi, string Sponsor, LocalDate From, LocalDate To, Money Total,
    IReadOnlyList<AwardLine> Lines, Instant? AsOf)
{
    public static AwardReportDocument Of(AwardReport report) => new(
        report.Terms.Number, report.Terms.Pi, report.Terms.Sponsor, report.From, report.To, report.Total,
        report.Lines, report.AsOf);
}

/// <summary>The terms of an award as a program sends them.</summary>
/// <param name="AfterCredits">Whether what credits and subsidies pay is left out; it is when this is left out.</param>
/// <param name="Thresholds">At which percent of the budget spent somebody is told; 80 and 100 when left out.</param>
/// <param name="ForecastThresholds">At which percent of the forecast; 100 when left out.</param>
internal sealed record AwardToSet(
    string? Number, PiId? Pi, string? Sponsor, LocalDate? From, LocalDate? To, Money? Budget,
    IReadOnlyList<string>? Projects, bool? AfterCredits, IReadOnlyList<int>? Thresholds,
    IReadOnlyList<int>? ForecastThresholds, IReadOnlyList<string>? Recipients)
{
    /// <returns>Null where something that is needed is left out.</returns>
    /// <exception cref="RefusedException">A project or a threshold is none.</exception>
    public AwardTerms? Terms() =>
        Number is { } number && Pi is { } pi && Sponsor is { } sponsor && From is { } from && To is { } to &&
        Budget is { } budget && Projects is { Count: <= 1_000 } && Recipients is not { Count: > 1_000 }
            ? new(pi, number, sponsor, from, to, budget, [.. Projects.Select(one => AwardShare.Parse(one ?? ""))])
            {
                Rules = AwardTerms.RulesOf(
                    AfterCredits ?? true, Thresholds?.ToImmutableArray(), ForecastThresholds?.ToImmutableArray()),
                Recipients = [.. (Recipients ?? []).Select(one => one ?? "")],
            }
            : null;
}
