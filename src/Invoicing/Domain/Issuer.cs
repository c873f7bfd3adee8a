using System.Collections.Immutable;

namespace Exchange.Invoicing;

/// <summary>Who issues every invoice, as documents and exports name it.</summary>
public static class Issuer
{
    public const string Name = "Open Cloud Exchange";

    /// <summary>The name, and below it the lines of an address.</summary>
    public static ImmutableArray<string> Lines { get; } = [Name];
}
