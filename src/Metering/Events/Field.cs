namespace Exchange.Metering;

/// <summary>The fields of an event that the meter reads.</summary>
internal enum Field
{
    SpecVersion,
    Id,
    Source,
    Type,
    Subject,
    Time,
    Landlord,
    Cluster,
    Project,
    Kind,
    From,
    To,
    State,
    Meter,
    Shape,
    Step,
    Quantity,
}
