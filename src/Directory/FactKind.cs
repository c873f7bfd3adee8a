using System.Text.Json;

namespace Exchange.Facts;

/// <summary>A kind of fact: how its content is stored, and what of it decides money in a month.</summary>
/// <param name="Name">Its name for ever: 'landlord'.</param>
/// <param name="Decides">What it says of a month, word by word: what is the same in all of it changes no bill.</param>
public sealed record FactKind<T>(
    string Name, Func<T, string> NameOf, Func<T, BillingMonth, IEnumerable<(string What, string Says)>> Decides)
    where T : class
{
    /// <summary>
    /// Whether it decides what months come to. What does not, as an address on invoices, may begin on any day and
    /// changes no closed month; its first version holds from the beginning, later ones from the day they are told.
    /// </summary>
    public bool DecidesMoney { get; init; } = true;

    public FactName Fact(T value) => new(Name, NameOf(value));

    public JsonElement Write(T value) => JsonSerializer.SerializeToElement(value, Text.Json);

    /// <exception cref="JsonException">What is stored is not of this kind: stream or code is wrong.</exception>
    public T Read(JsonElement content) => content.Deserialize<T>(Text.Json)
        ?? throw new JsonException($"A stored {Name} is null.");

    /// <summary>What differs in a month between two contents; null stands for a fact that does not hold.</summary>
    public IEnumerable<FactChange> Differences(string name, T? before, T? after, BillingMonth month)
    {
        var (old, young) = (Said(before, month), Said(after, month));
        return
            from what in old.Keys.Union(young.Keys).Order(StringComparer.Ordinal)
            let was = old.GetValueOrDefault(what)
            let now = young.GetValueOrDefault(what)
            where was != now
            select new FactChange(new(Name, name), month, what, was, now);
    }

    private Dictionary<string, string> Said(T? value, BillingMonth month) => value is null
        ? []
        : Decides(value, month).GroupBy(one => one.What, StringComparer.Ordinal).ToDictionary(
            same => same.Key, same => string.Join(", ", same.Select(one => one.Says)), StringComparer.Ordinal);
}

/// <summary>What a publication would change, from a month on.</summary>
/// <param name="Before">Null where nothing was said of it.</param>
public sealed record FactChange(FactName Fact, BillingMonth From, string What, string? Before, string? After)
{
    public override string ToString() =>
        $"{Fact} from {From}: {What} {(Before is null ? $"is {After}" : After is null ? $"is no longer {Before}"
            : $"is {After} instead of {Before}")}";
}
