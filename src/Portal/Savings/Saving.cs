using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Portal.Savings;

/// <summary>Something that a PI could do without, or have for less, and what that would save a month.</summary>
/// <param name="Id">The same for the same thing as long as it goes on: 'idle-gpu:nerc/stack/p-17'.</param>
/// <param name="Kind">idle-gpu, stopped or elsewhere.</param>
/// <param name="Subject">The resource, or the resources alike.</param>
/// <param name="Why">How that is known.</param>
/// <param name="ToDo">What somebody would do about it.</param>
/// <param name="AMonth">What it would save in a whole month like this one, before funds.</param>
internal sealed record Saving(
    string Id, string Kind, LandlordId Landlord, ClusterId Cluster, ProjectId Project, string Subject, string Why,
    string ToDo, Money AMonth)
{
    public const string IdleGpu = "idle-gpu";
    public const string Stopped = "stopped";
    public const string Elsewhere = "elsewhere";

    /// <summary>The address of the quote that it rests on; null where it rests on none.</summary>
    public string? Quote { get; init; }

    /// <summary>Who said that it stays as it is, and why; null where nobody did.</summary>
    public SavingEvent.Dismissed? Dismissed { get; init; }

    /// <summary>
    /// What those that nobody dismissed save together: of a project either less of it or another place, whichever
    /// is more, because what is deleted cannot be moved as well.
    /// </summary>
    public static Money Together(IEnumerable<Saving> found) => Money.Sum(
        from one in found
        where one.Dismissed is null
        group one by (one.Landlord, one.Cluster, one.Project) into project
        let moved = Money.Sum(project.Where(one => one.Kind == Elsewhere).Select(one => one.AMonth))
        let less = Money.Sum(project.Where(one => one.Kind == IdleGpu).Select(one => one.AMonth))
        let rest = Money.Sum(project.Where(one => one.Kind == Stopped).Select(one => one.AMonth))
        select (moved > less ? moved : less) + rest);
}

/// <summary>Everything that can happen to the proposals to a PI. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Dismissed), "saving-dismissed/1")]
[JsonDerivedType(typeof(Restored), "saving-restored/1")]
[JsonDerivedType(typeof(MailStopped), "saving-mail-stopped/1")]
[JsonDerivedType(typeof(MailWanted), "saving-mail-wanted/1")]
internal abstract record SavingEvent
{
    private SavingEvent() { }

    /// <summary>It stays as it is, and is not proposed again.</summary>
    public sealed record Dismissed(string Id, string Reason, string By, Instant At) : SavingEvent;

    /// <summary>It is proposed again.</summary>
    public sealed record Restored(string Id, string By, Instant At) : SavingEvent;

    /// <summary>No weekly message is wanted from then on.</summary>
    public sealed record MailStopped(string By, Instant At) : SavingEvent;

    /// <summary>The weekly message is wanted again.</summary>
    public sealed record MailWanted(string By, Instant At) : SavingEvent;
}

/// <summary>What a PI dismissed of the proposals to them.</summary>
internal sealed record SavingAnswers(ImmutableSortedDictionary<string, SavingEvent.Dismissed> Dismissed)
{
    private const int MaxReason = 500;

    /// <summary>Whether the PI gets a message a week of what could be saved.</summary>
    public bool WantsMail { get; init; } = true;

    public static readonly Fold<SavingAnswers, SavingEvent> Fold = new(
        "savings", new(ImmutableSortedDictionary.Create<string, SavingEvent.Dismissed>(StringComparer.Ordinal)),
        Evolve);

    public static Decision<SavingEvent> Dismiss(
        SavingAnswers answers, string id, string reason, string by, Instant now) =>
        reason.Trim().Length is 0 or > MaxReason
            ? new Refusal(
                "savings/no-reason", $"Say why it stays as it is, in at most {MaxReason} characters.", "reason")
            : answers.Dismissed.GetValueOrDefault(id)?.Reason == reason.Trim() ? []
            : [new SavingEvent.Dismissed(id, reason.Trim(), by, now)];

    public static Decision<SavingEvent> Restore(SavingAnswers answers, string id, string by, Instant now) =>
        answers.Dismissed.ContainsKey(id) ? [new SavingEvent.Restored(id, by, now)] : [];

    public static Decision<SavingEvent> Mail(SavingAnswers answers, bool isWanted, string by, Instant now) =>
        answers.WantsMail == isWanted ? []
        : isWanted ? [new SavingEvent.MailWanted(by, now)] : [new SavingEvent.MailStopped(by, now)];

    private static SavingAnswers Evolve(SavingAnswers answers, SavingEvent happened) => happened switch
    {
        SavingEvent.Dismissed e => answers with { Dismissed = answers.Dismissed.SetItem(e.Id, e) },
        SavingEvent.Restored e => answers with { Dismissed = answers.Dismissed.Remove(e.Id) },
        SavingEvent.MailStopped => answers with { WantsMail = false },
        SavingEvent.MailWanted => answers with { WantsMail = true },
        _ => throw new CorruptStreamException(answers, happened),
    };
}
