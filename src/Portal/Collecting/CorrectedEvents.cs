using System.Text.Json;
using Exchange.Metering;

namespace Exchange.Portal.Collecting;

/// <summary>What readings are corrected to, as a file or a form holds it.</summary>
internal static class CorrectedEvents
{
    /// <summary>Readings as CloudEvents, as a file may hold them.</summary>
    /// <exception cref="RefusedException">One is no reading.</exception>
    public static List<Reading> Read(string text, string file)
    {
        try
        {
            return
            [
                .. EventFile.Read(text).Select(collected => collected.Reading ?? throw new RefusedException(new(
                    collected.Misfit?.Reason ?? "correct/usage",
                    collected.Misfit?.Why ?? "A reading is replaced by a reading. Give one, or take it back.", file))),
            ];
        }
        catch (InvalidOperationException)
        {
            throw new RefusedException(new(
                "file/not-json", "A text in it holds half of a character, like '\\ud800'. Correct it.", file));
        }
        catch (JsonException e)
        {
            throw new RefusedException(new(
                "file/not-json", $"These are no CloudEvents: {e.Message} Repair it.", file));
        }
    }
}
