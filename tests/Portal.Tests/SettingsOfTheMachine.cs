using Exchange.Portal.Installing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A settings file says what the environment says, and what is no setting is refused with its line.</summary>
public class SettingsOfTheMachine
{
    [Fact]
    public void Are_a_name_and_a_value_on_each_line() => Assert.Equal(
        [("EXCHANGE_DATA", "/srv/exchange"), ("EXCHANGE_MAIL", "smtp://a:b=c@mail.example.org?from=x@example.org"),
            ("OTEL_SERVICE_NAME", "the exchange")],
        SettingsFile.Parse(
            """
            # a comment
            EXCHANGE_DATA=/srv/exchange

              EXCHANGE_MAIL = smtp://a:b=c@mail.example.org?from=x@example.org
            OTEL_SERVICE_NAME="the exchange"
            """.Replace(" = ", "=", StringComparison.Ordinal), "x.env"));

    [Theory]
    [InlineData("EXCHANGE_DATA", 1)]
    [InlineData("# first\nPATH=/tmp", 2)]
    [InlineData("export EXCHANGE_DATA=/x", 1)]
    [InlineData("EXCHANGE_A=1\n\nEXCHANGE_A=2", 3)]
    [InlineData("LD_PRELOAD=/tmp/x.so", 1)]
    public void What_is_no_setting_is_refused_with_its_line(string text, int line)
    {
        var refusal = Assert.Throws<RefusedException>(() => SettingsFile.Parse(text, "x.env")).Refusal;
        Assert.Equal(("settings/line", $"x.env:{line}"), (refusal.Code, refusal.Where));
    }

    [Fact]
    public void What_an_installation_writes_can_be_read()
    {
        var text = ServiceFiles.Settings(
            new("/usr/lib/exchange/exchange", "exchange", "/srv/x", ["http://a:1", "http://b:2"]));
        Assert.Equal(
            [("EXCHANGE_DATA", "/srv/x"), ("EXCHANGE_URLS", "http://a:1;http://b:2")],
            SettingsFile.Parse(text, "x.env"));

        // And so can every line that is offered, once it is no comment any more.
        var all = text.Replace("\n#EXCHANGE", "\nEXCHANGE", StringComparison.Ordinal);
        Assert.Equal(10, SettingsFile.Parse(all, "x.env").Count);
    }
}
