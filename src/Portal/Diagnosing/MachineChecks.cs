using System.Globalization;
using Exchange.Invoicing;
using Exchange.Portal.Installing;

namespace Exchange.Portal.Diagnosing;

/// <summary>What the machine has for the exchange: room, time, fonts, and files that nobody else reads.</summary>
internal static class MachineChecks
{
    private const long GiB = 1L << 30;
    private const long LeastRoom = GiB;
    private const long EnoughRoom = 10 * GiB;

    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const UnixFileMode Foreign = Others | UnixFileMode.GroupWrite;

    public static IReadOnlyList<Finding> Run(DataLocation place, IReadOnlyList<string> secrets) =>
    [
        Program(), Disk(place), Clock(SystemClockState.IsKept()), Fonts(), .. Modes(place, secrets), Service(),
    ];

    private static Finding Program() => DataLocation.Pricing is { } pricing
        ? Finding.Ok("program", $"{Environment.ProcessPath}, with price sheets in {pricing}")
        : Finding.Warn(
            "program", $"{Environment.ProcessPath} has no folder 'pricing' beside it",
            "a new database stays without price sheets: publish yours with 'exchange prices publish FILE'");

    private static Finding Disk(DataLocation place)
    {
        var at = new DirectoryInfo(Path.GetFullPath(place.Data));
        while (!at.Exists && at.Parent is { } above)
        {
            at = above;
        }

        return Room(new DriveInfo(at.FullName).AvailableFreeSpace, place.Data);
    }

    /// <summary>How the room that is left is judged.</summary>
    internal static Finding Room(long free, string where)
    {
        var says = string.Create(CultureInfo.InvariantCulture, $"{(decimal)free / GiB:0.0} GiB free for {where}");
        return free < LeastRoom
            ? Finding.Fail("disk", says, "make room now: a full disk refuses usage, and senders keep it")
            : free < EnoughRoom
                ? Finding.Warn("disk", says, "make room, or move the data directory to a larger disk")
                : Finding.Ok("disk", says);
    }

    internal static Finding Clock(bool? isKept) => isKept switch
    {
        true => Finding.Ok("clock", "kept right by a time service"),
        false => Finding.Warn(
            "clock", "nothing keeps this machine's clock right",
            "run a time service (apt-get install systemd-timesyncd): readings from the future are set aside, and a " +
            "month ends by this clock"),
        null => Finding.Warn("clock", "the kernel does not say whether the clock is kept", "look at 'timedatectl'"),
    };

    private static Finding Fonts()
    {
        try
        {
            // Letters of the names that invoices have here; a name in others is refused when it is drawn.
            _ = TablePdf.Draw("Fonts", "2026-01-01T00:00:00Z", ["Aä Éø Łž Ññ €"], []);
            return Finding.Ok("fonts", "documents can be drawn");
        }
        catch (RefusedException e)
        {
            return Finding.Fail("fonts", e.Refusal);
        }
        catch (DllNotFoundException e)
        {
            return Finding.Fail("fonts", e.Message, "apt-get install libpangocairo-1.0-0 fonts-dejavu-core");
        }
    }

    private static IEnumerable<Finding> Modes(DataLocation place, IReadOnlyList<string> secrets)
    {
        var open = new List<string>();
        if (Directory.Exists(place.Data) &&
            (File.GetUnixFileMode(place.Data) & (Foreign | UnixFileMode.GroupRead)) != 0)
        {
            open.Add(Path.GetFullPath(place.Data));
        }

        open.AddRange(secrets.Where(file => File.Exists(file) && (File.GetUnixFileMode(file) & Foreign) != 0));
        yield return open.Count == 0
            ? Finding.Ok("file modes", "data, settings and secrets are closed to other users")
            : Finding.Fail(
                "file modes", $"other users of this machine may read or change {string.Join(", ", open)}",
                $"chmod o=,g-w {string.Join(' ', open)}");
    }

    private static Finding Service()
    {
        if (!File.Exists(InstallOptions.UnitPath))
        {
            return Finding.Warn(
                "service", "it is no service of this machine", "run 'exchange install' as root, or start it yourself");
        }

        return !Installation.HasSystemd
            ? Finding.Warn("service", "installed; systemd does not run here", "start 'exchange serve' yourself")
            : SystemProgram.Try("systemctl", "is-active", "exchange.service") is (true, _)
                ? Finding.Ok("service", "runs")
                : Finding.Fail(
                    "service", "installed, and does not run",
                    "journalctl --unit exchange --lines 50; then: systemctl start exchange");
    }
}
