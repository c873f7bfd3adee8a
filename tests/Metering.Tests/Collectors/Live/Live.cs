using Exchange.Journal;
using Exchange.Metering.Collectors.Live;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests.Collectors.Live;

/// <summary>A meter over a real database, and what runs collectors into it at a given time.</summary>
internal sealed class LiveMeter : IAsyncDisposable
{
    private LiveMeter(NpgsqlDataSource database, Instant now)
    {
        Database = database;
        Clock = new(now);
        Meter = new(database, Clock);
        Runner = new(database, Meter, Clock);
    }

    public NpgsqlDataSource Database { get; }
    public SetClock Clock { get; }
    public Meter Meter { get; }
    public RunCollectors Runner { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<LiveMeter> New(Instant now) =>
        new(await TestDatabase.New(typeof(IJournal).Assembly, typeof(Meter).Assembly), now);

    public async Task<CollectorState> State(string name) =>
        (await new CollectorLog(Database).All(Ct)).Single(one => one.Name == name);

    public async Task<List<Segment>> Segments(Period period)
    {
        var segments = new List<Segment>();
        await foreach (var segment in Meter.Segments(new(period), Ct))
        {
            segments.Add(segment);
        }

        return segments;
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}

/// <summary>A clock that stands where it was set.</summary>
internal sealed class SetClock(Instant now) : IClock
{
    public Instant Now { get; set; } = now;

    public Instant GetCurrentInstant() => Now;
}

/// <summary>Lets every so-manieth question fail on its way, as networks do.</summary>
internal sealed class Flaky(int fails) : DelegatingHandler(new HttpClientHandler())
{
    public int Asked { get; private set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Asked++ % (fails + 1) < fails
            ? Asked % 2 == 0
                ? Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.ServiceUnavailable))
                : throw new HttpRequestException("The connection was reset.")
            : base.SendAsync(request, cancellationToken);
}
