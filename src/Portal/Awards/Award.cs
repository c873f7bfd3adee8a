using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Portal.Awards;

/// <summary>Everything that can happen to awards. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Set), "award-set/1")]
[JsonDerivedType(typeof(Removed), "award-removed/1")]
[JsonDerivedType(typeof(Passed), "award-passed/1")]
internal abstract record AwardEvent
{
    private AwardEvent() { }

    /// <summary>It is entered, or holds in other terms from now on: all of its time is counted by them.</summary>
    public sealed record Set(AwardTerms Terms, string By, Instant At) : AwardEvent;

    public sealed record Removed(PiId Pi, string Number, string Reason, string By, Instant At) : AwardEvent;

    /// <summary>What was spent of it, or will be at its end, passed a part of its budget; it is told once.</summary>
    public sealed record Passed(
        PiId Pi, string Number, int Percent, Money Reached, Money Budget, Instant At, bool IsForecast) : AwardEvent;
}

/// <summary>An award, and what its recipients were told of.</summary>
internal sealed record Award(AwardTerms Terms, ImmutableList<AwardEvent.Passed> Told)
{
    /// <summary>Which parts of the budget are passed, or will be, that nobody was told of yet.</summary>
    public IEnumerable<AwardEvent.Passed> Watch(Money spent, Money? forecast, Instant now) =>
        New(Terms.Rules.Thresholds, spent, isForecast: false, now).Concat(forecast is { } coming
            ? New(Terms.Rules.ForecastThresholds, coming, isForecast: true, now) : []);

    private IEnumerable<AwardEvent.Passed> New(
        ImmutableArray<int> thresholds, Money reached, bool isForecast, Instant now) =>
        thresholds.Where(part => (Int128)reached.Cents * 100 >= (Int128)Terms.Budget.Cents * part &&
                !Told.Exists(told => told.Percent == part && told.Budget == Terms.Budget &&
                    told.IsForecast == isForecast))
            .Select(part => new AwardEvent.Passed(
                Terms.Pi, Terms.Number, part, reached, Terms.Budget, now, isForecast));
}

/// <summary>Every award, in the order in which they were entered: the order in which cents are shared.</summary>
internal sealed record AwardBook(ImmutableList<Award> Awards)
{
    /// <summary>One stream holds all: no two awards together take more than all of a project.</summary>
    public const string Id = "all";

    private const decimal All = 100;

    public static readonly Fold<AwardBook, AwardEvent> Fold = new("awards", new([]), Evolve);

    public IReadOnlyList<Award> Of(PiId pi) => [.. Awards.Where(one => one.Terms.Pi == pi)];

    public Award? Find(PiId pi, string number) =>
        Awards.Find(one => one.Terms.Pi == pi && one.Terms.Number == number);

    public static Decision<AwardEvent> Set(AwardBook book, AwardTerms terms, string by, Instant now) =>
        terms.Wrong() is { } wrong ? wrong
        : book.Find(terms.Pi, terms.Number)?.Terms == terms ? []
        : book.TooMuch(terms) is { } more ? more
        : [new AwardEvent.Set(terms, by, now)];

    public static Decision<AwardEvent> Remove(
        AwardBook book, PiId pi, string number, string reason, string by, Instant now) =>
        book.Find(pi, number) is null ? Unknown(pi, number)
        : reason.Trim().Length is 0 or > 500 ? new Refusal(
            "awards/terms", "Say in at most 500 characters why the award is removed.", "reason")
        : [new AwardEvent.Removed(pi, number, reason.Trim(), by, now)];

    public static Refusal Unknown(PiId pi, string number) => new(
        "awards/unknown", $"{pi} has no award '{(number.Length > 80 ? number[..80] : number)}'. " +
        "'exchange awards list' shows what there is.", "number");

    /// <summary>Awards of one time that together pay for more than all of a project.</summary>
    private Refusal? TooMuch(AwardTerms terms)
    {
        var others = Of(terms.Pi).Select(one => one.Terms).Where(one => one.Number != terms.Number).ToList();
        foreach (var share in terms.Projects)
        {
            foreach (var day in others.Select(one => one.From).Append(terms.From).Where(terms.Covers))
            {
                var beside = others.Where(one => one.Covers(day) && one.PercentOf(share.Name) > 0).ToList();
                if (beside.Sum(one => one.PercentOf(share.Name)) + share.Percent > All)
                {
                    return new(
                        "awards/over-shared",
                        $"On {day:uuuu-MM-dd} {string.Join(", ", beside.Select(one => one.Number))} and " +
                        $"{terms.Number} together pay for more than 100 % of {share.Name}. Write less of it, as " +
                        $"'{share.Name}=50', or change their dates.", "projects");
                }
            }
        }

        return null;
    }

    private static AwardBook Evolve(AwardBook book, AwardEvent happened) => happened switch
    {
        AwardEvent.Set e when book.At(e.Terms.Pi, e.Terms.Number) is >= 0 and var at =>
            new(book.Awards.SetItem(at, book.Awards[at] with { Terms = e.Terms })),
        AwardEvent.Set e => new(book.Awards.Add(new(e.Terms, []))),
        AwardEvent.Removed e when book.At(e.Pi, e.Number) is >= 0 and var at => new(book.Awards.RemoveAt(at)),
        AwardEvent.Passed e when book.At(e.Pi, e.Number) is >= 0 and var at =>
            new(book.Awards.SetItem(at, book.Awards[at] with { Told = book.Awards[at].Told.Add(e) })),
        _ => throw new CorruptStreamException(book, happened),
    };

    private int At(PiId pi, string number) =>
        Awards.FindIndex(one => one.Terms.Pi == pi && one.Terms.Number == number);
}
