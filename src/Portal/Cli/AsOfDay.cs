using System.CommandLine;
using Exchange.Portal.Web;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Portal.Cli;

/// <summary>The option '--as-of DAY': what was known when that day ended.</summary>
internal static class AsOfDay
{
    /// <summary>The first instant that does not count; null where all does.</summary>
    public static Option<Instant?> Option() => new("--as-of")
    {
        Description = "What was known when this day ended in UTC, as 2026-11-30; or before an instant.",
        HelpName = "DAY",
        CustomParser = argument =>
        {
            var text = argument.Tokens.Count > 0 ? argument.Tokens[^1].Value : "";
            if (LocalDatePattern.Iso.Parse(text) is { Success: true, Value: var day })
            {
                if (AskedTimes.Wrong(day) is not { } wrong)
                {
                    return AsOf.End(day);
                }

                argument.AddError(wrong);
                return null;
            }

            if (InstantPattern.ExtendedIso.Parse(text) is { Success: true } instant)
            {
                return instant.Value;
            }

            argument.AddError($"'{text}' is not a day. Write it like 2026-11-30.");
            return null;
        },
    };
}
