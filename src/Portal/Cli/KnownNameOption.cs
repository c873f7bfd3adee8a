using System.CommandLine;
using Exchange.Portal.Names;

namespace Exchange.Portal.Cli;

/// <summary>An option that names what the exchange knows already; a name that nothing has is refused.</summary>
internal interface IKnownNameOption
{
    string Name { get; }
    NameKind Kind { get; }

    /// <summary>The name that was typed; null for none.</summary>
    string? In(ParseResult typed);
}

/// <summary>One that may be left out.</summary>
internal sealed class KnownNameOption<T>(string name) : Option<T?>(name), IKnownNameOption where T : struct
{
    public NameKind Kind { get; } = NameKinds.Of(typeof(T))!.Value;

    public string? In(ParseResult typed) => typed.GetValue(this)?.ToString();
}

/// <summary>One without which the command line is wrong.</summary>
internal sealed class NeededNameOption<T>(string name) : Option<T>(name), IKnownNameOption where T : struct
{
    public NameKind Kind { get; } = NameKinds.Of(typeof(T))!.Value;

    public string? In(ParseResult typed) => typed.GetValue(this).ToString();
}
