using System.Collections.Immutable;
using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// Usage that an example in a sheet prices: so many alike resources for so long, or a count of a meter.
/// </summary>
public sealed record ExampleUsage(
    string Kind, ClusterId Cluster, ProjectId Project, ResourceState State, Shape Shape, Duration Length, int Resources,
    string? Meter, decimal Quantity);

/// <summary>A case worked by hand in a sheet: this usage costs this much. Checking a sheet works it again.</summary>
public sealed record WorkedExample(
    string Name, string Policies, Instant From, ImmutableArray<ExampleUsage> Usage, Money Total, string Where);
