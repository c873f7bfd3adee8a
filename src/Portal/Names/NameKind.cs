namespace Exchange.Portal.Names;

/// <summary>What has a name that people and programs narrow by.</summary>
internal enum NameKind
{
    Landlord,
    Service,
    Sku,
    Cluster,
    Project,
    Pi,
    Institution,
    Fund,
    Payer,
    Class,
}

/// <summary>How kinds of names are called, and how one is refused that nothing has.</summary>
internal static class NameKinds
{
    /// <summary>How many names a refusal lists before it says where they are listed instead.</summary>
    private const int MaxListed = 12;
    private const int MaxShown = 60;
    private const string Prefix = "usage/unknown-";

    /// <summary>The kind of a value of the domain; null where it is no name.</summary>
    public static NameKind? Of(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var one when one == typeof(LandlordId) => NameKind.Landlord,
        var one when one == typeof(ClusterId) => NameKind.Cluster,
        var one when one == typeof(ProjectId) => NameKind.Project,
        var one when one == typeof(PiId) => NameKind.Pi,
        var one when one == typeof(SkuId) => NameKind.Sku,
        _ => null,
    };

    public static bool IsUnknown(Refusal refusal) => refusal.Code.StartsWith(Prefix, StringComparison.Ordinal);

    public static Refusal Refuse(this NameKind kind, string name, IReadOnlyCollection<string> known, string where)
    {
        var shown = name.Length > MaxShown ? $"{name[..MaxShown]}…" : name;
        var list = known.Count is > 0 and <= MaxListed
            ? $" There {(known.Count == 1 ? "is" : "are")} {string.Join(", ", known.Order(StringComparer.Ordinal))}."
            : $" {kind.Where()} lists those that there are.";
        return new(kind.Code(), $"There is no {kind.Words()} '{shown}'.{NearWord.Sentence(name, known)}{list}", where);
    }

    private static string Words(this NameKind kind) => kind switch
    {
        NameKind.Sku => "SKU",
        NameKind.Pi => "PI",
        NameKind.Fund => "program",
        NameKind.Class => "class of costs",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static string Where(this NameKind kind) => kind switch
    {
        NameKind.Landlord => "'exchange landlords list'",
        NameKind.Service or NameKind.Sku => "'exchange offers list'",
        NameKind.Cluster => "'exchange prices list'",
        NameKind.Project or NameKind.Pi => "'exchange projects list'",
        NameKind.Institution => "'exchange directory list'",
        _ => "'exchange programs list'",
    };

    private static string Code(this NameKind kind) => kind switch
    {
        NameKind.Landlord => "usage/unknown-landlord",
        NameKind.Service => "usage/unknown-service",
        NameKind.Sku => "usage/unknown-sku",
        NameKind.Cluster => "usage/unknown-cluster",
        NameKind.Project => "usage/unknown-project",
        NameKind.Pi => "usage/unknown-pi",
        NameKind.Institution => "usage/unknown-institution",
        NameKind.Fund => "usage/unknown-program",
        NameKind.Payer => "usage/unknown-payer",
        NameKind.Class => "usage/unknown-class",
    };
}
