using System.Text;

namespace Exchange.Metering;

/// <summary>Which resources a query asks for, told by the bytes of their names: most of a page need no text.</summary>
internal sealed class WantedResources
{
    private readonly byte[] _whole;
    private readonly byte[] _landlord;
    private readonly byte[] _cluster;

    public WantedResources(UsageQuery query)
    {
        _whole = query.Resource is { } resource ? Encoding.UTF8.GetBytes(resource.ToString()) : [];
        _landlord = query.Landlord is { } landlord ? Encoding.UTF8.GetBytes($"{landlord}/") : [];
        _cluster = query.Cluster is { } cluster ? Encoding.UTF8.GetBytes($"/{cluster}/") : [];
    }

    /// <param name="name">As it is kept: its kind is the first byte.</param>
    public bool Has(ReadOnlySpan<byte> name)
    {
        name = name[1..];
        return (_whole.Length == 0 || name.SequenceEqual(_whole)) && name.StartsWith(_landlord) &&
            (_cluster.Length == 0 || name[Math.Max(0, name.IndexOf((byte)'/'))..].StartsWith(_cluster));
    }
}
