using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Exchange.Rating;

/// <summary>
/// A rated line: what a project used of one SKU in a billing month, priced by one version of a landlord's sheet.
/// Its amount is the exact quantity times the exact rate, rounded once, here.
/// </summary>
public sealed partial record Charge
{
    public required BillingMonth Month { get; init; }

    /// <summary>The part of the month that the sheet version covers; usage lies inside it.</summary>
    public required Period Period { get; init; }
    public required LandlordId Landlord { get; init; }
    public required string Service { get; init; }
    public required ClusterId Cluster { get; init; }
    public required ProjectId Project { get; init; }
    public required SkuId Sku { get; init; }

    /// <summary>
    /// The tier, span of hours or promise that this part of the SKU was priced by; null for all of it.
    /// </summary>
    public string? Step { get; init; }
    public required Quantity Quantity { get; init; }
    public required Rate Rate { get; init; }
    public required Money Amount { get; init; }

    /// <summary>The sheet version that priced it, as 'nerc/openstack/2025-06-01#1'.</summary>
    public required string Sheet { get; init; }

    /// <summary>The rounding policies that applied: 'nerc-compatible' or 'corrected'.</summary>
    public required string Policies { get; init; }

    /// <summary>For egress: what it would have cost at public list prices; null for everything else.</summary>
    public Money? Avoided { get; init; }

    /// <summary>What the landlord owes for it to who stands behind it; null when nobody does.</summary>
    public WholesaleCost? Bought { get; init; }

    /// <summary>
    /// From when a project that changed hands inside the month is another's: '~2026-10-12T00:00:00Z'; else empty.
    /// </summary>
    public string Since { get; init; } = "";

    /// <summary>Which project sublets it, and is paid for it; null for what the landlord sells itself.</summary>
    public ProjectId? Lessor { get; init; }

    /// <summary>The agreement that it is priced by; null for what is at list.</summary>
    public string? Agreement { get; init; }

    /// <summary>What all steps of a SKU's usage share; contributions name it.</summary>
    public string LineId =>
        $"{Month}:{Landlord}:{Cluster}:{Project}:{Sku}:{Sheet}{SubletMark(Lessor)}{AgreedMark(OfLine)}{Since}";

    /// <summary>The agreement of all of its line: what is owed used or not is a step beside what is used.</summary>
    internal string? OfLine => IsStanding(Agreement) ? null : Agreement;

    /// <summary>
    /// The same usage rated again has the same id: month, landlord, service, cluster, project, SKU, sheet, owner's
    /// time and step.
    /// </summary>
    public string Id => Step is null ? LineId : $"{LineId}:{Step}";

    /// <summary>The agreement that the id of a charge names; null for one at list.</summary>
    public static string? AgreementOf(string id) =>
        AgreedIn().Match(id) is { Success: true } found ? found.Groups[1].Value + found.Groups[2].Value : null;

    /// <summary>Whether an agreement of this number is owed used or not: a reservation or a commitment.</summary>
    public static bool IsStanding(string? agreement) => agreement is ['R' or 'C', '-', ..];

    /// <summary>A step that an agreement owes: 'reserved 10 from 2026-10-10, agreed in R-7F3K2M9Q'.</summary>
    internal static string AgreedStep(string step, string? agreement) =>
        agreement is null ? step : $"{step}, agreed in {agreement}";

    /// <summary>The step that the id of a charge ends with; null for one of all of a SKU.</summary>
    public static string? StepOf(string id) =>
        StepIn().Match(id).Groups[1] is { Success: true } step ? step.Value : null;

    /// <summary>The lease that the id of a charge names; null for every other.</summary>
    public static string? LeaseOf(string id) => AgreementOf(id) is ['L', ..] and var lease ? lease : null;

    /// <summary>
    /// A step as people are told it: of what is sublet it names the lease, for a project may sublet several to one.
    /// </summary>
    public static string? ShownStep(string id, string? step) =>
        step is not null && step.Contains("sublet by ", StringComparison.Ordinal) && LeaseOf(id) is { } lease
            ? $"{step} in {lease}"
            : step;

    /// <summary>Between a lease and the number of its price, in charges by another price than the first.</summary>
    internal const char NextPrice = '/';

    internal static string AgreedMark(string? agreement) => agreement is null ? "" : $"@{agreement}";

    internal static string SubletMark(ProjectId? lessor) => lessor is { } by ? $"^{by}" : "";

    [GeneratedRegex(@"#[0-9]+(?:(?:\^[^#]+?)?@([LQ]-[0-9A-Z]+)|(?:~[^#]*Z)?:[^#^@]*, agreed in ([RC]-[0-9A-Z]+))")]
    private static partial Regex AgreedIn();

    [GeneratedRegex(@"#[0-9]+(?:\^.+?)?(?:@[LQ]-[0-9A-Z]+(?:/[0-9]+)?)?(?:~[0-9-]{10}T[0-9:.]+Z)?(?::([^#]+))?$")]
    private static partial Regex StepIn();
}

/// <summary>Who is behind a charge: a landlord here, a project that sublets, or another cloud.</summary>
public enum PayeeKind { Landlord, Project, OtherCloud }

/// <summary>The wholesale side of a charge: the same quantity at the price at which the landlord buys it.</summary>
public sealed record WholesaleCost(string Payee, Rate Rate, Money Amount)
{
    public PayeeKind Kind { get; init; }

    /// <summary>Who is paid, as sellers are told apart: a project is never taken for a landlord of its name.</summary>
    [JsonIgnore]
    public LandlordId PaidTo => Kind == PayeeKind.Project ? Seller.Of(new ProjectId(Payee)) : new(Payee);

    /// <summary>Whether the exchange passes it on; another cloud is paid by the landlord itself.</summary>
    [JsonIgnore]
    public bool IsPassedOn => Kind != PayeeKind.OtherCloud;
}

/// <summary>
/// Who is paid for what is sold: a landlord, or a project that sublets. The kind stands before the name of a project,
/// and no landlord's name may begin so: 'project:p-mit'.
/// </summary>
public static class Seller
{
    private const string Kind = "project:";

    public static LandlordId Of(ProjectId project) => new(Kind + project.Value);

    /// <summary>Whether it is a project; no landlord may be called so.</summary>
    public static bool IsProject(string name) => name.StartsWith(Kind, StringComparison.OrdinalIgnoreCase);
}
