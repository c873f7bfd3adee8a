using System.Security.Claims;
using Exchange.Portal.Keys;

namespace Exchange.Portal.Web.Access;

/// <summary>What someone came to do: the five kinds of people, and programs with a key.</summary>
internal enum Role
{
    Pi,
    Subsidy,
    Landlord,
    Finance,
    Operator,
    UsageKey,
    PricesKey,
    ReadKey,
    FinanceKey,
    InstitutionKey,
}

/// <summary>Who is asking, and whose things they may see. Made from claims, and from nothing else.</summary>
/// <param name="Actor">As the audit log names them.</param>
/// <param name="Pi">Whose spending they see, when they are a PI.</param>
/// <param name="Landlord">Whose sales they see; null for those who see every landlord.</param>
/// <param name="Payer">Whose subsidies they see, when they administer one.</param>
internal sealed record Viewer(
    string Actor, string Name, Role Role, PiId? Pi = null, LandlordId? Landlord = null, string? Payer = null)
{
    /// <summary>Of whose people they see charges; null where it is not by institution.</summary>
    public string? Institution { get; init; }

    public const string KeyScheme = "Key";
    public const string SessionScheme = "Session";

    public static Viewer? Of(ClaimsPrincipal user) =>
        ListedWord.TryRead<Role>(user.FindFirstValue("role"), out var role) && user.FindFirstValue("actor") is { } actor
            ? new(
                actor, user.FindFirstValue("name") ?? actor, role,
                user.FindFirstValue("pi") is { } pi ? new PiId(pi) : null,
                user.FindFirstValue("landlord") is { } landlord ? new LandlordId(landlord) : null,
                user.FindFirstValue("payer"))
            {
                Institution = user.FindFirstValue("institution"),
            }
            : null;

    /// <summary>Whose turns and room their requests take: their landlord's, else their own.</summary>
    public string Owner => Landlord?.Value ?? Actor;

    /// <summary>What of everybody's they see: all money, all machines, or nothing beyond their own.</summary>
    public string Sees => Role switch
    {
        Role.Finance or Role.FinanceKey => "money",
        Role.ReadKey when Landlord is null => "money",
        Role.Operator => "machines",
        _ => "",
    };

    /// <exception cref="InvalidOperationException">Nobody is signed in: the route lacks a policy.</exception>
    public static Viewer Needed(HttpContext http) => Of(http.User)
        ?? throw new InvalidOperationException("A page that needs a viewer was reached without one.");

    /// <summary>The program that has a key.</summary>
    public static Viewer Of(string id, ApiKey.Valid key) => new(
        $"key:{id}", key.Name, key.Institution is not null ? Role.InstitutionKey : RoleOf(key.Scope),
        Landlord: key.Landlord)
    {
        Institution = key.Institution,
    };

    private static Role RoleOf(KeyScope scope) => scope switch
    {
        KeyScope.Usage => Role.UsageKey,
        KeyScope.Prices => Role.PricesKey,
        KeyScope.Read => Role.ReadKey,
        KeyScope.Finance => Role.FinanceKey,
    };

    public ClaimsPrincipal ToPrincipal(string scheme)
    {
        var claims = new List<Claim> { new("actor", Actor), new("name", Name), new("role", Role.ToString()) };
        Add("pi", Pi?.Value);
        Add("landlord", Landlord?.Value);
        Add("payer", Payer);
        Add("institution", Institution);
        Add("scope", Role switch
        {
            Role.UsageKey => "usage",
            Role.PricesKey => "prices",
            Role.ReadKey or Role.InstitutionKey => "read",
            Role.FinanceKey => "finance",
            _ => null,
        });
        return new(new ClaimsIdentity(claims, scheme, "name", "role"));

        void Add(string type, string? value)
        {
            if (value is not null)
            {
                claims.Add(new(type, value));
            }
        }
    }
}
