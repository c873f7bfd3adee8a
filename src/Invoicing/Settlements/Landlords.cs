using System.Collections.Immutable;
using System.IO.Enumeration;
using System.Text.Json.Serialization;
using Exchange.Facts;
using Exchange.Rating;

namespace Exchange.Invoicing.Settlements;

/// <summary>What the exchange keeps of a landlord's sales during some months.</summary>
/// <param name="Share">The part of each dollar, as 0.02 for two cents.</param>
public sealed record LandlordTerms(BillingMonth From, decimal Share);

/// <summary>What the owner of hardware gets for each metered hour of some SKUs, from a month on.</summary>
/// <param name="Sku">The SKU's name; '*' stands for any text.</param>
/// <param name="PerHour">Dollars for each hour that the SKU meters; 0 ends it.</param>
public sealed record HardwareTerms(string Owner, string Sku, decimal PerHour, BillingMonth From);

/// <summary>
/// A landlord of the exchange, by its name in the directory and its title on documents. Stored as it is here.
/// </summary>
/// <param name="Pseudonyms">Whether its settlement may not name its customers.</param>
/// <param name="Hardware">Whose hardware it sells, and what they get of it.</param>
[method: JsonConstructor]
public sealed record Landlord(
    LandlordId Id, string Title, bool Pseudonyms, IReadOnlyList<LandlordTerms> Terms,
    IReadOnlyList<HardwareTerms> Hardware)
{
    /// <summary>What was agreed with landlords, as versions in the journal.</summary>
    public static readonly FactKind<Landlord> Facts = new("landlord", one => one.Id.Value, Decides);

    public Landlord(LandlordId id, string title, bool pseudonyms, IReadOnlyList<LandlordTerms> terms)
        : this(id, title, pseudonyms, terms, []) { }

    /// <summary>The part of each dollar that the exchange keeps of a month's sales.</summary>
    public decimal ShareIn(BillingMonth month) =>
        Terms.Where(terms => terms.From <= month).MaxBy(terms => terms.From)?.Share ?? 0;

    /// <summary>Whose hardware a SKU runs on in a month, each owner by its latest terms.</summary>
    public IEnumerable<HardwareTerms> HardwareOf(SkuId sku, BillingMonth month) => Hardware
        .Where(terms => terms.From <= month &&
            FileSystemName.MatchesSimpleExpression(terms.Sku, sku.Value, ignoreCase: false))
        .GroupBy(terms => terms.Owner, StringComparer.Ordinal)
        .Select(of => of.MaxBy(terms => terms.From)!)
        .Where(terms => terms.PerHour != 0);

    private static IEnumerable<(string What, string Says)> Decides(Landlord one, BillingMonth month) =>
    [
        ("the exchange's share", Text.Of(one.ShareIn(month))),
        .. one.Hardware.Where(terms => terms.From <= month)
            .GroupBy(terms => (terms.Owner, terms.Sku)).Select(same => same.MaxBy(terms => terms.From)!)
            .OrderByDescending(terms => terms.From).Where(terms => terms.PerHour != 0)
            .Select(terms => ($"what {terms.Owner} gets for an hour of {terms.Sku}", Text.Of(terms.PerHour))),
    ];
}

/// <summary>The landlords and what was agreed with them, for each month.</summary>
public sealed class Landlords
{
    private readonly ImmutableSortedDictionary<string, Timeline<Landlord>> _all;

    public Landlords(IReadOnlyList<Landlord> all)
        : this(all.ToImmutableSortedDictionary(one => one.Id.Value, Timeline.Always, StringComparer.Ordinal))
    {
    }

    private Landlords(ImmutableSortedDictionary<string, Timeline<Landlord>> all) => _all = all;

    /// <summary>Nothing was agreed with anyone: the exchange keeps nothing.</summary>
    public static Landlords None { get; } = new([]);

    /// <summary>Every landlord of the last word, by name.</summary>
    public IReadOnlyList<Landlord> All => [.. _all.Values.Select(one => one.Last).OfType<Landlord>()];

    /// <summary>What was published of landlords.</summary>
    public static Landlords Of(DatedFacts facts) => new(facts.Of(Landlord.Facts));

    /// <exception cref="RefusedException">The text is not such a list; file and line are named.</exception>
    public static Landlords Parse(string yaml, string file)
    {
        var root = YamlMap.Read(yaml, file);
        var landlords = root.Maps("landlords").Select(One).ToList();
        root.NoOthers();
        return landlords.GroupBy(one => one.Id).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new RefusedException(new(
                "landlords/twice", $"'{twice.Key}' stands there twice. Keep one of them.", file))
            : new(landlords);
    }

    /// <summary>Whether a landlord may not know who its customers are.</summary>
    public bool HidesCustomers(LandlordId id) => LastSaid(id)?.Pseudonyms == true;

    public string TitleOf(LandlordId id) => LastSaid(id)?.Title ?? id.Value;

    /// <summary>
    /// What the exchange keeps of a month's sales, by the terms of that month and rounded once for all of it;
    /// corrections downwards give a part of it back.
    /// </summary>
    public Money ShareOf(LandlordId id, BillingMonth month, Money gross) =>
        At(id, month) is { } landlord ? Money.Round(gross.Amount * landlord.ShareIn(month)) : Money.Zero;

    /// <summary>Whose hardware a landlord's SKU runs on in a month.</summary>
    public IEnumerable<HardwareTerms> HardwareOf(LandlordId id, SkuId sku, BillingMonth month) =>
        At(id, month)?.HardwareOf(sku, month) ?? [];

    private Landlord? At(LandlordId id, BillingMonth month) => _all.GetValueOrDefault(id.Value)?.At(month);

    private Landlord? LastSaid(LandlordId id) => _all.GetValueOrDefault(id.Value)?.LastSaid;

    private static Landlord One(YamlMap map)
    {
        var landlord = new Landlord(
            Seller.IsProject(Named(map, "name"))
                ? throw map.Bad("name", "a name that does not begin with 'project:', under which projects are paid")
                : new LandlordId(Named(map, "name")), map.Required("title"), map.Flag("pseudonyms") ?? false,
            [.. map.Maps("terms").Select(Terms)], [.. map.Maps("hardware").Select(Hardware)]);
        map.NoOthers();
        return landlord;
    }

    private static string Named(YamlMap map, string key) => Name.IsOne(map.Required(key))
        ? map.Required(key)
        : throw map.Bad(key, "a name of 1 to 200 characters");

    private static HardwareTerms Hardware(YamlMap map)
    {
        var terms = new HardwareTerms(
            Named(map, "owner"), map.Required("sku"),
            map.Number("per_hour") is { } rate and >= 0
                ? rate
                : throw map.Bad("per_hour", "dollars in quotes, like \"2.74\""),
            map.Month("from") ?? throw map.Bad("from", "a month like 2026-10"));
        map.NoOthers();
        return terms;
    }

    private static LandlordTerms Terms(YamlMap map)
    {
        var terms = new LandlordTerms(
            map.Month("from") ?? throw map.Bad("from", "a month like 2026-10"),
            map.Number("platform_share") is { } share and >= 0 and < 1
                ? share
                : throw map.Bad("platform_share", "a part of each dollar in quotes, like \"0.02\""));
        map.NoOthers();
        return terms;
    }
}
