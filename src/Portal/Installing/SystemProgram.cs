using System.ComponentModel;
using System.Diagnostics;

namespace Exchange.Portal.Installing;

/// <summary>Runs a program of the distribution to its end.</summary>
internal static class SystemProgram
{
    /// <summary>What a program said, and whether it was content; null where there is no such program.</summary>
    public static (bool IsDone, string Said)? Try(string name, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(name)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync();
            var said = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode == 0, $"{said}{errors.Result}".Trim());
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <exception cref="RefusedException">It is not there, or failed; the refusal says how.</exception>
    public static string Run(string name, params IReadOnlyList<string> arguments) => Try(name, arguments) switch
    {
        (true, var said) => said,
        (_, var said) => throw new RefusedException(new(
            "install/program-failed", $"'{name} {string.Join(' ', arguments)}' failed: {said}. Mend that and run " +
            "'exchange install' again: what is done already stays.", name)),
        null => throw new RefusedException(new(
            "install/needs", $"'{name}' is not on this machine. Install the package that brings it, and run " +
            "'exchange install' again.", name)),
    };
}
