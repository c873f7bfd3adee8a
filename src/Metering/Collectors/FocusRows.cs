using System.Globalization;
using Exchange.Metering.Csv;
using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>
/// One row of another cloud's bill in FOCUS form: what was billed, to whom, for when, and every other column.
/// </summary>
public sealed record FocusRow
{
    /// <summary>
    /// Who sells what that cloud bills, and under which cluster; the provider where nothing else was said.
    /// </summary>
    public required LandlordId Landlord { get; init; }
    public required ClusterId Cluster { get; init; }
    public required string Provider { get; init; }
    public required string BillingAccount { get; init; }
    public required Period BillingPeriod { get; init; }
    public required Period ChargePeriod { get; init; }

    /// <summary>'Usage', 'Purchase', 'Tax', 'Credit' or 'Adjustment'.</summary>
    public required string Category { get; init; }

    /// <summary>In the billing currency, exact, often far below a cent; credits are negative.</summary>
    public required decimal BilledCost { get; init; }
    public required string Currency { get; init; }
    public required string Service { get; init; }
    public string? SubAccount { get; init; }
    public string? Resource { get; init; }
    public decimal? ConsumedQuantity { get; init; }
    public string? ConsumedUnit { get; init; }

    /// <summary>Every column that is not null, as it came.</summary>
    public required IReadOnlyDictionary<string, string> Columns { get; init; }

    /// <summary>File and line, for messages and for explaining an invoice.</summary>
    public required string Where { get; init; }
}

/// <summary>A row of a file: understood, or not.</summary>
public readonly record struct FocusRead(FocusRow? Row, RejectedReading? Misfit);

/// <summary>Format 'focus': bills of other clouds. The word NULL is null.</summary>
public static class FocusRows
{
    public const string Format = "focus";

    private static readonly string[] Needed =
    [
        "BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd",
        "ChargeCategory", "ChargePeriodStart", "ChargePeriodEnd", "ServiceName",
    ];

    /// <summary>Clouds write the year 1 and the year 9999 where they know no time.</summary>
    private static readonly Instant Earliest = Instant.FromUtc(2000, 1, 1, 0, 0);
    private static readonly Instant Latest = Instant.FromUtc(2100, 1, 1, 0, 0);

    private static readonly string[] NamesOfService = ["ServiceName", "PublisherName", "ServiceCategory"];

    public static IEnumerable<FocusRead> Read(Stream stream, CollectorContext context)
    {
        foreach (var row in CsvFile.Read(stream, context.File, '"', Needed))
        {
            context.Tally.Records++;
            FocusRead read;
            try
            {
                read = new(Row(row, context), null);
            }
            catch (Exception e) when (Record.AsMisfit(e) is { } misfit)
            {
                var source = $"urn:exchange:{context.Landlord}:{Format}";
                read = new(null, Record.Reject(misfit, source, context.Landlord, row.Raw, $"{row.Where}: "));
            }

            yield return read;
        }
    }

    /// <summary>
    /// What counts of several bills, in the order in which they were issued: a bill for a period that was billed before
    /// replaces what the same provider had billed to the same account for that period.
    /// </summary>
    public static IEnumerable<FocusRow> InForce(IEnumerable<IReadOnlyCollection<FocusRow>> bills)
    {
        Dictionary<(string, string, Period), List<FocusRow>> standing = [];
        foreach (var bill in bills)
        {
            foreach (var part in bill.GroupBy(row => (row.Provider, row.BillingAccount, row.BillingPeriod)))
            {
                standing[part.Key] = [.. part];
            }
        }

        return standing.Values.SelectMany(rows => rows);
    }

    /// <summary>
    /// Marketplaces, reservations, credits and roundings have no service; their money is as good as any, so it goes
    /// under the next name that the row has.
    /// </summary>
    private static string Service(Dictionary<string, string> columns) =>
        NamesOfService.Select(columns.GetValueOrDefault).FirstOrDefault(name => name is not null) ?? "unnamed";

    private static string Known(string what, string text) =>
        Name.IsOne(text) ? text : throw MisfitException.NotAName(what, text);

    private static FocusRow Row(CsvRow row, CollectorContext context)
    {
        var columns = row.Cells.Where(c => c.Value is not ("NULL" or ""))
            .ToDictionary(StringComparer.Ordinal);
        var provider = Known("a provider", columns.GetValueOrDefault("ProviderName") ??
            columns.GetValueOrDefault("ServiceProviderName") ?? throw MisfitException.Missing("ProviderName"));
        return new()
        {
            Landlord = context.Landlord,
            Cluster = context.Cluster ?? new(provider.ToLowerInvariant().Replace(' ', '-').Replace('/', '-')),
            Provider = provider,
            BillingAccount = Known("an account", Cell("BillingAccountId")),
            BillingPeriod = Span("BillingPeriod"),
            ChargePeriod = Span("ChargePeriod"),
            Category = Cell("ChargeCategory"),
            BilledCost = Number("BilledCost") ?? throw MisfitException.Missing("BilledCost"),
            Currency = Cell("BillingCurrency"),
            Service = Known("a service", Service(columns)),
            SubAccount = columns.GetValueOrDefault("SubAccountId") is { } account ? Known("an account", account) : null,
            Resource = columns.GetValueOrDefault("ResourceId"),
            ConsumedQuantity = Number("ConsumedQuantity"),
            ConsumedUnit = columns.GetValueOrDefault("ConsumedUnit"),
            Columns = columns,
            Where = row.Where,
        };

        string Cell(string column) => columns.GetValueOrDefault(column) ?? throw MisfitException.Missing(column);

        Instant Time(string column) =>
            ReportedTime.Parse(Cell(column)) is { } at && at >= Earliest && at < Latest
                ? at
                : throw MisfitException.NotATime(column, columns[column]);

        // A charge may be of one instant. A bill without length is of no month, and its money would be nobody's.
        Period Span(string name) => (Time($"{name}Start"), Time($"{name}End")) is var (start, end) &&
            (start < end || (start == end && name == "ChargePeriod"))
                ? new(start, end)
                : throw MisfitException.EmptyPeriod(name);

        decimal? Number(string column) => !columns.TryGetValue(column, out var text) ? null
            : decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : throw MisfitException.NotANumber(column, text);
    }
}
