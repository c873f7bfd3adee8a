using System.Text;
using System.Text.RegularExpressions;
using Exchange.Testing;
using Xunit;
using YamlDotNet.Serialization;

namespace Exchange.Portal.Tests;

public partial class TheHelmChart
{
    private static Dictionary<object, object> Values((string Name, object Value)[] set)
    {
        var values = new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(
            File.ReadAllText(Product.File($"{Chart}/values.yaml")));
        foreach (var (name, value) in set)
        {
            var parts = name.Split('.');
            var at = parts[..^1].Aggregate(values, (of, part) => (Dictionary<object, object>)of[part]);
            at[parts[^1]] = value is string text ? text : $"{value}".ToLowerInvariant();
        }

        return values;
    }

    private static string Template(string name) => Product.File($"{Chart}/templates/{name}");

    private static Dictionary<object, object> Rendered(
        string template, object values, Func<string, string>? planted = null) =>
        new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(Text(template, values, planted));

    /// <summary>Carries out the actions that the templates use; another one fails.</summary>
    private static string Text(string template, object values, Func<string, string>? planted = null)
    {
        var (text, shown, loops) = (new StringBuilder(), new Stack<bool>(), new Stack<int>());
        var written = File.ReadAllText(Template(template));
        var lines = (planted is null ? written : planted(written)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var repeated = new List<object>();
        var body = new List<string>();
        foreach (var line in lines)
        {
            if (Block().Match(line) is { Success: true } block)
            {
                switch (block.Groups[1].Value)
                {
                    case "if":
                        shown.Push(IsTrue(Node(values, block.Groups[2].Value[".Values.".Length..]) ??
                            throw new InvalidOperationException($"'{line}' names a value that values.yaml lacks.")));
                        break;
                    case "range":
                        repeated = (List<object>)Node(values, block.Groups[2].Value[".Values.".Length..])!;
                        loops.Push(shown.Count);
                        shown.Push(true);
                        break;
                    default:
                        shown.Pop();
                        if (loops.TryPeek(out var depth) && depth == shown.Count)
                        {
                            loops.Pop();
                            text.AppendJoin("", repeated.SelectMany(one => body.Select(
                                of => of.Replace("{{ . }}", $"{one}", StringComparison.Ordinal) + "\n")));
                            body = [];
                        }

                        break;
                }
            }
            else if (shown.All(one => one))
            {
                if (loops.Count > 0)
                {
                    body.Add(line);
                }
                else
                {
                    text.Append(Said(line, values)).Append('\n');
                }
            }
        }

        Assert.Empty(shown);
        Assert.DoesNotContain("{{", text.ToString(), StringComparison.Ordinal);
        return text.ToString();
    }

    private static string Said(string line, object values) => Value().Replace(line, one => one.Groups[1].Value switch
    {
        ".Release.Name" => "moc",
        ".Release.Service" => "Helm",
        var path => (At(values, path[".Values.".Length..]), one.Groups[2].Success) switch
        {
            (null, _) => throw new InvalidOperationException($"'{line}' names a value that values.yaml lacks."),
            (var value, true) => $"\"{value}\"",
            (var value, false) => value,
        },
    });

    private static bool IsTrue(object? value) => value is not (null or "" or "false" or "0");

    private static string? At(object? of, string path) => Node(of, path)?.ToString();

    private static object? Node(object? of, string path) => path.Split('.').Aggregate(of, (at, part) =>
        at is Dictionary<object, object> map ? map.GetValueOrDefault(part) : null);

    [GeneratedRegex(@"^\{\{- (if|range|end) ?(\.Values[\w.]+)? ?\}\}$")]
    private static partial Regex Block();

    [GeneratedRegex(@"\{\{ (\.[\w.]+)( \| quote)? \}\}")]
    private static partial Regex Value();
}
