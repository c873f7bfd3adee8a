using System.IO.Compression;
using System.Text;
using Exchange.Metering.Collectors;
using Xunit;

namespace Exchange.Metering.Tests.Collectors;

public class ReadingJsonRecords
{
    private static List<string> Read(string text) => [.. JsonRecords.Read(Input.Text(text), "f").Select(r => r.Value.GetRawText())];

    [Theory]
    [InlineData("""[{"a":1},{"a":2}]""")]
    [InlineData("{\"a\":1}\n{\"a\":2}\n")]
    [InlineData("\uFEFF {\"a\":1}{\"a\":2}")]
    [InlineData("[{\"a\":1}]\n[{\"a\":2}]")]
    public void An_array_lines_and_values_in_a_row_are_the_same(string text) => Assert.Equal(["""{"a":1}""", """{"a":2}"""], Read(text));

    [Fact]
    public void Nothing_is_nothing() => Assert.Empty(Read(" \n"));

    [Fact]
    public void A_value_longer_than_the_buffer_is_whole()
    {
        var longText = new string('x', 300_000);
        Assert.Equal([$"\"{longText}\"", "1"], Read($"[\"{longText}\",1]"));
    }

    [Theory]
    [InlineData("[{\"a\":1},\n{\"a\":", "f:2")]
    [InlineData("[{\"a\":1}\n", "f:2")]
    [InlineData("hello", "f:1")]
    [InlineData("[1,\n{\"a\":\n\nx}]", "f:4")]
    [InlineData("[1,\n2,\n}", "f:3")]
    public void What_is_not_json_is_refused_with_its_line(string text, string where)
    {
        var refusal = Assert.Throws<RefusedException>(() => Read(text)).Refusal;
        Assert.Equal(("file/not-json", where), (refusal.Code, refusal.Where));
    }

    [Fact]
    public void Ten_thousand_levels_are_refused_and_do_not_end_the_program() => Assert.Equal(
        "file/not-json", Assert.Throws<RefusedException>(() => Read($"[{new string('[', 10_000)}")).Refusal.Code);

    [Fact]
    public void Gzip_is_known_by_its_bytes()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes("[1,2]"));
        }

        using var whole = InputFile.Unwrap(new MemoryStream(packed.ToArray()));
        Assert.Equal(2, JsonRecords.Read(whole, "f").Count());
        var broken = packed.ToArray();
        broken[12] ^= 0xff;
        using var damaged = InputFile.Unwrap(new MemoryStream(broken));
        Assert.Throws<RefusedException>(() => JsonRecords.Read(damaged, "f").Count());
    }
}
