namespace Exchange.Portal.Web;

/// <summary>
/// What a route takes as its body. It only describes: the route itself answers whoever sends something else, so that
/// nobody learns anything from a route before they showed their key.
/// </summary>
/// <param name="Json">The type that its JSON is read as; null when it is not JSON of one type.</param>
/// <param name="Example">A whole body of each type, in the order of the types.</param>
internal sealed record Takes(
    string What, IReadOnlyList<string> Types, IReadOnlyList<string> Example, Type? Json = null);
