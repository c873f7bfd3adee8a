using System.Runtime.InteropServices;

namespace Exchange.Portal.Diagnosing;

/// <summary>Whether something keeps this machine's clock right, as its kernel says.</summary>
internal static class SystemClockState
{
    /// <summary>What the kernel answers when nothing has set the clock by another for a while.</summary>
    private const int NotKept = 5;

    /// <summary>More than the kernel's structure has on any machine.</summary>
    private const int Room = 512;

    /// <returns>Null where the kernel does not say.</returns>
    public static bool? IsKept() => Adjust(new byte[Room]) switch // No mode is set: it is read, and not changed.
    {
        < 0 => null,
        NotKept => false,
        _ => true,
    };

#pragma warning disable SYSLIB1054 // Bytes in, one number out: nothing to generate.
    [DllImport("libc", EntryPoint = "adjtimex")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Adjust(byte[] timex);
#pragma warning restore SYSLIB1054
}
