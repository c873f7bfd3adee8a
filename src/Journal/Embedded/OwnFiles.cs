using System.Runtime.InteropServices;

namespace Exchange.Journal;

/// <summary>Whatever this process makes is its owner's alone, exports and keys among it.</summary>
public static class OwnFiles
{
    public static void Only() => _ = Umask(0b000_111_111);

#pragma warning disable SYSLIB1054 // One number in, one number out: nothing to generate.
    [DllImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint Umask(uint mask);
#pragma warning restore SYSLIB1054
}
