using System.Runtime.InteropServices;

namespace Exchange.Portal;

/// <summary>
/// The memory of what is not .NET: compression, fonts, the compiler. glibc gives each thread that asks a heap of its
/// own and keeps what is freed in it; a close held 90 MiB so that nobody used (decision 0607).
/// </summary>
internal static class NativeHeap
{
    private const int MaxArenas = -8;

    /// <summary>One heap for all threads: before any other asks for memory.</summary>
    public static void ShareOne()
    {
        try
        {
            _ = SetOption(MaxArenas, 1);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library of another kind has no such heaps.
        }
    }

#pragma warning disable SYSLIB1054 // Two numbers in, one number out: nothing to generate.
    [DllImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetOption(int option, int value);
#pragma warning restore SYSLIB1054
}
