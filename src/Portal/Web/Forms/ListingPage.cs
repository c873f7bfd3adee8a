namespace Exchange.Portal.Web;

/// <summary>A table that can be sorted, filtered, paged through and downloaded: <c>Listing</c> says how.</summary>
public interface IListing
{
    string Id { get; }

    string Caption { get; }

    /// <summary>Whether there is nothing at all, searched for or not.</summary>
    bool IsEmpty { get; }

    string WhenEmpty { get; }

    /// <summary>What brings rows; null where there is no one place for that.</summary>
    EmptyAct? Act { get; }

    /// <summary>The rows as a file where the request asks for them; null where it asks for the page.</summary>
    IResult? Answer(HttpContext http);

    /// <summary>What of it was asked for.</summary>
    ListingPage Page(HttpContext http);
}

/// <summary>What of a listing a page shows, and where its links lead.</summary>
public sealed record ListingPage(string Id, string Caption, string WhenEmpty) : ITable
{
    public required bool IsEmpty { get; init; }

    public required bool IsWide { get; init; }

    public required IReadOnlyList<TableHeading> Headings { get; init; }

    public required IEnumerable<IEnumerable<TableCell>> Lines { get; init; }

    public TableFoot? Foot { get; init; }

    /// <summary>Null where there is so little that nobody needs to search it.</summary>
    public ListingFilter? Filter { get; init; }

    public required string Search { get; init; }

    public required int Number { get; init; }

    public required int Pages { get; init; }

    public required string Previous { get; init; }

    public required string Next { get; init; }

    public required string Csv { get; init; }

    public required string Json { get; init; }

    /// <summary>How many rows were found: '12 of 340 rows'.</summary>
    public required string Found { get; init; }
}

/// <summary>What a listing is narrowed by.</summary>
/// <param name="Kept">What else stands in the address, and stays.</param>
public sealed record ListingFilter(
    IReadOnlyList<(string Name, string Value)> Kept, string Search, IReadOnlyList<ListingChoice> Places,
    IReadOnlyList<ListingChoice> Sizes, int Longest);

/// <summary>One of several that a listing is narrowed or cut by.</summary>
public sealed record ListingChoice(string Value, string Text, bool IsChosen);
