using System.Globalization;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>Everything that can happen to a series of invoice numbers. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Assigned), "numbers-taken/1")]
[JsonDerivedType(typeof(Continued), "numbers-continued/1")]
public abstract record NumberEvent
{
    private NumberEvent() { }

    /// <summary>These numbers were given, in the same transaction as the invoices that carry them.</summary>
    public sealed record Assigned(int First, int Count, BillingMonth Month) : NumberEvent;

    /// <summary>Another system gave the numbers up to this one; those of this exchange follow.</summary>
    public sealed record Continued(int Last) : NumberEvent;
}

/// <summary>
/// A series of invoice numbers without gaps, such as 'PI-2026': its stream is 'series-PI-2026'. Two closes cannot take
/// the same number, because only one of them can append after what it read.
/// </summary>
public sealed record NumberSeries(int Last)
{
    /// <summary>The last number that another system gave; zero where the series began here.</summary>
    public int From { get; init; }

    public static readonly Fold<NumberSeries, NumberEvent> Fold = new("series", new(0), (series, happened) =>
        happened switch
        {
            NumberEvent.Assigned e when e.First == series.Last + 1 && e.Count > 0 =>
                series with { Last = series.Last + e.Count },
            NumberEvent.Continued e when series.Last == series.From && e.Last > series.Last =>
                new(e.Last) { From = e.Last },
            _ => throw new CorruptStreamException(series, happened),
        });

    /// <summary>The series of invoices that are issued at an instant, as 'PI-2026'.</summary>
    public static string Invoices(Instant now) =>
        string.Create(CultureInfo.InvariantCulture, $"PI-{now.InUtc().Year:0000}");

    /// <summary>The series of credit notes, as 'CN-2026'.</summary>
    public static string Credits(Instant now) =>
        string.Create(CultureInfo.InvariantCulture, $"CN-{now.InUtc().Year:0000}");

    /// <summary>The series of institutions ('IN-2026'), payers ('PY-2026') and groups ('PG-2026').</summary>
    public static string Parties(PartyKind kind, Instant now) => string.Create(
        CultureInfo.InvariantCulture, $"{kind switch
        {
            PartyKind.Institution => "IN",
            PartyKind.Payer => "PY",
            PartyKind.Group => "PG",
        }}-{now.InUtc().Year:0000}");

    /// <summary>'PI-2026-0042'.</summary>
    public static string Number(string series, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{series}-{number:0000}");
}
