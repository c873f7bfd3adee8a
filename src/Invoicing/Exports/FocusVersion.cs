namespace Exchange.Invoicing.Exports;

/// <summary>A version of FOCUS in which a month can be exported.</summary>
public enum FocusVersion
{
    /// <summary>1.2: a row for each line, and what others than the PI pay in columns of our own.</summary>
    V12,

    /// <summary>1.3: every cost of every invoice is a row, those to institutions, payers and groups too.</summary>
    V13,
}

/// <summary>The versions of FOCUS by their names.</summary>
public static class FocusVersions
{
    public const string Default = "1.2";

    public static IReadOnlyList<string> Names { get; } = [Default, "1.3"];

    /// <returns>Null for a version that is not written.</returns>
    public static FocusVersion? Named(string name) => name switch
    {
        "1.2" => FocusVersion.V12,
        "1.3" => FocusVersion.V13,
        _ => null,
    };
}
