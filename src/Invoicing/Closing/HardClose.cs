using System.Collections.Immutable;
using Exchange.Invoicing.Kept;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// Months that no close bills by itself: those beyond the horizon that finance set, and those before the first that was
/// closed, whose usage another system may have billed. A close names each with what came to it, and finance decides:
/// bill it, or leave it. Within the horizon a closed month is closed softly: what came becomes adjustments of the
/// next invoice.
/// </summary>
public static class HardClose
{
    private const string Code = "close/hard-closed";
    private const string CodeBefore = "close/before-first";
    private const string Leave = "close/left";
    private const string LookAt = "close/look";

    /// <summary>Whether an accepted code decides what becomes of such a month.</summary>
    public static bool IsDecision(string accepted) =>
        MonthIn(accepted) is not null && !accepted.StartsWith(LookAt, StringComparison.Ordinal);

    /// <summary>A code that decides nothing, so that a month is looked at to which nothing came.</summary>
    internal static string Look(BillingMonth month) => $"{LookAt}:{month}";

    /// <summary>The month that an accepted code is about; null for every other code.</summary>
    internal static BillingMonth? MonthIn(string accepted)
    {
        var named = accepted.Split('=')[0];
        var at = named.LastIndexOf(':');
        return at > 0 && named[..at] is Code or CodeBefore or Leave or LookAt &&
            BillingMonth.TryParse(named[(at + 1)..], null, out var month) ? month : null;
    }

    /// <summary>Whether whoever closes bills such a month; null where they do not say.</summary>
    internal static bool? Accepted(IReadOnlySet<string> accepted, BillingMonth month) =>
        accepted.Any(one => IsBilling(one) && MonthIn(one) == month) ? true
        : accepted.Contains($"{Leave}:{month}") ? false
        : null;

    private static bool IsBilling(string accepted) =>
        IsDecision(accepted) && !accepted.StartsWith(Leave, StringComparison.Ordinal);

    /// <exception cref="RefusedException">The same month is billed and left.</exception>
    internal static void RefuseBoth(IReadOnlySet<string> accepted)
    {
        if (accepted.Select(MonthIn).FirstOrDefault(month => month is { } one &&
            accepted.Contains($"{Leave}:{one}") && Accepted(accepted, one) == true) is { } both)
        {
            throw new RefusedException(new(
                "close/decided-twice",
                $"'{Code}:{both}' bills what came to {both}, and '{Leave}:{both}' leaves it. Give one of them."));
        }
    }

    /// <summary>The same without what nobody decided to bill, all such months, and what is to be decided.</summary>
    public static (CloseInputs Inputs, ImmutableArray<LateMonth> Late, IReadOnlyList<Check> Checks) LeaveOut(
        CloseInputs inputs)
    {
        if (inputs.Reissues is not null)
        {
            return (inputs, [], []);
        }

        ImmutableArray<LateMonth> late =
        [
            .. from rated in inputs.Rated
               where !rated.IsAsBilled
               let isForGood = rated.Month < inputs.HardClosedBefore && inputs.Months.IsClosed(rated.Month)
               where isForGood || rated.Month < inputs.Months.First
               let one = LateMonth.Of(inputs, rated, isForGood)
               where !one.Accounts.IsEmpty
               select one,
        ];
        foreach (var (accepted, of) in inputs.Accepted.Where(IsBilling).SelectMany(
            accepted => late.Where(of => of.Month == MonthIn(accepted)).Select(of => (accepted, of))))
        {
            RefuseOther(accepted, of);
        }

        var left = late.Where(of => of.IsBilled != true).Select(of => of.Month).ToHashSet();
        var billed = inputs.Rated.Where(rated => !rated.IsAsBilled && !left.Contains(rated.Month))
            .Min(rated => (BillingMonth?)rated.Month);

        // A month as it was billed follows one that is billed anew; closed for good, it follows no other.
        bool IsIn(MonthCharges rated) => rated.IsAsBilled
            ? rated.Month > billed || rated.Month >= inputs.HardClosedBefore || inputs.HardClosedBefore is null
            : !left.Contains(rated.Month);
        return (
            inputs with { Rated = [.. inputs.Rated.Where(IsIn)] },
            late, [.. late.Where(of => of.IsBilled is null).Select(CheckOf)]);
    }

    /// <summary>What is billed for good is what its amount was named of, and not what came since.</summary>
    /// <exception cref="RefusedException">No amount is named, or another than would be billed.</exception>
    private static void RefuseOther(string accepted, LateMonth late)
    {
        var named = accepted.Split('=', 2) is [_, var amount] ? amount : null;
        if (named != late.Named)
        {
            throw new RefusedException(new(
                "close/other-amount",
                (named is null ? $"'{accepted}' names no amount" : $"'{accepted}' names {named}") +
                $", and {late.Accounts.Length} accounts would be billed {late.Said}. Where that is right, accept " +
                $"'{AcceptOf(late)}'.", late.Month.ToString()));
        }
    }

    private static string AcceptOf(LateMonth late) =>
        $"{(late.IsForGood ? Code : CodeBefore)}:{late.Month}={late.Named}";

    /// <summary>What somebody decided with the close itself, to be written with it.</summary>
    internal static IEnumerable<MonthEvent> Decided(ClosePlan plan, CloseRequest asked, Instant now) =>
        from late in plan.Late
        where late.IsBilled is not null && asked.Accepted.Any(one => IsDecision(one) && MonthIn(one) == late.Month)
        select late.Decide(late.IsBilled == true, null, asked.By, now);

    private static Check CheckOf(LateMonth late)
    {
        var (month, code) = (late.Month, late.IsForGood ? Code : CodeBefore);
        var why = late.IsForGood ? "is closed for good" : "is before the first month that was closed";
        var before = late.Decision is { } decided
            ? $" What was decided of it before was of {decided.Amount} for {decided.Accounts} accounts."
            : "";
        return new(
            code, false,
            $"{month} {why}, and {late.Accounts.Length} accounts would be billed {late.Said}." +
            $"{before} Nobody is, until you decide: 'exchange adjustments accept {month} --seen {late.Seen}' (or " +
            $"'--accept {AcceptOf(late)}' with the close) bills it, 'exchange adjustments decline {month} --seen " +
            $"{late.Seen}' ('--accept {Leave}:{month}') leaves the month as it is.")
        {
            Accept = AcceptOf(late),
        };
    }
}
