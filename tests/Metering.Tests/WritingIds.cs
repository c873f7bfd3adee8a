using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Exchange.Metering.Tests;

public class WritingIds
{
    [Fact]
    public void Any_UUID_is_kept_as_sixteen_bytes_and_comes_back_as_it_was()
    {
        var random = new Random(5);
        var bytes = new byte[16];
        for (var i = 0; i < 1_000; i++)
        {
            random.NextBytes(bytes);
            var text = new Guid(bytes).ToString();
            Assert.Null(RowId.Of(text).Text);
            Assert.Equal(text, RowId.Of(text).ToString());
        }
    }

    [Theory]
    [InlineData("6f9619ff-8b86-d011-b42d-00c04fc964fF")]
    [InlineData("6f9619ff-8b86-d011-b42d-00c04fc964fg")]
    [InlineData("6f9619ff-8b86-d011-b42d-00c04fc964f")]
    [InlineData("6f9619ff-8b86-d011-b42d-00c04fc964f ")]
    [InlineData("6f9619ff08b86-d011-b42d-00c04fc964ff")]
    [InlineData("6f9619ff-8b86-d011-b42d000c04fc964ff")]
    [InlineData("{6f9619ff-8b86-d011-b42d-00c04fc964}")]
    [InlineData("6f9619f\u00e9-8b86-d011-b42d-00c04fc964f")]
    [InlineData("-")]
    [InlineData("")]
    public void What_is_written_in_another_way_stays_the_text_that_it_is(string id)
    {
        Assert.NotNull(RowId.Of(id).Text);
        Assert.Equal(id, RowId.Of(id).ToString());
    }

    [Fact]
    public void Whatever_one_byte_of_a_UUID_is_it_is_kept_as_one_only_where_it_is_written_as_one()
    {
        // Seen to fail where letters were taken up to 'g', and where the last digit was read from the place before it.
        for (var at = 0; at < 36; at++)
        {
            for (var b = 0; b < 256; b++)
            {
                var text = "0f8fad5b-d9cb-469f-a165-70867728950e"u8.ToArray();
                text[at] = (byte)b;
                var isUuid = Regex.IsMatch(
                    Encoding.Latin1.GetString(text), "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$");
                var id = RowId.Of(text);
                Assert.Equal(isUuid, id.Text is null);
                Assert.Equal(text, isUuid ? Encoding.ASCII.GetBytes(id.ToString()) : id.Text);
            }
        }
    }

    /// <summary>What runs of readings hold was written by fingerprints: they must stay what they were.</summary>
    [Theory]
    [InlineData("0f8fad5b-d9cb-469f-a165-70867728950e", "510308e9551b87f2", "ba753e39e7c0d28b", 0x6425b9e5414f)]
    [InlineData("12345678", "bad5f30316e15318", "44c47acd33cf8989", 0x6425b9e5414f)]
    [InlineData("vm-0017@2026-10-01T00:00:00Z", "82e651fc4d203f6a", "c51ea967a65e1655", 0x2a3fd0ff66d0)]
    [InlineData("x", "1616696d7a2828c7", "f6dd836e121e1e4d", 0x53e5f606143f)]
    public void A_fingerprint_is_what_it_always_was(string id, string high, string low, ulong content)
    {
        var row = new Row
        {
            Source = 7,
            Resource = 3,
            Project = 5,
            Shape = 9,
            Type = ReadingType.Interval,
            State = ResourceState.Running,
            From = 1_750_000_000_000_000,
            To = 1_750_003_600_000_000,
            Id = RowId.Of(id),
        };
        row = id.Contains('@', StringComparison.Ordinal)
            ? row with { Type = ReadingType.Count, Shape = 0, Meter = 4, Quantity = 12.5m }
            : id == "x" ? row with { Correction = new("nerc", "old", 17, "wrong", true, false) } : row;
        var fingerprint = new Fingerprint([.. Enumerable.Range(0, 16).Select(i => (byte)i)]);
        Assert.Equal($"{high} {low}", $"{fingerprint.Of(row).High:x16} {fingerprint.Of(row).Low:x16}");
        Assert.Equal(content, fingerprint.ContentOf(row));
    }

    [Fact]
    public void Plain_text_ends_at_the_first_byte_that_is_none_wherever_that_is()
    {
        for (var length = 0; length < 100; length++)
        {
            var text = Enumerable.Repeat((byte)'a', length).ToArray();
            Assert.Equal(length, PlainText.Length(text));
            for (var b = 0; length > 0 && b < 256; b++)
            {
                text[length * 2 / 3] = (byte)b;
                var isPlain = b is >= ' ' and <= '~' && b is not ('"' or '\\');
                Assert.Equal(isPlain ? length : length * 2 / 3, PlainText.Length(text));
            }
        }
    }
}
