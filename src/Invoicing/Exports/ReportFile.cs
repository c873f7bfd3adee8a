using System.Text;

namespace Exchange.Invoicing.Exports;

/// <summary>
/// A file that is written row by row under a temporary name, and gets its own when it is whole: whatever happens
/// meanwhile, nobody ever reads half of it.
/// </summary>
public sealed class ReportFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly StreamWriter _text;
    private bool _finished;

    private ReportFile(string path)
    {
        _path = path;
        _text = new(Part, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 65_536)
        {
            NewLine = "\n",
        };
    }

    public TextWriter Text => _text;

    /// <summary>For a file that is no text; whoever writes bytes writes no text.</summary>
    public Stream Bytes => _text.BaseStream;
    private string Part => $"{_path}.part";

    /// <summary>Begins a file; its directory is made when it is missing.</summary>
    public static ReportFile Begin(string directory, string name)
    {
        Directory.CreateDirectory(directory);
        return new(Path.Combine(directory, Safe(name)));
    }

    /// <summary>The file is whole: it gets its name, and replaces what had it.</summary>
    public async Task Finish(CancellationToken ct)
    {
        await _text.FlushAsync(ct);
        await _text.DisposeAsync();
        ct.ThrowIfCancellationRequested();
        File.Move(Part, _path, overwrite: true);
        _finished = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_finished)
        {
            await _text.DisposeAsync();
            File.Delete(Part);
        }
    }

    /// <summary>A name without what would lead out of the directory: landlords choose their own.</summary>
    public static string Safe(string name) => string.Concat(name.Select(
        c => char.IsLetterOrDigit(c) || "-_.@ ".Contains(c, StringComparison.Ordinal) ? c : '_')).TrimStart('.');
}
