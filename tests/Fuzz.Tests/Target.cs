namespace Exchange.Fuzz.Tests;

/// <summary>A door that bytes come in by.</summary>
/// <param name="Seeds">Inputs that are right.</param>
/// <param name="Try">Takes bytes; throws what is no refusal, or says that a promise was broken, where one was.</param>
internal sealed record Target(string Name, IReadOnlyList<byte[]> Seeds, Action<byte[]> Try)
{
    public override string ToString() => Name;
}
