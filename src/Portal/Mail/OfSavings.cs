using System.Globalization;
using Exchange.Journal;
using Exchange.Portal.Savings;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;
using NodaTime.Calendars;

namespace Exchange.Portal.Mail;

/// <summary>A job: tells each PI once a week what could be saved, unless they stopped it or it is too little.</summary>
internal static class OfSavings
{
    private const int MaxNamed = 10;

    /// <summary>For less a month nobody is written to.</summary>
    private static readonly Money Least = new(10_00);

    /// <returns>How many messages are new.</returns>
    public static async Task<int> Run(Composition exchange, MailSettings settings, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        var now = exchange.Clock.GetCurrentInstant();
        return await Outbox.Queue(
            exchange.Database, await Messages(exchange, now, ct), settings.From.Host, now, ct);
    }

    /// <summary>What this week's messages say.</summary>
    public static async Task<IReadOnlyList<Message>> Messages(Composition exchange, Instant now, CancellationToken ct)
    {
        var messages = new List<Message>();
        foreach (var pi in await Spending(exchange, BillingMonth.Of(now), ct))
        {
            if (!(await exchange.Journal.State(SavingAnswers.Fold, pi, ct)).WantsMail)
            {
                continue;
            }

            // As the PI sees it, so that the figures are those of their page.
            await using var view = new View(exchange.Views, new("job:savings", "", Role.Pi, Pi: pi));
            var open = (await new FindSavings(exchange, view, now).Run(pi, ct))
                .Where(one => one.Dismissed is null).ToList();
            if (Saving.Together(open) >= Least)
            {
                messages.Add(Of(pi, open, now));
            }
        }

        return messages;
    }

    private static Message Of(PiId pi, List<Saving> open, Instant now)
    {
        var (today, sum) = (now.InUtc().Date, Saving.Together(open));
        var week = string.Create(
            CultureInfo.InvariantCulture,
            $"{WeekYearRules.Iso.GetWeekYear(today)}-W{WeekYearRules.Iso.GetWeekOfWeekYear(today):00}");
        var named = open.Take(MaxNamed).Select(one =>
            $"- {one.AMonth} a month: {one.Subject} of {one.Project}, {one.Why}. {one.ToDo}");
        var more = open.Count > MaxNamed ? $"\n- and {open.Count - MaxNamed} more" : "";
        return new(
            $"savings:{pi}:{week}", pi.Value, $"{sum} a month could be saved",
            $"""
            As your resources stand on {Show.Date(today)}, {sum} a month could be saved, before funds:

            {string.Join('\n', named)}{more}

            See /pi/savings. What stays as it is can be dismissed there with a reason, and 'Stop weekly mail' there
            ends these messages.

            """, null);
    }

    private static async Task<IReadOnlyList<PiId>> Spending(
        Composition exchange, BillingMonth month, CancellationToken ct)
    {
        const string Sql = """
            select distinct pi from exchange.charge where month = $1 and pi <> '' order by pi
            """;

        await using var command = exchange.Database.Statement(Sql, [month.ToString()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<PiId>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(rows.GetString(0)));
        }

        return found;
    }
}
