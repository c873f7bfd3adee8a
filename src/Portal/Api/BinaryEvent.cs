using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Exchange.Portal.Api;

/// <summary>A CloudEvent in binary mode: its attributes are headers like 'ce-id', the body is its data.</summary>
internal static class BinaryEvent
{
    public const int MaxLength = 1 << 20;
    private const string Prefix = "ce-";

    /// <summary>Whether a request says that it is one; then its content type is that of the data.</summary>
    public static bool IsOne(HttpRequest request) => request.Headers.ContainsKey($"{Prefix}specversion");

    /// <summary>The same event in structured mode.</summary>
    /// <exception cref="JsonException">The body is not one JSON value, or too long to be one event.</exception>
    public static async Task<byte[]> Structured(HttpRequest request, Stream body, CancellationToken ct)
    {
        using var data = JsonDocument.Parse(await ReadAll(body, ct), new() { MaxDepth = 32 });
        var written = new ArrayBufferWriter<byte>();
        await using (var writer = new Utf8JsonWriter(written))
        {
            writer.WriteStartObject();
            foreach (var (name, values) in request.Headers)
            {
                if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && name.Length > Prefix.Length)
                {
                    writer.WriteString(name[Prefix.Length..].ToLowerInvariant(), Decoded(values.ToString()));
                }
            }

            writer.WritePropertyName("data");
            data.RootElement.WriteTo(writer);
            writer.WriteEndObject();
        }

        return written.WrittenSpan.ToArray();
    }

    /// <summary>What is not plain ASCII comes with percent signs; a quoted value loses its quotes.</summary>
    private static string Decoded(string value) => Uri.UnescapeDataString(
        value is ['"', .., '"'] ? value[1..^1].Replace("\\", "", StringComparison.Ordinal) : value);

    private static async Task<byte[]> ReadAll(Stream body, CancellationToken ct)
    {
        var bytes = new ArrayBufferWriter<byte>();
        int read;
        while ((read = await body.ReadAsync(bytes.GetMemory(4096), ct)) > 0)
        {
            bytes.Advance(read);
            if (bytes.WrittenCount > MaxLength)
            {
                throw new JsonException($"The data of one event is longer than {MaxLength:#,0} bytes.");
            }
        }

        var text = bytes.WrittenSpan;
        return (text.StartsWith(Encoding.UTF8.Preamble) ? text[Encoding.UTF8.Preamble.Length..] : text).ToArray();
    }
}
