namespace Exchange.Portal.Costs.Changes;

/// <summary>What tells lines of two periods apart: the same thing of the same project.</summary>
internal sealed record UsedKey(
    string Landlord, string Service, string Sku, string Cluster, string Project, string Title)
{
    public string What => string.Join(", ", ((string[])[Title.Length > 0 ? Title : Project, Sku])
        .Where(one => one.Length > 0));

    public bool Equals(UsedKey? other) => other is not null && (Landlord, Service, Sku, Cluster, Project) ==
        (other.Landlord, other.Service, other.Sku, other.Cluster, other.Project);

    public override int GetHashCode() => HashCode.Combine(Landlord, Service, Sku, Cluster, Project);
}

/// <summary>What one thing came to in a period, before funds and without corrections.</summary>
/// <param name="Quantity">Null where it is counted in several units.</param>
/// <param name="Resources">What is behind it; none where that is not known, or too much.</param>
/// <param name="Charge">One of its charges, with its month.</param>
internal sealed record UsedLine(
    UsedKey Key, Money Amount, decimal? Quantity, IReadOnlyList<UsedResource> Resources,
    (string Month, string Id)? Charge)
{
    public static UsedLine Nothing(UsedKey key) => new(key, Money.Zero, 0, [], null);
}
