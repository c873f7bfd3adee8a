using Exchange.Portal.Cli;
using Exchange.Portal.Installing;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// An image of a machine becomes one that runs the exchange: user, directories with modes, settings, unit and rotation;
/// and whatever stands in the way is refused before anything is changed.
/// </summary>
public sealed class Installing : IDisposable
{
    private const string Program = "/usr/lib/exchange/exchange";
    private readonly Scratch _image = new();

    public Installing()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Making users of an image needs root.");
        foreach (var (path, text) in new (string, string)[]
        {
            ("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000:Ada:/home/ada:/bin/bash\n"),
            ("/etc/group", "root:x:0:\nada:x:1000:\n"), ("/etc/shadow", "root:*:::::::\n"),
            ("/etc/gshadow", "root:*::\n"), ("/etc/login.defs", ""), (Program, "#!/bin/sh\n"),
        })
        {
            var at = Options.At(path);
            Directory.CreateDirectory(Path.GetDirectoryName(at)!);
            File.WriteAllText(at, text);
        }
    }

    private InstallOptions Options =>
        new(Program, "exchange", "/var/lib/exchange", ["http://127.0.0.1:5080"]) { Root = _image.Path };

    public void Dispose() => _image.Dispose();

    [Fact]
    public void Makes_the_user_the_directories_the_unit_and_the_rotation()
    {
        var steps = new Installation(Options).Run();

        Assert.All(steps, step => Assert.Equal("done", step.State));
        var user = Account.Find(Options, "exchange")!;
        Assert.False(user.IsAPersons);
        Assert.EndsWith("nologin", user.Shell, StringComparison.Ordinal);
        Assert.Equal($"0700 {user.Id}:{user.Group}", Whose("/var/lib/exchange"));
        Assert.Equal($"0750 0:{user.Group}", Whose("/etc/exchange"));
        Assert.Equal($"0640 0:{user.Group}", Whose("/etc/exchange/exchange.env"));
        Assert.Equal("0644 0:0", Whose("/etc/systemd/system/exchange.service"));
        Assert.Equal("0755 0:0", Whose("/etc/systemd/system"));
        var unit = Read("/etc/systemd/system/exchange.service");
        Assert.Contains("\nUser=exchange\n", unit, StringComparison.Ordinal);
        Assert.Contains($"\nExecStart={Program} serve\n", unit, StringComparison.Ordinal);
        Assert.Contains(
            "/var/lib/exchange/postgres/*.log {", Read("/etc/logrotate.d/exchange"), StringComparison.Ordinal);
    }

    [Fact]
    public void Done_again_it_changes_nothing_and_keeps_what_the_operator_set()
    {
        new Installation(Options).Run();
        var settings = Options.At("/etc/exchange/exchange.env");
        File.AppendAllText(settings, "EXCHANGE_CLOSE_ON=5\n");

        var again = new Installation(Options).Run();

        Assert.All(again, step => Assert.Equal("already", step.State));
        Assert.EndsWith("EXCHANGE_CLOSE_ON=5\n", File.ReadAllText(settings), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_left_open_is_closed_again()
    {
        new Installation(Options).Run();
        File.SetUnixFileMode(Options.At("/var/lib/exchange"), (UnixFileMode)0b111_101_101);

        var again = new Installation(Options).Run();

        Assert.Equal(["directory /var/lib/exchange (0700)"], again.Where(s => s.State == "done").Select(s => s.What));
        Assert.StartsWith("0700", Whose("/var/lib/exchange"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_trial_says_all_of_it_and_does_nothing()
    {
        var before = Everything();
        var steps = new Installation(Options with { IsTrial = true }).Run();
        Assert.All(steps, step => Assert.Equal("would", step.State));
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void Everything_in_the_way_is_said_at_once_and_nothing_is_changed()
    {
        var before = Everything();
        var answer = Install.Run(new("/root/exchange", "ada", "/home", ["nonsense"]) { Root = _image.Path });
        Assert.Equal(ExitCode.Refused, answer.Exit);
        Assert.Equal(before, Everything());
        Assert.Equal(
            ["install/program", "install/user", "install/data", "usage/url"],
            InstallChecks.Run(new("/root/exchange", "ada", "/home", ["nonsense"]) { Root = _image.Path })
                .Select(refusal => refusal.Code));
    }

    [Theory]
    [InlineData("ada", "person")]
    [InlineData("root", "not a name")]
    [InlineData("ex change", "not a name")]
    [InlineData("-rf", "not a name")]
    public void A_user_who_is_none_for_a_service_is_refused(string user, string why) => Assert.Contains(
        why, Assert.Single(InstallChecks.Run(Options with { User = user })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("/")]
    [InlineData("/var/lib")]
    [InlineData("exchange")]
    [InlineData("/var/lib/../../etc")]
    [InlineData("/srv/my exchange")]
    [InlineData("/srv/x\nUser=root")]
    [InlineData("/srv/%i")]
    public void A_directory_that_is_not_the_exchanges_alone_is_refused(string data) => Assert.Equal(
        "install/data", Assert.Single(InstallChecks.Run(Options with { Data = data })).Code);

    [Fact]
    public void Data_of_somebody_else_are_not_taken()
    {
        Directory.CreateDirectory(Options.At("/var/lib/exchange/of-ada"));
        Assert.Equal("install/data", Assert.Single(InstallChecks.Run(Options)).Code);
    }

    [Fact]
    public void A_unit_that_was_edited_is_not_overwritten()
    {
        new Installation(Options).Run();
        var unit = Options.At("/etc/systemd/system/exchange.service");
        Assert.Empty(InstallChecks.Run(Options));
        File.WriteAllText(unit, File.ReadAllText(unit).Replace("5s", "50s", StringComparison.Ordinal));
        Assert.Equal("install/file-changed", Assert.Single(InstallChecks.Run(Options)).Code);
    }

    [Fact]
    public void An_older_installations_files_are_brought_up_to_date()
    {
        new Installation(Options).Run();
        Assert.Empty(InstallChecks.Run(Options with { Data = "/srv/exchange" }));
        new Installation(Options with { Data = "/srv/exchange" }).Run();
        Assert.Contains(
            "ReadWritePaths=/srv/exchange\n", Read("/etc/systemd/system/exchange.service"), StringComparison.Ordinal);
    }

    [Fact]
    public void Systemd_and_logrotate_understand_what_is_written()
    {
        new Installation(Options).Run();
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd is not installed here.");

        // Of the image only: this machine has no such program or user.
        var unit = Path.Combine(_image.Path, "exchange.service");
        File.WriteAllText(unit, Read("/etc/systemd/system/exchange.service")
            .Replace(Program, "/bin/true", StringComparison.Ordinal)
            .Replace("=exchange\n", "=daemon\n", StringComparison.Ordinal));
        var (_, said) = SystemProgram.Try("systemd-analyze", "verify", "--man=no", unit)!.Value;
        Assert.DoesNotContain("exchange.service:", said, StringComparison.Ordinal);
    }

    private string Read(string path) => File.ReadAllText(Options.At(path));

    private string Whose(string path) => SystemProgram.Run("stat", "-c", "0%a %u:%g", Options.At(path));

    private string Everything() => SystemProgram.Run("find", _image.Path, "-printf", "%p %m %u %s\n");
}
