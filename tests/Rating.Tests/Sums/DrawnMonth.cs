using System.Collections.Immutable;
using System.Globalization;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>An exchange in which anything happens, drawn from a seed.</summary>
internal sealed class DrawnMonth : IAsyncDisposable
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private const string Skus = """
        {name: CPU, unit: SU-hour, counts: bundle, bundle: {vcpu: "1", ram_mib: "4096"}, per: hour, model: graduated, scope: pi, tiers: [{up_to: "500", rate: "0.02"}, {rate: "0.01"}], match: {kind: vm, gpu: none}}
        {name: GPU, unit: SU-hour, rate: "1.5", counts: bundle, bundle: {vcpu: "24", ram_mib: "75776", gpu: "1"}, per: hour, model: reservation, reservations: [{project: p-1, count: "1", rate: "0.9", from: "2026-10-05T00:00:00Z"}], match: {kind: vm, gpu: any}}
        {name: Pod, unit: SU-hour, rate: "0.013", counts: bundle, bundle: {vcpu: "1", ram_mib: "4096"}, per: hour, model: time-of-day, time_zone: America/New_York, hours: [{name: night, days: [mon, tue, wed], from: "00:00", until: "06:00", rate: "0.005"}], match: {kind: pod}}
        {name: Disk, unit: GiB-hour, rate: "0.0009", counts: dimension, dimension: storage_gib, per: hour, minimum: "3", minimum_charge: "1.00", match: {kind: volume}}
        {name: Calls, unit: call, rate: "0.0123", counts: meter, meter: requests, match: {kind: bucket}}
        {name: Node, unit: node-hour, rate: "0.75", counts: resource, per: hour, match: {kind: baremetal}}
        """;

    private readonly Random _random;
    private readonly NpgsqlDataSource _database;
    private readonly bool _open;
    private readonly bool _isPlain;
    private readonly List<DirectoryEvent> _directory = [];
    private readonly List<Reading> _reported = [];
    private readonly Dictionary<string, ImmutableList<string>> _prices = [];
    private ImmutableArray<Outage> _outages = [];
    private ImmutableArray<PriceLock> _agreed = [];
    private int _ids;
    private Instant _now;

    private DrawnMonth(NpgsqlDataSource database, int seed, bool open, bool isPlain)
    {
        (_random, _database, _open, _isPlain) = (new(seed), database, open, isPlain);
        _now = open ? Acme.At(3) : Acme.At(40);
        Meter = new(database, new StoppedClock(Acme.At(60)));
        foreach (var cluster in (string[])["a1", "a2"])
        {
            _prices[cluster] = ["2026-01"];
        }
    }

    public Meter Meter { get; }
    public MonthSums Sums => new(Meter, _database);

    private PriceBooks Books => Acme.Books([.. _prices.SelectMany(of => of.Value.Select((from, n) =>
        SheetReader.Read(Acme.Yaml(
            Skus.Replace("1.5", $"1.{5 + n}", StringComparison.Ordinal), Acme.OneHour, from, Rules, $"s-{of.Key}")
            .Replace("[a1]", $"[{of.Key}]", StringComparison.Ordinal)
            .Replace("total: \"1.00\"", "total: \"0.00\"", StringComparison.Ordinal), "acme.yaml")))]) with
    {
        Outages = _outages,
        Agreements = new(_agreed),
    };

    private static string Rules => """
        policies:
          corrected: {billable: [running, stopped], gpu_service_units: ceiling, quantities: line}
          nerc-compatible: {quantities: resource-hours, last_shape_for_all: true}
        """;

    private Attribution Owners => new(ProjectDirectory.Fold.Of(_directory), Institutions.None);

    /// <param name="isPlain">Nothing is leased, and all has a price.</param>
    public static async Task<DrawnMonth> New(int seed, bool open = true, bool isPlain = false) => new(
        await TestDatabase.New(typeof(IJournal).Assembly, typeof(Meter).Assembly, typeof(Charge).Assembly),
        seed, open, isPlain);

    public static string Show(Rated rated) => string.Join('\n', rated.Charges.Select(charge =>
            $"{charge.Id} {charge.Period} {charge.Quantity} {charge.Rate} {charge.Amount} {charge.Avoided} {charge.Bought}")
        .Concat(rated.Unpriced.Select(unpriced => $"{unpriced}")));

    /// <param name="remembered">Whether it may rest on what was added up before.</param>
    public Task<SummedMonth> Sum(string policies, bool remembered = false) => Sums.Of(
        Books, Owners, Acme.October, policies, _now, remembered ? World : "", Ct);

    /// <summary>What decides beside usage, as far as it was told.</summary>
    private string World =>
        $"{_directory.Count} {_outages.Length} {_agreed.Length} {_prices.Sum(of => of.Value.Count)} {_now}";

    public async Task<string> Rate(Instant asOf, string policies) => Show(await RateMonth.Run(
        Meter, Books, Owners, new(Acme.October, policies) { AsOf = asOf }, Ct));

    /// <summary>The first servers are of 'p-early', the last of cluster 'a2', all others of a project in ten.</summary>
    public async Task Fill(int servers)
    {
        for (var n = 0; n < servers; n++)
        {
            Add($"{(n > servers - 100 ? "a2" : "a1")}", "vm", $"vm-{n}", n < 20 ? "p-early" : $"p-{n % 10}",
                Acme.At(2), Acme.At(4 + (n % 20)), Shape.Parse("""{"vcpu":"2","ram_mib":"4096"}"""));
        }

        await Send();
    }

    public async Task Run(string cluster, string id, string project, Instant from, Instant to)
    {
        Add(cluster, "vm", id, project, from, to, Shape.Parse("""{"vcpu":"1","ram_mib":"4096"}"""));
        await Send();
    }

    public void Own(string cluster, string project, string pi, Instant from, string? splitBy = null) =>
        _directory.Add(new DirectoryEvent.ProjectTold(
            new(new(cluster), new(project), project, new(pi), null, false, from, splitBy), "test", _now));

    public void Price(string cluster, Instant from) => _prices[cluster] = _prices[cluster].Contains(Text.Of(from))
        ? _prices[cluster]
        : _prices[cluster].Add(Text.Of(from));

    public void Break(string cluster, Instant from, Instant? until) => _outages = _outages.Add(new(
        $"o-{_outages.Length}", Acme.Landlord, [new(cluster)], from, until, Outage.KnownToAll));

    /// <summary>Locks the prices of now for a project and a time.</summary>
    public void Agree(string cluster, string project, Instant from, Instant until)
    {
        var period = new Exchange.Period(from, until);
        _agreed = _agreed.Add(new(
            $"Q-{_agreed.Length}", Acme.Landlord, new(cluster), new(project), period,
            [new("CPU"), new("GPU"), new("Pod"), new("Disk"), new("Calls")],
            [.. Books.Covering(Acme.Landlord, new(cluster), period).Select(sheet => new LockedSheet(
                sheet.Published.Id, sheet.Period))]));
    }

    public async Task Retract()
    {
        var wrong = _reported[_random.Next(_reported.Count)];
        await Meter.Ingest([(Collected)Corrections.Of(
            Acme.Landlord, wrong.Source, wrong.Id, $"test {++_ids}", null, _now)], Ct);
    }

    /// <summary>Something of what happens to a month.</summary>
    public async Task<string> Happen()
    {
        var (what, cluster) = (_random.Next(11), _random.Next(3) == 0 ? "a2" : "a1");
        switch (_reported.Count == 0 ? 0 : what)
        {
            case <= 3:
                await Use(_random.Next(5) == 0 ? 80 : 6);
                return "usage";
            case 4:
                Own(cluster, $"p-{_random.Next(4)}", $"pi{_random.Next(3)}@bu.edu", Moment());
                return "owner";
            case 5:
                Own(cluster, $"p-{_random.Next(4)}", $"pi{_random.Next(3)}@bu.edu", Moment(), "class");
                return "labels";
            case 6:
                Price(cluster, Moment());
                return "price";
            case 7:
                var from = Moment();
                Break(cluster, from, _random.Next(3) == 0 ? null : from + Duration.FromHours(_random.Next(1, 60)));
                return "outage";
            case 10:
                var since = Moment();
                Agree(cluster, $"p-{_random.Next(4)}", since, since + Duration.FromHours(_random.Next(1, 300)));
                return "agreement";
            case 8:
                await Retract();
                return "correction";
            default:
                _now += Duration.FromHours(_open ? _random.Next(1, 200) : 0);
                return "time";
        }
    }

    private async Task Use(int readings)
    {
        for (var n = 0; n < readings; n++)
        {
            var cluster = _random.Next(4) == 0 ? "a2" : "a1";
            var kind = Pick(_isPlain
                ? ["vm", "vm", "vm", "pod", "volume", "bucket"]
                : ["vm", "vm", "vm", "pod", "volume", "bucket", "baremetal", "balloon"]);
            var shape = Shape.Of(new Dictionary<string, string>
            {
                ["vcpu"] = $"{_random.Next(1, 9)}",
                ["ram_mib"] = $"{_random.Next(1, 9) * 1_024}",
                ["gpu"] = Pick("0", "0", "1", "2"),
                ["storage_gib"] = $"{_random.Next(1, 50)}",
                ["class"] = Pick("cs101", "cs102"),
                ["node"] = Pick("n1", "n2"),
            }.Where(one => (one.Key != "node" || kind == "baremetal") && (one.Key != "class" || kind == "pod"))
                .OrderBy(one => one.Key, StringComparer.Ordinal));
            var from = Moment();
            Add(cluster, kind, $"{kind}-{_random.Next(40)}", $"p-{_random.Next(4)}", from,
                from + Duration.FromSeconds(_random.Next(1, 900_000)), shape, isState: _random.Next(4) == 0);
        }

        await Send();
    }

    private void Add(
        string cluster, string kind, string id, string project, Instant from, Instant to, Shape shape,
        bool isState = false)
    {
        var isCount = kind == "bucket";
        _reported.Add(new()
        {
            Source = "urn:test",
            Id = (++_ids).ToString(CultureInfo.InvariantCulture),
            Type = isCount ? ReadingType.Count : isState ? ReadingType.State : ReadingType.Interval,
            Resource = new(Acme.Landlord, new(cluster), kind, id),
            Project = new(project),
            From = from,
            To = isCount || isState ? from : to,
            State = (ResourceState)_random.Next(3),
            Shape = isCount ? Shape.Empty : shape,
            Meter = !isCount ? null : _isPlain ? "requests" : Pick("requests", "egress_bytes", "unknown"),
            Quantity = isCount ? _random.Next(1, 1_000_000) : 0,
        });
    }

    private async Task Send()
    {
        var fresh = _reported.Where(reading => int.Parse(reading.Id, CultureInfo.InvariantCulture) > _sent).ToList();
        var outcome = await Meter.Ingest(fresh.Select(reading => (Collected)reading), Ct);
        Assert.Equal(0, outcome.Quarantined);
        _sent = _ids;
    }

    private int _sent;

    private Instant Moment() => Acme.At(1) + Duration.FromSeconds(_random.Next(-400_000, 33 * 86_400) / 7 * 7);

    private string Pick(params string[] among) => among[_random.Next(among.Length)];

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
