using Exchange.Journal;
using Exchange.Portal.Awards;
using NodaTime;

namespace Exchange.Portal.Mail;

/// <summary>Tells a PI, and whom an award names beside them, that it passed a part of its budget.</summary>
internal static class OfAwards
{
    public static async Task<IReadOnlyList<Message>> Passed(Composition exchange, Instant since, CancellationToken ct)
    {
        var book = await exchange.Journal.State(AwardBook.Fold, AwardBook.Id, ct);
        return
        [
            .. from award in book.Awards
               from passed in award.Told
               where passed.At >= since
               from recipient in award.Terms.Recipients.Prepend(award.Terms.Pi.Value)
                   .Distinct(StringComparer.OrdinalIgnoreCase)
               select Of(award.Terms, passed, recipient),
        ];
    }

    private static Message Of(AwardTerms terms, AwardEvent.Passed passed, string recipient)
    {
        var basis = terms.Rules.AfterCredits ? "after credits" : "before credits";
        var id = $"award:{terms.Pi}:{terms.Number}:{passed.Percent}:{passed.Budget.Cents}:" +
            $"{(passed.IsForecast ? "forecast" : "spent")}:{recipient}";
        return passed.IsForecast
            ? new(
                id, recipient, $"Award {terms.Number} is going to pass {passed.Percent} % of its budget",
                $"""
                If costs go on as in the last days, award {terms.Number} of {terms.Sponsor} comes to {passed.Reached}
                {basis} at its end, {terms.To.PlusDays(-1):uuuu-MM-dd}: {passed.Percent} % or more of its
                {passed.Budget}. Nothing was stopped.

                See /pi/awards.

                """, null)
            : new(
                id, recipient, $"{passed.Percent} % of award {terms.Number} is spent",
                $"""
                {passed.Reached} of the {passed.Budget} of award {terms.Number} of {terms.Sponsor} were spent, {basis}:
                {passed.Percent} % or more. Nothing was stopped.

                See /pi/awards.

                """, null);
    }
}
