using System.Collections.Immutable;
using System.Globalization;
using System.Net.Mail;
using Exchange.Portal.Budgets;
using NodaTime;

namespace Exchange.Portal.Awards;

/// <summary>A project, or a part of it, that an award pays for.</summary>
/// <param name="Percent">How much of what the project costs; 100 for all of it.</param>
internal sealed record AwardShare(ClusterId Cluster, ProjectId Project, decimal Percent)
{
    private const decimal All = 100;

    /// <summary>As 'stack/p-17'.</summary>
    public string Name => BudgetOwner.Named(Cluster, Project);

    /// <summary>Reads 'stack/p-17', or 'stack/p-17=50' for half of it.</summary>
    /// <exception cref="RefusedException">It is neither.</exception>
    public static AwardShare Parse(string text)
    {
        var (name, percent) = text.Trim().Split('=', 2) is [var left, var right]
            ? (left, decimal.TryParse(right.TrimEnd('%', ' '), Exchange.Text.PlainNumber, CultureInfo.InvariantCulture,
                out var number) ? number : 0)
            : (text.Trim(), All);
        return name.Trim().Split('/', 2) is [{ Length: > 0 } cluster, { Length: > 0 } project] &&
            ClusterId.TryParse(cluster, null, out var where) && ProjectId.TryParse(project, null, out var which) &&
            percent is > 0 and <= All && percent * 100 % 1 == 0
            ? new(where, which, percent)
            : throw new RefusedException(new(
                "awards/terms",
                $"'{(text.Length > 80 ? text[..80] : text)}' is no share of a project. Write 'stack/p-17' for all of " +
                "it, or 'stack/p-17=50' for 50 %, with at most two decimals.", "projects"));
    }

    public override string ToString() =>
        Percent == All ? Name : string.Create(CultureInfo.InvariantCulture, $"{Name}={Percent:0.##}");
}

/// <summary>What an award of a sponsor says, and which projects it pays for.</summary>
/// <param name="Number">The sponsor's number: 'NSF-2412345'.</param>
/// <param name="To">The first day that is not part of it.</param>
/// <param name="Budget">What may be spent from it here in all of its time.</param>
internal sealed record AwardTerms(
    PiId Pi, string Number, string Sponsor, LocalDate From, LocalDate To, Money Budget,
    ImmutableArray<AwardShare> Projects)
{
    private const int MaxNumber = 40, MaxSponsor = 200, MaxYears = 10, MaxProjects = 50, MaxRecipients = 10;

    /// <summary>Which costs count, and when somebody is told: of the whole award, not of a month.</summary>
    public BudgetRules Rules { get; init; } = BudgetRules.Offered;

    /// <summary>Who is told beside the PI.</summary>
    public ImmutableArray<string> Recipients { get; init; } = [];

    public bool Covers(LocalDate day) => day >= From && day < To;

    /// <summary>How much of a project it pays for; nothing when the project is none of its own.</summary>
    public decimal PercentOf(string project) => Projects.FirstOrDefault(one => one.Name == project)?.Percent ?? 0;

    /// <summary>How it is watched; what is left out is as it is offered.</summary>
    /// <exception cref="RefusedException">A threshold is none.</exception>
    public static BudgetRules RulesOf(
        bool afterCredits, ImmutableArray<int>? thresholds, ImmutableArray<int>? forecastThresholds) => new(
        afterCredits, Percents(thresholds ?? BudgetRules.Offered.Thresholds),
        Percents(forecastThresholds ?? BudgetRules.Offered.ForecastThresholds));

    private static ImmutableArray<int> Percents(ImmutableArray<int> given) =>
        BudgetRules.Read(string.Join(',', given)) ?? throw new RefusedException(Of(
            "Thresholds are up to ten whole percentages from 1 to 1000.", "thresholds"));

    /// <summary>What is wrong with it by itself; null when nothing is.</summary>
    public Refusal? Wrong() =>
        Number.Length is 0 or > MaxNumber || !Number.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? Of($"'{(Number.Length > MaxNumber ? Number[..MaxNumber] : Number)}' is no number of an award: use up " +
                $"to {MaxNumber} letters, digits, '-' and '_', as in NSF-2412345.", "number")
        : Sponsor.Trim().Length is 0 or > MaxSponsor || Sponsor.Any(char.IsControl)
            ? Of($"Say in one line of at most {MaxSponsor} characters who the sponsor is.", "sponsor")
        : From.Year < 2000 || To <= From || To > From.PlusYears(MaxYears)
            ? Of($"The award is from {From:uuuu-MM-dd} to {To:uuuu-MM-dd}: 'to' is the first day after it, at most " +
                $"{MaxYears} years later.", "to")
        : Budget <= Money.Zero ? Of($"The budget is {Budget}; it is more than nothing.", "budget")
        : Projects.Length is 0 or > MaxProjects ||
            Projects.DistinctBy(one => one.Name).Count() != Projects.Length
            ? Of($"Name 1 to {MaxProjects} projects, each once.", "projects")
        : Recipients.Length > MaxRecipients || !Recipients.All(one => MailAddress.TryCreate(one, out _))
            ? Of($"Name at most {MaxRecipients} recipients by their mail addresses.", "recipients")
        : null;

    public bool Equals(AwardTerms? other) =>
        other is not null && (Pi, Number, Sponsor, From, To, Budget) ==
        (other.Pi, other.Number, other.Sponsor, other.From, other.To, other.Budget) && Rules == other.Rules &&
        Projects.SequenceEqual(other.Projects) && Recipients.SequenceEqual(other.Recipients, StringComparer.Ordinal);

    public override int GetHashCode() => HashCode.Combine(Pi, Number, From, To, Budget);

    private static Refusal Of(string why, string where) => new("awards/terms", why, where);
}
