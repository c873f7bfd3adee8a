using Exchange.Metering;

namespace Exchange.Portal.Web;

/// <summary>A shape as people say it: '8 vCPU, 32 GiB, 1 GPU a100'.</summary>
internal static class ShapeWords
{
    private static readonly string[] Said = ["vcpu", "ram_mib", "gpu", "gpu_model", "gpu_resource", "storage_gib"];

    public static string Of(Shape shape) => string.Join(", ", Parts(shape));

    private static IEnumerable<string> Parts(Shape shape)
    {
        if (shape.VCpu > 0)
        {
            yield return $"{Show.Of(shape.VCpu)} vCPU";
        }

        if (shape.RamMib > 0)
        {
            yield return shape.RamMib >= 1_024
                ? $"{Show.Of(decimal.Round(shape.RamMib / 1_024, 2, MidpointRounding.ToEven))} GiB"
                : $"{Show.Of(shape.RamMib)} MiB";
        }

        if (shape.Gpu > 0)
        {
            yield return $"{Show.Of(shape.Gpu)} GPU{(shape.GpuModel is { } model ? $" {model}" : "")}";
        }

        if (shape.StorageGib > 0)
        {
            yield return $"{Show.Of(shape.StorageGib)} GiB of storage";
        }

        foreach (var (key, value) in shape.Values.Where(v => !Said.Contains(v.Key) || IsNoAmount(shape, v.Key)))
        {
            yield return $"{key} {value}";
        }
    }

    /// <summary>What cannot be counted is shown as it was said.</summary>
    private static bool IsNoAmount(Shape shape, string key) =>
        key is "vcpu" or "ram_mib" or "gpu" or "storage_gib" &&
        (shape.AmountOf(key) is AmountSaid.NoNumber or AmountSaid.TooLarge);
}
