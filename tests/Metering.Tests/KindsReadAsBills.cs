using System.Text;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// Bills come by bill import only, however the word is written. Seen to be taken as kinds that nobody knew when they
/// were compared letter by letter.
/// </summary>
public class KindsReadAsBills
{
    [Theory]
    [InlineData("bill")]
    [InlineData("BiLL")]
    [InlineData(" bill")]
    [InlineData("bill ")]
    [InlineData("b ill")]
    [InlineData("b-i-l-l")]
    [InlineData("'bill'")]
    [InlineData("bi11")]
    [InlineData("b1ll")]
    [InlineData("blll")]
    [InlineData("b|!l")]
    [InlineData("bіll")]
    [InlineData("Вill")]
    [InlineData("Βιll")]
    [InlineData("ьӏӏӏ")]
    [InlineData("ｂｉｌｌ")]
    [InlineData("𝐛𝐢𝐥𝐥")]
    [InlineData("ⓑⓘⓛⓛ")]
    [InlineData("bíll")]
    [InlineData("bi\u0301ll")]
    [InlineData("b\u00ADill")]
    [InlineData("bi\u200Bll")]
    [InlineData("\u202Ebill")]
    public void What_is_read_as_the_word_is_the_word(string kind)
    {
        Assert.True(BillWord.IsReadIn(kind));
        Assert.True(BillWord.MayBeReadIn(Encoding.UTF8.GetBytes(kind)));
    }

    [Theory]
    [InlineData("vm")]
    [InlineData("bucket")]
    [InlineData("billing")]
    [InlineData("bull")]
    [InlineData("ball")]
    [InlineData("bi")]
    [InlineData("mobile")]
    [InlineData("计费账单")]
    [InlineData("били")]
    public void What_is_another_word_is_another_kind(string kind) => Assert.False(BillWord.IsReadIn(kind));

    [Theory]
    [InlineData("vm")]
    [InlineData("pod")]
    [InlineData("volume")]
    [InlineData("bucket")]
    [InlineData("floating-ip")]
    public void Usual_kinds_are_read_fast(string kind) =>
        Assert.False(BillWord.MayBeReadIn(Encoding.UTF8.GetBytes(kind)));
}
