namespace Exchange.Rating;

/// <summary>Why a cluster did not work: a service level may leave some kinds out of what it promises.</summary>
public enum OutageKind
{
    /// <summary>Something broke. It always counts.</summary>
    Failure,

    /// <summary>Announced before; it counts unless the level leaves maintenance out and notice was given.</summary>
    Maintenance,

    /// <summary>What the customer did.</summary>
    Customer,

    /// <summary>What nobody could prevent.</summary>
    ForceMajeure,
}
