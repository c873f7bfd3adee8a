namespace Exchange.Portal.Diagnosing;

/// <summary>How a thing that the exchange stands on was found.</summary>
internal enum Health { Ok, Warn, Fail }

/// <summary>What 'exchange doctor' found of one thing.</summary>
/// <param name="Check">The thing, as 'disk'.</param>
/// <param name="Says">What was found.</param>
/// <param name="ToDo">What somebody is to do; null where nothing is.</param>
internal sealed record Finding(string Check, Health Health, string Says, string? ToDo = null)
{
    public static Finding Ok(string check, string says) => new(check, Health.Ok, says);

    public static Finding Warn(string check, string says, string toDo) => new(check, Health.Warn, says, toDo);

    public static Finding Fail(string check, string says, string toDo) => new(check, Health.Fail, says, toDo);

    /// <summary>A refusal says itself what to do.</summary>
    public static Finding Fail(string check, Refusal refusal) => new(check, Health.Fail, refusal.Message, refusal.Code);
}
