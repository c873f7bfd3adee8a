using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Web.Access;

/// <summary>
/// Links that sign somebody in once, for whoever is at the machine: the first operator, before any identity provider is
/// set up, and after it broke. Whoever reaches the database makes them, and they open on this machine only.
/// </summary>
internal sealed class SignInLinks(NpgsqlDataSource database, IClock clock)
{
    public const string Path = "/sign-in/link/";

    public static readonly Duration Lasts = Duration.FromMinutes(10);

    /// <summary>The roles that a link can be for, and what such a role is of: nothing where it sees all.</summary>
    public static IReadOnlyDictionary<string, (Role Role, string? Of)> Roles { get; } =
        new Dictionary<string, (Role, string?)>(StringComparer.Ordinal)
        {
            ["finance"] = (Role.Finance, null),
            ["operator"] = (Role.Operator, null),
            ["pi"] = (Role.Pi, "the PI's address"),
            ["landlord"] = (Role.Landlord, "the landlord"),
            ["subsidy"] = (Role.Subsidy, "the payer"),
        };

    /// <summary>A new link's path; what it holds is shown this once.</summary>
    /// <param name="of">Whose things the role is to see; null for a role that sees everything of its kind.</param>
    public async Task<string> Make(string role, string? of, string by, CancellationToken ct)
    {
        const string Sql = """
            with gone as (delete from exchange.sign_in_link where until < now() - interval '30 days')
            insert into exchange.sign_in_link (sha256, role, of, made_by, until) values ($1, $2, $3, $4, $5)
            """;

        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        await database.Execute(
            Sql, [Hash(secret), role, (object?)of ?? DBNull.Value, by,
                (clock.GetCurrentInstant() + Lasts)], ct);
        return $"{Path}{secret}";
    }

    /// <summary>Whom a link signs in, this one time; null when it is unknown, old or was used.</summary>
    public async Task<Viewer?> Use(string secret, CancellationToken ct)
    {
        const string Sql = """
            update exchange.sign_in_link
            set used_at = $2
            where sha256 = $1 and used_at is null and until > $2 and until <= $3
            returning role, of, made_by
            """;

        var now = clock.GetCurrentInstant();
        await using var command = database.Statement(
            Sql, [Hash(secret), now, now + Lasts + Sessions.Apart]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct)
            ? Viewer(rows.GetString(0), rows.IsDBNull(1) ? null : rows.GetString(1), rows.GetString(2))
            : null;
    }

    private static Viewer Viewer(string word, string? of, string by)
    {
        var role = Roles[word].Role;
        return new(
            $"link:{by}", of ?? char.ToUpperInvariant(word[0]) + word[1..], role,
            role == Role.Pi ? new PiId(of!) : null, role == Role.Landlord ? new LandlordId(of!) : null,
            role == Role.Subsidy ? of : null);
    }

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
