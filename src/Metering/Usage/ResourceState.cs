namespace Exchange.Metering;

/// <summary>What a resource was doing. Which states are billed is a dated policy of the landlord's service.</summary>
public enum ResourceState
{
    Running,
    Stopped,
    Paused,
    Suspended,
    Shelved,
    Error,
    Deleted,
}
