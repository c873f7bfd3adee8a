namespace Exchange.Journal;

/// <summary>Who asks for something, from where, and what they may do.</summary>
/// <param name="Name">As the audit log names them.</param>
/// <param name="Origin">An address, or 'local'.</param>
/// <param name="May">Whether they hold a permission.</param>
public sealed record Actor(string Name, string Origin, Func<string, bool> May)
{
    /// <summary>The permission that no role has: of what is done by whoever can run the command line alone.</summary>
    public const string HasTheMachine = "have the machine";
}
