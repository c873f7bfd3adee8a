using System.Globalization;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Rating;

namespace Exchange.Portal;

/// <summary>Publishes service levels, and reads the words in which people write them.</summary>
internal static class PublishLevels
{
    /// <summary>Publishes a level for whoever asks, by whichever door.</summary>
    public static async Task<ServiceLevel> Run(
        Composition exchange, ServiceLevel level, bool isCorrection, Actor actor, CancellationToken ct) =>
        await exchange.Commands.Execute(
            new PublishServiceLevel(
                level, await LoadPriceBooks.Run(exchange.Journal, ct), actor.Name,
                (await exchange.Journal.State(Months.Fold, Months.Id, ct)).Closed.Keys.ToHashSet(), isCorrection),
            actor, ct);

    /// <summary>'99.9=10', as a step of a ladder.</summary>
    public static LevelStep Step(string text) => text.Split('=', ' ') is [var below, var credit] &&
        TryNumber(below, out var under) && TryNumber(credit, out var percent)
            ? new(under, percent)
            : throw new RefusedException(new(
                "levels/wrong", $"'{text}' is no step of a ladder. Write it like 99.9=10.", text));

    public static OutageKind Kind(string word) => ServiceLevel.KindOf(word) ?? throw new RefusedException(new(
        "levels/wrong", $"'{word}' is no kind of outage. Write maintenance, customer or force-majeure.", word));

    private static bool TryNumber(string text, out decimal number) => decimal.TryParse(
        text, Text.PlainNumber, CultureInfo.InvariantCulture, out number);
}
