using System.Text.Json;
using NodaTime;
using Spectre.Console;

namespace Exchange.Portal.Cli;

/// <summary>What a verb has around it: where it prints answers, errors and progress, and a clock.</summary>
internal sealed class Terminal(TextWriter output, TextWriter error, Func<Stream> input, bool interactive, IClock clock)
{
    private static readonly JsonSerializerOptions Indented = new(Text.Json) { WriteIndented = true };

    public TextWriter Output => output;
    public TextWriter Error => error;
    public IClock Clock => clock;

    /// <summary>Opens the standard input.</summary>
    public Stream Input() => input();

    public static Terminal Here() => new(
        Console.Out, Console.Error, Console.OpenStandardInput,
        !Console.IsErrorRedirected && !Console.IsOutputRedirected, SystemClock.Instance);

    public void Say(string line = "") => output.WriteLine(line);

    public void Json(object document) => output.WriteLine(JsonSerializer.Serialize(document, Indented));

    /// <summary>Rows under headings, in columns as wide as they need; numbers are set to the right.</summary>
    public void Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.ToList();
        var widths = headings.Select((h, i) => all.Select(r => Width(r[i])).Append(Width(h)).Max()).ToArray();
        var right = headings.Select((_, i) => all.Count > 0 && all.All(r => IsNumber(r[i]))).ToArray();
        Row(headings, widths, right);
        Row([.. widths.Select(w => new string('-', w))], widths, right);
        foreach (var row in all)
        {
            Row(row, widths, right);
        }
    }

    /// <summary>Shows that long work goes on; only to a person, and never among the answers.</summary>
    public async Task<T> Progress<T>(string what, Func<Action<string>, Task<T>> work)
    {
        if (!interactive)
        {
            return await work(_ => { });
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return await console.Status().StartAsync(what, status => work(step => status.Status(Markup.Escape(step))));
    }

    public void Failed(IReadOnlyList<Refusal> refusals, bool json)
    {
        foreach (var refusal in refusals)
        {
            error.WriteLine($"error: {refusal}");
        }

        if (json)
        {
            Json(new { errors = refusals });
        }
    }

    private void Row(IReadOnlyList<string> cells, int[] widths, bool[] right)
    {
        var set = cells.Select((cell, i) =>
        {
            var blanks = Blanks(widths[i] - Width(cell));
            return right[i] ? blanks + cell : cell + blanks;
        });
        output.WriteLine(string.Join("  ", set).TrimEnd());
    }

    private static string Blanks(int n) => new(' ', Math.Max(n, 0));

    private static int Width(string cell) => cell.EnumerateRunes().Count();

    private static bool IsNumber(string cell) =>
        cell.Length == 0 || decimal.TryParse(cell.Split(' ')[0], Exchange.Text.PlainNumber, null, out _);
}
