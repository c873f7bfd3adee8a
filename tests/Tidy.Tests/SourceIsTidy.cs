using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Exchange.Tidy.Tests;

/// <summary>Rules about the code itself that no analyzer knows. A rule not checked here is a wish.</summary>
public partial class SourceIsTidy
{
    private static readonly string[] Order = ["Kernel", "Journal", "Directory", "Metering", "Servers", "Rating", "Market", "Invoicing", "Nerc", "Portal"];

    public static TheoryData<string> SourceFiles => [.. Repository.Files("src", "*.cs")];

    public static TheoryData<string> Written => [.. Repository.Files("src", "*.cs"), .. Repository.Files("src", "*.razor")];

    public static TheoryData<string> Projects => [.. Repository.Files("src", "*.csproj")];

    [Theory, MemberData(nameof(Written))]
    public void Fits_on_a_page_or_four(string file) => Assert.InRange(Repository.Lines(file).Count, 1, 250);

    [Theory, MemberData(nameof(Written))]
    public void Lines_are_at_most_120_columns(string file) =>
        Assert.All(Repository.Lines(file), line => Assert.InRange(line.Length, 0, 120));

    [Fact]
    public void Usings_are_in_order_and_files_end_with_a_line_break() => Assert.All(
        Repository.Files("src", "*.cs").Concat(Repository.Files("tests", "*.cs")), file =>
        {
            var usings = Repository.Lines(file)
                .TakeWhile(line => !line.StartsWith("namespace", StringComparison.Ordinal))
                .Where(line => Using().IsMatch(line)).Select(line => line[6..^1]).ToList();
            Assert.Equal(
                usings.OrderBy(name => $"{name}.".StartsWith("System.", StringComparison.Ordinal) ? 0 : 1)
                    .ThenBy(name => name, StringComparer.OrdinalIgnoreCase),
                usings);
            Assert.Matches(@"[};]\n\z", Repository.Read(file));
        });

    [Theory, MemberData(nameof(SourceFiles))]
    public void Rules_and_kernel_know_nothing_of_the_outside(string file)
    {
        if (!file.Contains("/Domain/", StringComparison.Ordinal) && !file.StartsWith("src/Kernel/", StringComparison.Ordinal))
        {
            return;
        }

        string[] outside =
            ["using Npgsql", "using Microsoft.", "using System.IO", "using System.Net", "async ", "IClock", "ILogger"];
        var text = Repository.Read(file);
        Assert.DoesNotContain(outside, word => text.Contains(word, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(SourceFiles))]
    public void Money_and_quantities_never_meet_binary_floating_point(string file)
    {
        string[] exact = ["src/Kernel/", "src/Directory/", "src/Rating/", "src/Market/", "src/Invoicing/", "src/Metering/"];
        string[] measured = ["/Bench/", "/Documents/", "/Drawing/", "/Index/"]; // Seconds of a benchmark, points of a page, bits of a filter.
        if (exact.Any(f => file.StartsWith(f, StringComparison.Ordinal)) &&
            !measured.Any(f => file.Contains(f, StringComparison.Ordinal)))
        {
            Assert.DoesNotMatch(BinaryFloatingPoint(), Repository.Read(file));
        }
    }

    [Theory, MemberData(nameof(SourceFiles))]
    public void Types_are_named_for_the_domain(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        string[] vague = ["Manager", "Helper", "Util", "Utils", "Common", "Dto", "Service", "Processor"];
        Assert.DoesNotContain(vague, word => name.EndsWith(word, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(SourceFiles))]
    public void No_exception_is_swallowed_without_a_word(string file) =>
        Assert.DoesNotMatch(EmptyCatch(), Repository.Read(file));

    [Theory, MemberData(nameof(Projects))]
    public void Projects_depend_only_to_the_left(string project)
    {
        var place = Array.IndexOf(Order, Path.GetFileNameWithoutExtension(project));
        var references = XDocument.Parse(Repository.Read(project)).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value));

        Assert.InRange(place, 0, Order.Length - 1);
        Assert.All(references, name => Assert.InRange(Array.IndexOf(Order, name), 0, place - 1));
    }

    [Fact]
    public void Every_project_of_the_source_is_in_the_line() =>
        Assert.Equal(Order.Order(), Repository.Files("src", "*.csproj").Select(f => Path.GetFileNameWithoutExtension(f)).Order());

    [GeneratedRegex(@"^using [\w.]+;$")]
    private static partial Regex Using();

    [GeneratedRegex(@"\b(double|float)\b")]
    private static partial Regex BinaryFloatingPoint();

    [GeneratedRegex(@"catch\s*(\([^)]*\))?\s*(when\s*\([^)]*\))?\s*\{\s*\}")]
    private static partial Regex EmptyCatch();
}
