namespace Exchange.Rating;

/// <summary>A word of a list in a sheet, such as a state or how something is rounded.</summary>
internal static class SheetWord
{
    /// <summary>Null for what is no word of the list.</summary>
    /// <param name="isNew">
    /// Whether it is handed in now. Sheets could once be published with a number or several words in the place of one;
    /// those mean what they meant then.
    /// </param>
    public static T? Read<T>(string word, bool isNew)
        where T : struct, Enum =>
        ListedWord.TryRead(word, out T value) ||
        (!isNew && Enum.TryParse(word.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out value))
            ? value : null;
}
