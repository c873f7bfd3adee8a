using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Exchange.Metering;

/// <summary>Finds the JSON values of a stream: one, an array of them, or one after the other.</summary>
internal static class CloudEvents
{
    public static async IAsyncEnumerable<JsonElement> Read(
        Stream stream, string file, [EnumeratorCancellation] CancellationToken ct)
    {
        using var buffered = new BufferedStream(stream, 65_536);
        var first = buffered.ReadByte();
        while (first is ' ' or '\n' or '\r' or '\t')
        {
            first = buffered.ReadByte();
        }

        if (first < 0)
        {
            throw NotJson("It is empty.", file);
        }

        using var whole = new PushedBack((byte)first, buffered);
        await using var values = JsonSerializer
            .DeserializeAsyncEnumerable<JsonElement>(whole, first != '[', Text.Json, ct).GetAsyncEnumerator(ct);
        while (await Next(values, file))
        {
            yield return values.Current;
        }
    }

    private static async ValueTask<bool> Next(IAsyncEnumerator<JsonElement> values, string file)
    {
        try
        {
            return await values.MoveNextAsync();
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw NotJson(e.Message, file);
        }
    }

    private static RefusedException NotJson(string why, string file) => new(new(
        "file/not-json", $"This is not CloudEvents in JSON: {why} Repair it, or name its format.", file));
}
