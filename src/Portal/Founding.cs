using System.Text.Json.Serialization;
using Exchange.Journal;
using Exchange.Portal.Cli;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>What is done once to a new embedded database: it gets the product's own price sheets.</summary>
internal abstract record Founding
{
    private const long OneAtATime = 0x464F554E; // 'FOUN': two commands may find the same new database.
    private const string Stream = "exchange-founding";

    private Founding() { }

    /// <summary>Everything that can happen at the founding of an exchange.</summary>
    [JsonDerivedType(typeof(Founded), "exchange-founded/1")]
    public abstract record Happened;

    /// <summary>The database was given the product's price sheets, or was to stay bare.</summary>
    public sealed record Founded(bool Bare, Instant At) : Happened;

    public static async Task Run(Composition exchange, CancellationToken ct)
    {
        if (exchange.Place.Database is not null || await IsDone(exchange, ct))
        {
            return;
        }

        await using var connection = await exchange.Database.OpenConnectionAsync(ct);
        await connection.Execute($"select pg_advisory_lock({OneAtATime})", [], ct);
        try
        {
            if (!await IsDone(exchange, ct))
            {
                await Publish(exchange, ct);
                await exchange.Journal.Append(
                    [StreamAppend.Of<Happened>(
                        Stream, 0, [new Founded(exchange.Place.Bare, exchange.Clock.GetCurrentInstant())])],
                    ct);
            }
        }
        finally
        {
            await connection.Execute($"select pg_advisory_unlock({OneAtATime})", [], CancellationToken.None);
        }
    }

    private static async Task Publish(Composition exchange, CancellationToken ct)
    {
        if (exchange.Place.Bare || Place.Pricing is not { } pricing)
        {
            return;
        }

        var texts = await PricingFiles.Read([pricing], ct);
        var outcome = await PublishPrices.Run(
            exchange.Journal, texts, Standing.Nothing, "founding", exchange.Clock.GetCurrentInstant(), ct);
        if (outcome.Refusals is [var refusal, ..])
        {
            throw new RefusedException(refusal);
        }
    }

    private static async Task<bool> IsDone(Composition exchange, CancellationToken ct) =>
        (await exchange.Journal.Read<Happened>(Stream, ct)).Count > 0;
}
