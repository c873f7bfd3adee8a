namespace Exchange.Metering;

/// <summary>The names that pages hold as numbers.</summary>
internal interface IPageNames
{
    /// <summary>The name of a project, shape or meter; the same text each time.</summary>
    string this[int number] { get; }

    /// <summary>The names of a page's resources, null where something else has the number. Pages only go up.</summary>
    Task Resources(int page, string?[] into);
}
