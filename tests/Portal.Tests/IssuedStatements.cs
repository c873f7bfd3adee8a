using System.Collections.Concurrent;
using System.Diagnostics;

namespace Exchange.Portal.Tests;

/// <summary>
/// The statements that the database is given for one request, in their order: what takes as long whatever exists is
/// done by the same statements. Requests of other tests are told apart by their trace.
/// </summary>
internal sealed class IssuedStatements : IDisposable
{
    private readonly ConcurrentDictionary<ActivityTraceId, ConcurrentQueue<string>> _traces = new();
    private readonly ActivityListener _listener;

    public IssuedStatements()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name is "Npgsql" or "Microsoft.AspNetCore",
            Sample = (ref options) => _traces.ContainsKey(options.TraceId)
                ? ActivitySamplingResult.AllData
                : ActivitySamplingResult.None,
            ActivityStopped = Note,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Sends a request, and waits for its answer and for what it had the database do.</summary>
    public async Task<(HttpResponseMessage Answer, IReadOnlyList<string> Statements)> Send(
        HttpClient client, HttpRequestMessage request)
    {
        var trace = ActivityTraceId.CreateRandom();
        var issued = _traces[trace] = new();
        request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
        var answer = await client.SendAsync(request, Serving.Ct);
        _traces.TryRemove(trace, out _);
        return (answer, [.. issued]);
    }

    /// <summary>
    /// How two answers, or the work for them, differ; null where they do not. Facts that came meanwhile are read anew by
    /// whoever asks next, so each is asked some times, and what was done for one at some time was done for the other.
    /// </summary>
    public static async Task<string?> Difference(
        Func<Task<(string Told, IReadOnlyList<string> Statements)>> there,
        Func<Task<(string Told, IReadOnlyList<string> Statements)>> not)
    {
        const int Tries = 8;
        HashSet<string> first = new(StringComparer.Ordinal), second = new(StringComparer.Ordinal);
        for (var tries = 0; tries < Tries && !first.Overlaps(second); tries++)
        {
            var (one, other) = (await there(), await not());
            if (one.Told != other.Told)
            {
                return $"{Hostile.Start(one.Told)}\n  else: {Hostile.Start(other.Told)}";
            }

            first.Add(string.Join('\n', one.Statements));
            second.Add(string.Join('\n', other.Statements));
        }

        return first.Overlaps(second) ? null : $"{first.MinBy(text => text.Length)}\n  else: {second.MinBy(text => text.Length)}";
    }

    public void Dispose() => _listener.Dispose();

    private void Note(Activity done)
    {
        if (done.Source.Name == "Npgsql" && _traces.TryGetValue(done.TraceId, out var issued))
        {
            issued.Enqueue(
                (done.GetTagItem("db.query.text") ?? done.GetTagItem("db.statement") ?? done.DisplayName).ToString()!);
        }
    }
}
