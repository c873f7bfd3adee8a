using Xunit;

namespace Exchange.Portal.Tests.Cases;

/// <summary>
/// What GPUs did is for sale like anything that is counted: by the second busy and by the energy. 5,400 s at 0.0005 are
/// 2.70; 7.2e9 mJ (2 kWh) at 0.00000000005 are 0.36. Seen to be refused as 'prices/unknown-meter'.
/// </summary>
public sealed class PricingWhatGpusDid
{
    private const string Sheet = """
        landlord: acme
        service: gpus
        clusters: [c1]
        from: 2026-01
        skus:
          - {name: GPU busy, unit: second, rate: "0.0005", counts: meter, meter: gpu_busy_seconds, match: {kind: gpu} }
          - {name: GPU energy, unit: mJ, rate: "0.00000000005", counts: meter, meter: gpu_energy_mj, match: {kind: gpu} }
        examples:
          - {name: an hour busy, usage: [{kind: gpu, meter: gpu_busy_seconds, quantity: "3600"}], total: "1.80"}
          - {name: a kilowatt-hour, usage: [{kind: gpu, meter: gpu_energy_mj, quantity: "3600000000"}], total: "0.18"}
        """;

    [Fact]
    public async Task By_the_second_and_by_the_energy()
    {
        using var small = await SmallExchange.Start(Sheet);
        var events = string.Concat(((IEnumerable<(string, string, string)>)[
            ("a", "gpu_busy_seconds", "5400"), ("b", "gpu_energy_mj", "7200000000"), ("c", "gpu_energy_mj", "-0")])
            .Select(one => "{\"specversion\":\"1.0\",\"id\":\"" + one.Item1 + "\",\"source\":\"urn:dcgm\"," +
                "\"type\":\"exchange.usage.count.v1\",\"subject\":\"GPU-1\",\"time\":\"2026-10-05T00:00:00Z\",\"data\":" +
                "{\"landlord\":\"acme\",\"cluster\":\"c1\",\"project\":\"bio\",\"kind\":\"gpu\",\"meter\":\"" + one.Item2 +
                "\",\"quantity\":\"" + one.Item3 + "\"}}\n"));
        await small.Done($"ingest {await small.File("gpu.ndjson", events)}");
        var rated = await small.Json("rate --month 2026-10");
        Assert.Equal(0, rated.GetProperty("unpriced").GetArrayLength());
        Assert.Equal(["GPU busy 2.70 USD", "GPU energy 0.36 USD"], rated.GetProperty("charges").EnumerateArray()
            .Select(one => $"{one.GetProperty("sku").GetString()} {one.GetProperty("amount").GetString()}")
            .Order(StringComparer.Ordinal));
    }
}
