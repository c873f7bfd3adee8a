using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Web.SigningIn;

/// <summary>What a claim makes of whoever has it.</summary>
/// <param name="Claim">The claim, as 'groups'; it may be one value or a list.</param>
/// <param name="Is">The value that it must be, or hold.</param>
internal sealed record RoleRule(string Claim, string Is, Role Role, LandlordId? Landlord, string? Payer);

/// <summary>
/// Who says who people are, and what their claims make them here: a file that 'exchange serve --sign-in' names.
/// </summary>
/// <param name="Address">Where people reach this server, when a proxy stands before it; null to take it from
/// requests.</param>
/// <param name="PiClaim">The claim whose value is a PI's address; null when only rules let people in.</param>
/// <param name="Roles">The first rule that fits decides.</param>
internal sealed record SignInSettings(
    Uri Issuer, string Client, string Secret, Uri? Address, IReadOnlyList<string> Scopes, string NameClaim,
    string? PiClaim, IReadOnlyList<RoleRule> Roles)
{
    public const string CallbackPath = "/sign-in/callback";

    /// <exception cref="RefusedException">The file is not right; it is named with the line.</exception>
    public static async Task<SignInSettings> Read(string file, CancellationToken ct) =>
        Parse(await Files.Read(file, ct), file);

    public static SignInSettings Parse(string yaml, string file)
    {
        var map = YamlMap.Read(yaml, file);
        var settings = new SignInSettings(
            Url(map, "issuer") ?? throw map.Bad("issuer", "a URL"), map.Required("client"), SecretOf(map, file),
            Url(map, "address"), map.Words("scopes") is { Count: > 0 } scopes ? scopes : ["openid", "email", "profile"],
            map.Word("name") ?? "name", map.Word("pi"), [.. map.Maps("roles").Select(Rule)]);
        map.NoOthers();
        return settings.Scopes.Contains("openid") ? settings : throw map.Bad("scopes", "a list with 'openid' in it");
    }

    /// <summary>Who the claims of an ID token make of somebody; null for nobody.</summary>
    public Viewer? ViewerOf(TokenClaims claims)
    {
        var actor = $"person:{claims.One("sub")}";
        var name = claims.One(NameClaim) ?? claims.One("email") ?? claims.One("sub")!;
        if (Roles.FirstOrDefault(rule => Fits(rule, claims)) is { } rule)
        {
            var own = rule.Role == Role.Pi ? PiOf(claims) : null;
            return rule.Role == Role.Pi && own is null
                ? null
                : new(actor, name, rule.Role, own, rule.Landlord, rule.Payer);
        }

        return PiOf(claims) is { } pi ? new(actor, name, Role.Pi, pi) : null;
    }

    /// <summary>An address that its provider did not verify could be anybody's.</summary>
    private PiId? PiOf(TokenClaims claims) => PiClaim switch
    {
        null => null,
        "email" => claims.VerifiedEmail is { } verified ? new PiId(verified) : null,
        var claim => EmailAddress.TryNormalize(claims.One(claim), out var address) ? new PiId(address) : null,
    };

    /// <summary>A rule that names an address is about whoever has it, and not about whoever says so.</summary>
    private static bool Fits(RoleRule rule, TokenClaims claims) => rule.Claim == "email"
        ? EmailAddress.TryNormalize(rule.Is, out var address) && claims.VerifiedEmail == address
        : claims.All(rule.Claim).Contains(rule.Is);

    private static Uri? Url(YamlMap map, string key)
    {
        if (map.Word(key) is not { } word)
        {
            return null;
        }

        return Uri.TryCreate(word, UriKind.Absolute, out var url) &&
            (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
            ? url
            : throw map.Bad(key, "a URL that begins with https:// (http:// only on this machine)");
    }

    private static string SecretOf(YamlMap map, string file)
    {
        if (Environment.GetEnvironmentVariable("EXCHANGE_SIGN_IN_SECRET") is { Length: > 0 } secret)
        {
            _ = map.Word("secret_file");
            return secret;
        }

        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, map.Required("secret_file"));
        return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } kept
            ? kept
            : throw map.Bad("secret_file", "the path of a file that holds the client's secret");
    }

    private static RoleRule Rule(YamlMap map)
    {
        if (!ListedWord.TryRead<Role>(map.Required("role"), out var role) ||
            role is Role.UsageKey or Role.PricesKey or Role.ReadKey or Role.FinanceKey or Role.InstitutionKey)
        {
            throw map.Bad("role", "one of pi, subsidy, landlord, finance and operator");
        }

        LandlordId? landlord = role == Role.Landlord ? new(map.Required("landlord")) : null;
        var payer = role == Role.Subsidy ? map.Required("payer") : null;
        var rule = new RoleRule(map.Required("claim"), map.Required("is"), role, landlord, payer);
        map.NoOthers();
        return rule;
    }
}
