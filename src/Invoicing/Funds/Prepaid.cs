using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Invoicing.Funds;

/// <summary>Everything that can happen to prepaid money. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Opened), "prepaid-opened/1")]
[JsonDerivedType(typeof(PaidIn), "prepaid-paid-in/1")]
[JsonDerivedType(typeof(Covered), "prepaid-covered/1")]
[JsonDerivedType(typeof(Used), "prepaid-used/1")]
public abstract record PrepaidEvent
{
    private PrepaidEvent() { }

    /// <summary>A group that pays in before it uses; said again, whom to ask about it changes.</summary>
    public sealed record Opened(string Group, string Contact, string By, Instant At) : PrepaidEvent;

    /// <param name="Month">The first month whose usage it may pay.</param>
    /// <param name="Amount">Less than nothing when money goes back to the group.</param>
    public sealed record PaidIn(
        string Group, string Reference, Money Amount, BillingMonth Month, string By, Instant At) : PrepaidEvent;

    /// <summary>The group pays for a project during some months.</summary>
    /// <param name="Project">Its id, its name, or its name without the allocation behind the last '-'.</param>
    /// <param name="Until">The first month that it no longer pays; null while it pays.</param>
    public sealed record Covered(
        string Group, string Project, BillingMonth From, BillingMonth? Until, string By, Instant At) : PrepaidEvent;

    /// <summary>A close spent so much on a PI's usage of a month; less than nothing when some came back.</summary>
    /// <param name="Billed">The month whose close spent it.</param>
    public sealed record Used(
        string Group, PiId Pi, BillingMonth Month, BillingMonth Billed, Money Amount, Instant At) : PrepaidEvent;
}

/// <summary>A group that paid in before it uses, and what became of its money.</summary>
public sealed record PrepaidGroup(string Name, string Contact)
{
    public ImmutableList<PrepaidEvent.PaidIn> Payments { get; init; } = [];
    public ImmutableList<PrepaidEvent.Covered> Projects { get; init; } = [];
    public ImmutableSortedDictionary<(BillingMonth Month, string Pi), Money> Uses { get; init; } =
        ImmutableSortedDictionary<(BillingMonth, string), Money>.Empty;

    public Money Balance => Money.Sum(Payments.Select(one => one.Amount)) - Money.Sum(Uses.Values);

    /// <summary>
    /// What it can pay of a month's usage. What it paid of that month already counts as not paid, because a month is
    /// worked out as a whole; and nothing that pays for a later month is taken from it.
    /// </summary>
    public Money Available(BillingMonth month) => Spare(month, use => use.Month != month);

    /// <summary>What it can still pay of a month's usage, beside what it paid of that month already.</summary>
    public Money Left(BillingMonth month) => Spare(month, _ => true);

    private Money Spare(BillingMonth month, Func<(BillingMonth Month, string Pi), bool> isSpent)
    {
        var others = Uses.Where(use => isSpent(use.Key)).ToList();
        return others.Select(use => use.Key.Month).Where(later => later > month).Append(month).Distinct()
            .Select(end => Money.Sum(Payments.Where(one => one.Month <= end).Select(one => one.Amount)) -
                Money.Sum(others.Where(use => use.Key.Month <= end).Select(use => use.Value)))
            .Aggregate(Money.Min);
    }

    public bool Covers(InvoiceLine line, BillingMonth month) =>
        PaidFor(month).Any(project => Means(project, line));

    /// <summary>The projects that it pays for in a month, as they were named.</summary>
    public IEnumerable<string> PaidFor(BillingMonth month) =>
        Projects.Where(one => one.From <= month && !(one.Until <= month)).Select(one => one.Project).Distinct();

    /// <summary>Whether a line is of the project that was named so: by its id, its name, or without its
    /// allocation.</summary>
    public static bool Means(string project, InvoiceLine line) =>
        project == line.Project.Value || project == line.ProjectName || project == Stem(line.ProjectName);

    /// <summary>By what a project can be named.</summary>
    public static IEnumerable<string> NamesOf(ProjectId project, string name) => [project.Value, name, Stem(name)];

    private static string Stem(string name) => name.LastIndexOf('-') is var dash and > 0 ? name[..dash] : name;
}

/// <summary>All groups with prepaid money: the one stream is 'prepaid-exchange'.</summary>
public sealed record PrepaidGroups(ImmutableSortedDictionary<string, PrepaidGroup> Groups)
{
    public const string Id = "exchange";

    public static PrepaidGroups None { get; } =
        new(ImmutableSortedDictionary.Create<string, PrepaidGroup>(StringComparer.Ordinal));

    public static readonly Fold<PrepaidGroups, PrepaidEvent> Fold = new("prepaid", None, Evolve);

    public static Decision<PrepaidEvent> Open(
        PrepaidGroups all, string group, string contact, string by, Instant now) =>
        group.Length == 0 || !contact.Contains('@', StringComparison.Ordinal)
            ? new Refusal("prepaid/no-contact", $"'{contact}' is not an address. Say whom to ask about '{group}'.")
            : all.Groups.GetValueOrDefault(group)?.Contact == contact ? []
                : [new PrepaidEvent.Opened(group, contact, by, now)];

    /// <summary>Notes what a group paid in, or got back. The same reference counts once.</summary>
    public static Decision<PrepaidEvent> Pay(PrepaidGroups all, PrepaidEvent.PaidIn paid)
    {
        if (!all.Groups.TryGetValue(paid.Group, out var found))
        {
            return Unknown(paid.Group);
        }

        if (found.Payments.Find(one => one.Reference == paid.Reference) is { } known)
        {
            return known.Amount == paid.Amount && known.Month == paid.Month ? [] : new Refusal(
                "prepaid/payment-differs",
                $"Payment '{paid.Reference}' of '{paid.Group}' was noted with {known.Amount} from {known.Month} on. " +
                "Use another reference.");
        }

        return paid.Amount.IsZero || found.Balance + paid.Amount < Money.Zero || (paid.Amount < Money.Zero &&
            found.Available(paid.Month) + paid.Amount < Money.Zero)
            ? new Refusal(
                "prepaid/not-enough", $"'{paid.Group}' has {found.Balance} left, so {paid.Amount} cannot be paid in " +
                "or given back.")
            : [paid];
    }

    /// <summary>
    /// Lets a group pay for a project from a month on; said again, the months of that project change.
    /// </summary>
    public static Decision<PrepaidEvent> Cover(PrepaidGroups all, PrepaidEvent.Covered wanted)
    {
        if (!all.Groups.TryGetValue(wanted.Group, out var found))
        {
            return Unknown(wanted.Group);
        }

        if (wanted.Until <= wanted.From)
        {
            return new Refusal(
                "fund/no-months",
                $"{wanted.Until} is not after {wanted.From}. Give the first month that is not paid.");
        }

        if (all.Groups.Values.FirstOrDefault(other => other.Name != wanted.Group && other.Projects.Exists(one =>
            one.Project == wanted.Project && !(one.Until <= wanted.From) && !(wanted.Until <= one.From))) is { } taken)
        {
            return new Refusal(
                "prepaid/covered-elsewhere",
                $"'{taken.Name}' pays for '{wanted.Project}' in some of these months. End that first ('exchange " +
                $"prepaid cover {taken.Name} --project {wanted.Project} --until …').");
        }

        return found.Projects.Exists(one =>
            (one.Project, one.From, one.Until) == (wanted.Project, wanted.From, wanted.Until)) ? [] : [wanted];
    }

    private static Refusal Unknown(string group) => new(
        "prepaid/unknown-group", $"There is no group '{group}'. 'exchange prepaid list' shows those that there are.");

    private static PrepaidGroups Evolve(PrepaidGroups all, PrepaidEvent happened) => happened switch
    {
        PrepaidEvent.Opened e => With(all, all.Groups.TryGetValue(e.Group, out var known)
            ? known with { Contact = e.Contact }
            : new(e.Group, e.Contact)),
        PrepaidEvent.PaidIn e when all.Groups.TryGetValue(e.Group, out var group) =>
            With(all, group with { Payments = group.Payments.Add(e) }),
        PrepaidEvent.Covered e when all.Groups.TryGetValue(e.Group, out var group) => With(all, group with
        {
            Projects = group.Projects
                .RemoveAll(one => one.Project == e.Project && one.From == e.From).Add(e),
        }),
        PrepaidEvent.Used e when all.Groups.TryGetValue(e.Group, out var group) => With(all, group with
        {
            Uses = group.Uses.SetItem(
                (e.Month, e.Pi.Value), group.Uses.GetValueOrDefault((e.Month, e.Pi.Value)) + e.Amount),
        }),
        _ => throw new CorruptStreamException(all, happened),
    };

    private static PrepaidGroups With(PrepaidGroups all, PrepaidGroup group) =>
        new(all.Groups.SetItem(group.Name, group));
}
