using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Tests;

/// <summary>
/// Two addresses are one person's only if they differ in the case of ASCII letters. Seen to fail with ToLowerInvariant,
/// which makes a 'k' of the Kelvin sign.
/// </summary>
public class AddressesOfPeople
{
    [Theory]
    [InlineData("ada@bu.edu", "ada@bu.edu")]
    [InlineData(" Ada@BU.edu ", "ada@bu.edu")]
    [InlineData("o'neil+x@xn--mnchen-3ya.de", "o'neil+x@xn--mnchen-3ya.de")]
    public void Are_compared_in_one_spelling(string written, string compared)
    {
        Assert.True(EmailAddress.TryNormalize(written, out var address));
        Assert.Equal(compared, address);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("@bu.edu")]
    [InlineData("ada@")]
    [InlineData("a@b@c")]
    [InlineData("a b@c")]
    [InlineData("a\tb@c")]
    [InlineData("\u212A@bu.edu")]
    [InlineData("\u0130@bu.edu")]
    [InlineData("ada@bu.edu\u00A0")]
    public void Hold_visible_ASCII_only(string? written) => Assert.False(EmailAddress.TryNormalize(written, out _));

    [Fact]
    public void No_other_character_becomes_an_ASCII_letter_anywhere()
    {
        for (var c = '\u0080'; c < '\uffff'; c++)
        {
            Assert.False(EmailAddress.TryNormalize($"{c}@bu.edu", out _));
            Assert.True(EmailAddress.Fold($"{c}")[0] >= '\u0080', $"U+{(int)c:X4}");
        }
    }

    [Fact]
    public void Are_normalized_once_and_for_all() => Prop.ForAll<string>(text =>
        !EmailAddress.TryNormalize($"{text}@bu.edu", out var once) ||
        (EmailAddress.TryNormalize(once, out var twice) && once == twice && EmailAddress.Fold(once) == once))
        .Check(Draws.Properties());
}
