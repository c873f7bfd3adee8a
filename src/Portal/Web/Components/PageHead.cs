namespace Exchange.Portal.Web.Components;

/// <summary>What a page needs beside its markup to get better with script.</summary>
[Flags]
public enum PageNeeds
{
    None = 0,

    /// <summary>Tables that change in place.</summary>
    Tables = 1,

    /// <summary>Charts that answer to the pointer.</summary>
    Charts = 2,
}

/// <summary>
/// What the parts of a page tell its head as they are rendered: which scripts serve them, and whether the rows of one
/// of them were asked for instead. The text of a page is never searched for it.
/// </summary>
internal sealed class PageHead
{
    public string Title { get; init; } = "";

    public PageNeeds Needs { get; private set; }

    /// <summary>What was asked for instead of the page; null for the page.</summary>
    public IResult? Answer { get; private set; }

    /// <summary>The head stands before what it serves, and is rendered again when that needs more.</summary>
    public event Action? Needed;

    public void Note(PageNeeds needs, IResult? answer = null)
    {
        Answer ??= answer;
        if ((Needs | needs) != Needs)
        {
            Needs |= needs;
            Needed?.Invoke();
        }
    }
}
