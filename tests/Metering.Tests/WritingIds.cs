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
}
