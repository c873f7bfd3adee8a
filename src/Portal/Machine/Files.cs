namespace Exchange.Portal;

/// <summary>Reads what a command line names, and says in one form what is wrong with it.</summary>
internal static class Files
{
    /// <summary>A person as whoever typed it means them.</summary>
    /// <exception cref="RefusedException">It looks like an address and is none.</exception>
    public static PiId Person(PiId pi) => !EmailAddress.IsDisguised(pi.Value)
        ? pi
        : throw new RefusedException(new("usage/address", $"'{pi}' is not an address. {EmailAddress.Rule}"));

    /// <exception cref="RefusedException">There is no such file, or it may not be read.</exception>
    public static async Task<string> Read(string path, CancellationToken ct)
    {
        try
        {
            return await File.ReadAllTextAsync(path, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException(new("file/unreadable", $"{e.Message} Check the path and its permissions.",
                path));
        }
    }

    /// <exception cref="RefusedException">The text is not such a value.</exception>
    public static T Parsed<T>(string text) where T : IParsable<T>
    {
        try
        {
            return T.Parse(text, null);
        }
        catch (FormatException e)
        {
            throw new RefusedException(new("usage/value", e.Message));
        }
    }
}
