namespace Exchange.Metering;

/// <summary>Which of the readings that were set aside somebody wants to see, newest first.</summary>
/// <param name="Fate">'waiting', 'released' or 'discarded'; empty for any.</param>
/// <param name="Limit">At most so many.</param>
public sealed record QuarantineQuery(string Fate, int Limit)
{
    /// <summary>How people call the one; empty for any.</summary>
    public string Name { get; init; } = "";

    /// <summary>Why it was set aside; empty for any.</summary>
    public string Reason { get; init; } = "";

    /// <summary>So many letters of each text at most: whoever lists many reads the beginnings.</summary>
    public int Letters { get; init; } = int.MaxValue;

    /// <summary>So many letters of all texts together, about: those behind them are left for the next time.</summary>
    public long AllLetters { get; init; } = long.MaxValue;
}
