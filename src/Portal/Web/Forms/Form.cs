using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Exchange.Portal.Web;

/// <summary>
/// What was typed into a form, and what is wrong with it. When a form comes back, everything typed is still in it and
/// a sentence beside each field says what to do.
/// </summary>
internal sealed class Form(IReadOnlyDictionary<string, StringValues> typed, Stale? stale = null)
{
    /// <summary>Beside what a sentence stands that is about the form and none of its fields.</summary>
    public const string Whole = "";

    private static readonly Money MaxAmount = new(100_000_000_000);
    private const long MaxFileLength = 2_000_000;

    private readonly Dictionary<string, string> _wrong = new(StringComparer.Ordinal);

    /// <summary>The files that came with it, as they are.</summary>
    private IReadOnlyDictionary<string, byte[]> Files { get; init; } = new Dictionary<string, byte[]>();

    public static Form Empty => new(new Dictionary<string, StringValues>());

    public bool IsRight => _wrong.Count == 0 && stale is null;

    /// <summary>What the page answers with that shows the form again.</summary>
    public int Status => stale?.Status ?? (IsRight ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);

    /// <summary>What was typed, and the text of each file that came with it.</summary>
    public static async Task<Form> Read(HttpContext http, CancellationToken ct)
    {
        if (!http.Request.HasFormContentType)
        {
            return Empty;
        }

        var form = await http.Request.ReadFormAsync(ct);
        var typed = form.ToDictionary(f => f.Key, f => f.Value, StringComparer.Ordinal);
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var file in form.Files.Where(file => file.Length is > 0 and <= MaxFileLength))
        {
            using var bytes = new MemoryStream();
            await file.CopyToAsync(bytes, ct);
            files[file.Name] = bytes.ToArray();
            using var text = new StreamReader(new MemoryStream(files[file.Name]));
            typed[file.Name] = await text.ReadToEndAsync(ct);
        }

        var read = new Form(typed, IfMatch.IsStale(http)) { Files = files };
        foreach (var file in form.Files.Where(file => file.Length > MaxFileLength))
        {
            read.Wrong(file.Name, string.Create(CultureInfo.InvariantCulture,
                $"The file has {file.Length:#,0} bytes; at most {MaxFileLength:#,0} are taken. Split it."));
        }

        return read;
    }

    /// <summary>A file that came with the form; null where none did.</summary>
    public byte[]? File(string name) => Files.GetValueOrDefault(name);

    public void Wrong(string name, string sentence) => _wrong.TryAdd(name, sentence);

    /// <summary>What was done of it before the rest was refused; null where nothing was.</summary>
    public string? Done { get; private set; }

    /// <summary>Notes that a part of it is done, whatever is said of the rest.</summary>
    public void Did(string sentence) => Done = sentence;

    /// <summary>Whether the form has such a field, filled in or not.</summary>
    public bool Has(string name) => typed.ContainsKey(name);

    /// <summary>What was typed into a field that is there once: two of them are no text.</summary>
    public string Typed(string name)
    {
        if (typed.TryGetValue(name, out var values) && values.Count > 1)
        {
            Wrong(name, "It was sent twice, and only one of them can be so. Send it once.");
            return "";
        }

        return values.ToString();
    }

    public IReadOnlyList<string> All(string name) =>
        typed.TryGetValue(name, out var values) ? [.. values.OfType<string>()] : [];

    /// <summary>One line of text; what is missing, too long or holds control characters is wrong.</summary>
    public string Line(string name, string what, int longest = 200)
    {
        var text = Typed(name).Trim();
        if (Text.IsBlank(text))
        {
            Wrong(name, $"{what} is missing.");
        }
        else if (text.Length > longest)
        {
            Wrong(name, $"{what} has at most {longest} characters; these are {text.Length}.");
        }
        else if (text.Any(char.IsControl))
        {
            Wrong(name, $"{what} is one line without control characters.");
        }

        return text;
    }

    /// <summary>A value that has a text form of its own.</summary>
    public T? Value<T>(string name, string what)
        where T : struct, IParsable<T>
    {
        var text = Line(name, what);
        if (_wrong.ContainsKey(name))
        {
            return null;
        }

        try
        {
            var value = T.Parse(text, CultureInfo.InvariantCulture);
            if (value is BillingMonth month && AskedTimes.Wrong(month) is { } wrong)
            {
                Wrong(name, wrong);
                return null;
            }

            return value;
        }
        catch (FormatException e)
        {
            Wrong(name, e.Message);
            return null;
        }
    }

    /// <summary>An amount above zero as people type it: '1,250.00', '$12', '12.5'.</summary>
    public Money? Amount(string name, string what)
    {
        var text = Line(name, what, 30);
        if (_wrong.ContainsKey(name))
        {
            return null;
        }

        if (!TypedMoney.TryRead(text, out var amount, out var why))
        {
            Wrong(name, why);
            return null;
        }

        if (amount <= Money.Zero || amount >= MaxAmount)
        {
            Wrong(name, $"{what} is above zero and below a billion dollars; '{text}' is not.");
            return null;
        }

        return amount;
    }

    /// <summary>What stands in a field: what was typed, else what stood there before.</summary>
    public string Shown(string name, string otherwise = "") => typed.ContainsKey(name) ? Typed(name) : otherwise;

    /// <summary>What is wrong with a field; null when nothing is.</summary>
    public string? Wrong(string name) => _wrong.GetValueOrDefault(name);

    /// <summary>All that is wrong, field by field.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> Wrongs => _wrong;

    /// <summary>That it was made from an older version of what it changes; null when it was not.</summary>
    public Stale? Stale => stale;

    /// <summary>Which of the texts beside a field describe it; null when none does.</summary>
    public string? DescribedBy(string name, string hint = "") =>
        (hint.Length > 0, _wrong.ContainsKey(name)) switch
        {
            (true, true) => $"{name}-hint {name}-wrong",
            (true, false) => $"{name}-hint",
            (false, true) => $"{name}-wrong",
            _ => null,
        };
}
