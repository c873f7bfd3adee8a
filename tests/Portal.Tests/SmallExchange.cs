using System.Collections.Concurrent;
using System.Text.Json;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// An exchange with one landlord and one price, used from the command line as its people do: its clock is set by the
/// test, and every reading is given by hand, so that each amount can be worked out on paper.
/// </summary>
internal sealed class SmallExchange : IDisposable
{
    internal const string Sheet = """
        landlord: acme
        service: pods
        clusters: [c1]
        from: 2026-01
        skus:
          - name: CPU
            unit: SU-hour
            rate: "0.013"
            counts: bundle
            bundle: {vcpu: "1", ram_mib: "4096"}
            per: hour
            match: {kind: pod, gpu: none}
          - name: GPU
            unit: SU-hour
            rate: "1.5"
            counts: bundle
            bundle: {gpu: "1"}
            per: hour
            match: {kind: pod, gpu: any}
          - {name: Requests, unit: request, rate: "0.002", counts: meter, meter: requests, match: {kind: bucket} }
        examples:
          - {name: a pod, usage: [{kind: pod, hours: "100", shape: {vcpu: "1", ram_mib: "4096"} }], total: "1.30"}
          - {name: a GPU, usage: [{kind: pod, hours: "2", shape: {gpu: "1", gpu_model: a100} }], total: "3.00"}
          - {name: requests, usage: [{kind: bucket, meter: requests, quantity: "1000"}], total: "2.00"}
        """;

    /// <summary>One SU for each of its hours.</summary>
    public const string One = """
        "vcpu":1,"ram_mib":4096
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("small-").FullName;
    private int _events;
    private List<string>? _together;

    private SmallExchange(string database) => Database = database;

    public string Database { get; }
    public Hand Clock { get; } = new();

    /// <summary>The id of the last reading that was told.</summary>
    public string Last => $"e{_events}";
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static readonly ConcurrentDictionary<string, Lazy<Task<SmallExchange>>> Made = new(StringComparer.Ordinal);

    public static Task<SmallExchange> Start(string sheet = Sheet) => Copied(sheet, sheet, _ => Task.CompletedTask);

    /// <summary>
    /// An exchange where something happened: it is made once under this name, and each test has a copy to itself.
    /// </summary>
    public static Task<SmallExchange> After(string name, Func<SmallExchange, Task> happened) =>
        Copied(name, Sheet, happened);

    private static async Task<SmallExchange> Copied(string name, string sheet, Func<SmallExchange, Task> happened)
    {
        var made = await Made.GetOrAdd(name, _ => new(() => TestDatabase.ForMany(() => Make(sheet, happened)))).Value;
        var small = new SmallExchange(await TestDatabase.Copy(made.Database)) { _events = made._events };
        small.Clock.Now = made.Clock.Now;
        Scratch.Copy(Path.Combine(made._folder, "."), small._folder);
        return small;
    }

    private static async Task<SmallExchange> Make(string sheet, Func<SmallExchange, Task> happened)
    {
        var made = new SmallExchange(await TestDatabase.NewConnectionString(Composition.Modules));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => made.Dispose();
        await made.Done($"prices publish {await made.File("sheet.yaml", sheet)}");
        await happened(made);
        return made;
    }

    public Task<Typed> Line(string line, string? input = null) =>
        Typed.Line($"{line} --data {Data}", Database, input, Clock);

    public Task<Typed> Done(string line, string? input = null) => Typed.Done(
        $"{line} --data {Data}", Database, input, Clock);

    /// <summary>Where the ends of its journal are signed: no other exchange is in it.</summary>
    private string Data => Path.Combine(_folder, "data");

    public async Task<JsonElement> Json(string line) =>
        JsonDocument.Parse((await Done($"{line} --json")).Output).RootElement;

    public async Task Told(string projects) =>
        await Done($"projects import {await File($"projects-{++_events}.csv", projects + "\n")}");

    /// <summary>A pod ran from an instant to another.</summary>
    public Task Ran(string project, string pod, string from, string to, string shape = One) => Reported(
        "interval", pod, to, $$"""
            "project":"{{project}}","kind":"pod","from":"{{from}}","to":"{{to}}","state":"running","shape":{{{shape}}}
            """);

    public Task State(string project, string pod, string at, string state, string shape) => Reported(
        "state", pod, at, $$"""
            "project":"{{project}}","kind":"pod","state":"{{state}}","shape":{{{shape}}}
            """);

    public Task Counted(string project, string bucket, string at, int requests) => Reported(
        "count", bucket, at, $$"""
            "project":"{{project}}","kind":"bucket","meter":"requests","quantity":{{requests}}
            """);

    private async Task Reported(string type, string subject, string at, string data)
    {
        var reading = $$"""
            {"specversion":"1.0","id":"e{{++_events}}","source":"urn:small","type":"exchange.usage.{{type}}.v1",
            "subject":"{{subject}}","time":"{{at}}","data":{"landlord":"acme","cluster":"c1",{{data}} } }
            """;
        if (_together is not null)
        {
            _together.Add(reading);
            return;
        }

        await Done("ingest -", reading);
    }

    /// <summary>All readings that are told meanwhile go in as one batch.</summary>
    public async Task Together(Func<Task> told)
    {
        _together = [];
        await told();
        var batch = $"[{string.Join(',', _together)}]";
        _together = null;
        await Done("ingest -", batch);
    }

    public async Task<string> File(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        await System.IO.File.WriteAllTextAsync(path, text, Ct);
        return path;
    }

    public string Folder(string name) => Path.Combine(_folder, name);

    public async Task Sql(string sql)
    {
        await using var database = NpgsqlDataSource.Create(Database);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }

    /// <summary>The charges that pages show: month, PI, amount.</summary>
    public async Task<IReadOnlyList<string>> Shown()
    {
        const string Sql = """
            select month || ' ' || pi || ' ' || (cents / 100.0)::numeric(12, 2) from exchange.charge order by 1
            """;
        await using var database = NpgsqlDataSource.Create(Database);
        await using var command = database.CreateCommand(Sql);
        await using var rows = await command.ExecuteReaderAsync(Ct);
        var shown = new List<string>();
        while (await rows.ReadAsync(Ct))
        {
            shown.Add(rows.GetString(0));
        }

        return shown;
    }

    /// <summary>A clock that a test sets.</summary>
    internal sealed class Hand : IClock
    {
        public Instant Now { get; set; } = Instant.FromUtc(2026, 11, 3, 9, 0);

        public Instant GetCurrentInstant() => Now;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
