using System.Globalization;
using System.Text.Json;

namespace Exchange.Metering.Collectors;

/// <summary>A stretch of equal values at equal distances: what most series of requests are made of.</summary>
internal record struct Run(long First, long Step, int Count, decimal Value)
{
    public readonly long Last => First + (Step * (Count - 1));

    public readonly bool Has(long epoch) =>
        epoch == First || (Step > 0 && epoch > First && epoch <= Last && (epoch - First) % Step == 0);
}

/// <summary>One series of a Prometheus matrix: its labels, and its samples as runs.</summary>
internal sealed class MetricSeries
{
    public Dictionary<string, string> Labels { get; } = new(StringComparer.Ordinal);
    public List<Run> Runs { get; } = [];

    /// <summary>Samples that are no number, with the time they were taken at.</summary>
    public List<(long Epoch, string Text)> Strange { get; } = [];

    /// <summary>Whether it is an answer for one instant, which tells what is, not since when.</summary>
    public bool IsInstant { get; private set; }

    public string? this[string label] => Labels.TryGetValue(label, out var value) && value.Length > 0 ? value : null;

    public IEnumerable<(long Epoch, decimal Value)> Samples() =>
        Runs.SelectMany(run => Enumerable.Range(0, run.Count), (run, i) => (run.First + (run.Step * i), run.Value));

    public bool HasSample(long epoch) => Runs.Exists(run => run.Has(epoch));

    /// <summary>
    /// Reads the series of an array whose start is next; an answer of a single instant has one sample each.
    /// </summary>
    public static IEnumerable<MetricSeries> ReadAll(JsonTokens tokens)
    {
        tokens.Expect(JsonTokenType.StartArray, "an array of series");
        while (tokens.Next() && tokens.Type == JsonTokenType.StartObject)
        {
            yield return Read(tokens);
        }
    }

    private static MetricSeries Read(JsonTokens tokens)
    {
        var series = new MetricSeries();
        while (tokens.Next() && tokens.Type == JsonTokenType.PropertyName)
        {
            switch (tokens.Value)
            {
                case "metric":
                    series.ReadLabels(tokens);
                    break;
                case "values":
                    tokens.Expect(JsonTokenType.StartArray, "the samples of a series");
                    while (tokens.Next() && tokens.Type == JsonTokenType.StartArray)
                    {
                        series.ReadSample(tokens);
                    }

                    break;
                case "value":
                    series.IsInstant = true;
                    tokens.Expect(JsonTokenType.StartArray, "a sample");
                    series.ReadSample(tokens);
                    break;
                default:
                    tokens.Pass();
                    break;
            }
        }

        return series;
    }

    private void ReadLabels(JsonTokens tokens)
    {
        tokens.Expect(JsonTokenType.StartObject, "the labels of a series");
        while (tokens.Next() && tokens.Type == JsonTokenType.PropertyName)
        {
            var label = tokens.Value;
            tokens.Next();
            Labels[label] = tokens.Value;
        }
    }

    private void ReadSample(JsonTokens tokens)
    {
        tokens.Next();
        if (!decimal.TryParse(tokens.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var time) ||
            time is < 0 or > 100_000_000_000)
        {
            throw tokens.Refuse($"'{tokens.Value}' is not the time of a sample in seconds since 1970");
        }

        tokens.Next();
        var (epoch, text) = ((long)time, tokens.Value);
        tokens.Expect(JsonTokenType.EndArray, "a sample of a time and a value");
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            Add(epoch, value);
        }
        else
        {
            Strange.Add((epoch, text));
        }
    }

    private void Add(long epoch, decimal value)
    {
        if (Runs is [.., var last] && last.Value == value && epoch > last.Last &&
            (last.Count == 1 || epoch - last.Last == last.Step))
        {
            Runs[^1] = last with { Step = epoch - last.Last, Count = last.Count + 1 };
        }
        else
        {
            Runs.Add(new(epoch, 0, 1, value));
        }
    }
}
