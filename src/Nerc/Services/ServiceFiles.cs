using Exchange.Metering.Csv;
using Exchange.Rating;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Nerc.Services;

/// <summary>What service invoices are made from.</summary>
/// <param name="Covered">The part of the month that was rated.</param>
/// <param name="Cluster">Only this cluster's file; null for every file.</param>
/// <param name="Now">Stands in the rows as the time at which they were made.</param>
public sealed record ServiceFilesAsked(
    BillingMonth Month, Period Covered, ClusterId? Cluster, string Policies, Instant Now)
{
    /// <summary>
    /// The place of each project in the order in which its cluster first told of it; others come last.
    /// </summary>
    public IReadOnlyDictionary<(ClusterId Cluster, ProjectId Project), int> Places { get; init; } =
        new Dictionary<(ClusterId, ProjectId), int>();
}

/// <summary>
/// NERC's service invoices of a month: the files that its collectors hand to the pipeline, made from charges. One for
/// each OpenShift cluster, one for OpenStack, one for storage, one for bare metal.
/// </summary>
public static class ServiceFiles
{
    private const string Storage = "storage";

    private static readonly string[] Columns =
    [
        "Invoice Month", "Report Start Time", "Report End Time", "Project - Allocation", "Project - Allocation ID",
        "Manager (PI)", "Cluster Name", "Invoice Email", "Invoice Address", "Institution",
        "Institution - Specific Code", "SU Hours (GBhr or SUhr)", "SU Type", "Rate", "Cost", "Generated At",
    ];

    /// <summary>The order in which SU types stand below each other in a project.</summary>
    private static readonly string[] Order =
    [
        "OpenStack CPU", "OpenStack GPUA100SXM4", "OpenStack GPUA100", "OpenStack GPUV100", "OpenStack GPUK80",
        "OpenStack GPUA2", "OpenShift CPU", "OpenShift GPUA100", "OpenShift GPUA100SXM4", "OpenShift GPUV100",
        "OpenShift GPUH100", "OpenShift Unknown GPU", "OpenShift Unknown MIG GPU", "Openshift Unknown",
        "OpenShift NESE Storage", "OpenShift IBM Scale Storage",
    ];

    private static readonly InstantPattern Time =
        InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss'+00:00'");

    /// <param name="attribution">Says whose storage it is; the other files leave that to the pipeline.</param>
    public static IReadOnlyList<ServiceFile> Of(
        ServiceFilesAsked asked, IEnumerable<Charge> charges, PriceBooks books, Attribution attribution)
    {
        var files = charges.Where(charge => charge.Avoided is null && IsAsked(charge, asked))
            .GroupBy(FileOf).OrderBy(file => file.Key, StringComparer.Ordinal);
        return
        [
            .. files.Select(file => new ServiceFile(
                $"{file.Key} {asked.Month}.csv", IsQuotedWithBars(file.Key) ? '|' : '"', Columns,
                [.. Rows(file, asked, books, attribution)])),
        ];
    }

    private static bool IsAsked(Charge charge, ServiceFilesAsked asked) => asked.Cluster is not { } cluster ||
        cluster.Value == FileOf(charge) || (charge.Service != Storage && charge.Cluster == cluster);

    private static string FileOf(Charge charge) => charge switch
    {
        { Service: Storage } => "NERC Storage",
        { Cluster.Value: "stack" } => "NERC OpenStack",
        _ => charge.Cluster.Value,
    };

    private static bool IsQuotedWithBars(string file) => file.StartsWith("NERC ", StringComparison.Ordinal);

    private static IEnumerable<IReadOnlyList<string>> Rows(
        IEnumerable<Charge> charges, ServiceFilesAsked asked, PriceBooks books, Attribution attribution) =>
        from charge in charges
        let skus = books.Sheet(charge.Sheet)?.Sheet.Skus ?? []
        let sku = skus.FirstOrDefault(sku => sku.Id == charge.Sku)
        let type = sku?.ListedAs ?? charge.Sku.Value
        let place = Array.IndexOf(Order, type)
        let told = asked.Places.TryGetValue((charge.Cluster, charge.Project), out var at) ? at : int.MaxValue
        orderby told, charge.Project.Value, charge.Cluster.Value, place < 0 ? Order.Length : place,
            sku is null ? skus.Length : skus.IndexOf(sku), charge.Sku.Value, charge.Period.Start
        select Row(charge, type, asked, attribution);

    private static string[] Row(Charge charge, string type, ServiceFilesAsked asked, Attribution attribution)
    {
        var isStorage = charge.Service == Storage;
        var last = asked.Covered.IsEmpty ? asked.Covered.Start : asked.Covered.End - Duration.Epsilon;
        var told = isStorage ? attribution.Of(charge.Cluster, charge.Project, last) : null;
        return
        [
            asked.Month.ToString(), Time.Format(asked.Covered.Start), Time.Format(asked.Covered.End),
            told?.Name ?? charge.Project.Value, charge.Project.Value, told?.Pi?.Value ?? "", charge.Cluster.Value, "",
            "", "", isStorage ? told?.Code ?? "N/A" : charge.Cluster.Value == "stack" ? "N/A" : "",
            Text.Of(charge.Quantity.Amount), type, Text.Of(charge.Rate.Amount), Cost(charge), Time.Format(asked.Now),
        ];
    }

    /// <summary>The bare-metal rater never rounds what it multiplies.</summary>
    private static string Cost(Charge charge) =>
        charge.Service == "baremetal" && charge.Policies == Policies.NercCompatible
            ? Text.Of(charge.Rate.Amount * charge.Quantity.Amount)
            : charge.Amount.Plain;
}

/// <summary>A service invoice as words: its name, how it quotes, and its rows.</summary>
public sealed record ServiceFile(
    string Name, char Quote, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    public string ToCsv() =>
        string.Concat(Rows.Prepend(Columns).Select(row => CsvWriter.Row(row, exact: true, Quote)));
}
