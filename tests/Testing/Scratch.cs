namespace Exchange.Testing;

/// <summary>A directory for one test, gone after it.</summary>
public sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("exchange-scratch-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
