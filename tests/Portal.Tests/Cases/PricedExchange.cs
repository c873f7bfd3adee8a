using System.Text.Json;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests.Cases;

/// <summary>
/// An exchange with every price of the product, and bills of other clouds at cost, used from the command line: situations
/// that people of other clouds met in public are told to it in files, and each amount can be worked out on paper.
/// </summary>
internal sealed class PricedExchange : IDisposable
{
    private const string AtCost = """
        landlord: internet2
        service: public-cloud
        clusters: [azure, gcp, aws]
        from: 2026-01
        skus:
          - {name: Cloud at cost, unit: USD, counts: meter, meter: cost_usd, model: pass-through, markup: "0", match: {kind: bill} }
        examples:
          - {name: a hundred dollars, usage: [{kind: bill, meter: cost_usd, quantity: "100"}], total: "100.00"}
        """;

    private static readonly Lazy<Task<string>> Priced = new(() => TestDatabase.ForMany(Make));
    private readonly string _folder = Directory.CreateTempSubdirectory("priced-").FullName;
    private int _files;

    private PricedExchange(string database) => Database = database;

    public string Database { get; }

    public SmallExchange.Hand Clock { get; } = new();

    public static async Task<PricedExchange> Start() => new(await TestDatabase.Copy(await Priced.Value));

    public Task<Typed> Line(string line) =>
        Typed.Line($"{line} --data {Path.Combine(_folder, "data")}", Database, clock: Clock);

    public Task<Typed> Done(string line) =>
        Typed.Done($"{line} --data {Path.Combine(_folder, "data")}", Database, clock: Clock);

    public string File(string name, string text) => File(name, System.Text.Encoding.UTF8.GetBytes(text));

    public string File(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    /// <summary>Reads files into the meter, all in one call.</summary>
    public Task<Typed> Ingest(string options, params string[] texts) => Line(
        $"ingest {string.Join(' ', texts.Select(text => File($"in-{++_files}", text)))} {options}");

    /// <summary>What a month comes to by project, and what has no price; where nothing is used, nothing.</summary>
    public async Task<string[]> Charges(string month = "2026-10")
    {
        using var rated = JsonDocument.Parse((await Done($"rate --month {month} --json")).Output);
        var charges = rated.RootElement.GetProperty("charges").EnumerateArray()
            .GroupBy(one => one.GetProperty("project").GetString())
            .Select(same => $"{same.Key} {Sum(same.Select(one => one.GetProperty("amount").GetString()!))}");
        var unpriced = rated.RootElement.GetProperty("unpriced").EnumerateArray()
            .Select(one => $"{one.GetProperty("project").GetString()} unpriced {one.GetProperty("what").GetString()}");
        return [.. charges.Concat(unpriced).Order(StringComparer.Ordinal)];
    }

    /// <summary>What an account would be billed by the next close, adjustments of closed months among it.</summary>
    public async Task<string[]> WouldBill(string month)
    {
        using var plan = JsonDocument.Parse((await Line($"close --month {month} --json")).Output);
        return [.. plan.RootElement.GetProperty("invoices").EnumerateArray()
            .Select(one => $"{one.GetProperty("account").GetString()} {Plain(one.GetProperty("total").GetString()!)}")
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>Why readings wait in quarantine, each reason with how many.</summary>
    public async Task<string[]> Waiting()
    {
        using var list = JsonDocument.Parse((await Done("quarantine list --json")).Output);
        return [.. list.RootElement.EnumerateArray()
            .Select(one => one.GetProperty("misfit").GetProperty("reason").GetString()!).Order(StringComparer.Ordinal)];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static decimal Plain(string money) =>
        decimal.Parse(money.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private static decimal Sum(IEnumerable<string> amounts) => amounts.Sum(Plain);

    private static async Task<string> Make()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        var folder = Directory.CreateTempSubdirectory("sheets-").FullName;
        try
        {
            var sheet = Path.Combine(folder, "at-cost.yaml");
            await System.IO.File.WriteAllTextAsync(sheet, AtCost, TestContext.Current.CancellationToken);
            await Typed.Done($"prices publish {Product.File("pricing")} --data {folder}", database, clock: Early);
            await Typed.Done($"prices publish {sheet} --data {folder}", database, clock: Early);
            return database;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static SmallExchange.Hand Early => new() { Now = Instant.FromUtc(2026, 1, 1, 0, 0) };
}
