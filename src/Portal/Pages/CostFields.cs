using Exchange.Portal.Web;

namespace Exchange.Portal.Pages;

/// <summary>What is asked of costs, in the fields that ask it.</summary>
public sealed partial class CostFields
{
    /// <summary>What the fields hold; days as a browser writes them.</summary>
    public sealed record Question(
        string From, string To, IReadOnlyList<Choice> Choices, IReadOnlyList<Filter> Filters, long FiltersSet);

    /// <summary>A field that chooses one of several; two of them may share a name.</summary>
    public sealed record Choice(string Id, string Name, string Label, IReadOnlyList<ListingChoice> Options);

    /// <summary>A field that narrows to one value, empty where nothing is narrowed.</summary>
    public sealed record Filter(string Name, string Label, string Value);
}
