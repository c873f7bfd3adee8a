using Exchange.Journal;
using Exchange.Metering;
using Exchange.Portal.Web;
using NodaTime;

namespace Exchange.Portal.Mail;

/// <summary>Tells operators which sources fell silent: one message for all that were noticed at once.</summary>
internal static class OfSources
{
    private const int MaxNamed = 50;

    public static async Task<IReadOnlyList<Message>> Silent(
        Composition exchange, MailSettings settings, Instant since, CancellationToken ct)
    {
        if (settings.Operators is not { } operators)
        {
            return [];
        }

        var book = await exchange.Journal.State(SourceBook.Fold, SourceBook.Id, ct);
        return
        [
            .. book.Silences.Values.Where(one => one.At >= since).GroupBy(one => one.At)
                .Select(noticed => Of(operators, noticed.Key, [.. noticed])),
        ];
    }

    private static Message Of(string operators, Instant at, IReadOnlyList<SourceEvent.Silent> silent)
    {
        var named = silent.Take(MaxNamed).Select(one =>
            $"- {one.Source} of {one.Landlord}, by {one.Reporter}: last heard {Show.Of(one.HeardAt)}, expected every " +
            $"{Operating.Ago(Duration.FromSeconds(one.Seconds))}");
        var more = silent.Count > MaxNamed ? $"\n- and {silent.Count - MaxNamed} more" : "";
        return new(
            $"silent:{Exchange.Text.Of(at)}", operators,
            silent.Count == 1 ? $"A source of usage is silent: {silent[0].Source}"
                : $"{silent.Count} sources of usage are silent",
            $"""
            Usage that is not reported is not billed. These sources were expected and not heard:

            {string.Join('\n', named)}{more}

            See /operator/sources. A source that ends for good is taken off there.

            """, null);
    }
}
