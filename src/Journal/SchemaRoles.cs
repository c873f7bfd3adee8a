using System.Text.RegularExpressions;
using Npgsql;

namespace Exchange.Journal;

/// <summary>
/// Roles are the cluster's and not the database's: pg_dump does not write them, and where a dump is read into a cluster
/// that lacks them, what was granted to them and their policies are lost. Then those statements are run again.
/// </summary>
internal static partial class SchemaRoles
{
    public static async Task<bool> AreLost(
        NpgsqlConnection connection, List<(string Module, List<SchemaStep> Steps)> modules, CancellationToken ct)
    {
        const string Sql = """
            select exists (select from unnest($1::text[]) as wanted (role)
                           where not exists (select from pg_roles where rolname = wanted.role))
                or exists (select
                           from pg_class as walled
                           where walled.relrowsecurity and walled.relnamespace::regnamespace::text = any($2)
                             and not exists (select from pg_policy where polrelid = walled.oid))
            """;

        var roles = modules.SelectMany(of => of.Steps).SelectMany(step => CreateRole().Matches(step.Sql))
            .Select(match => match.Groups["role"].Value).Distinct().ToArray();
        if (roles.Length == 0)
        {
            return false;
        }

        await using var command = connection.Statement(Sql, [roles, modules.Select(of => of.Module).ToArray()]);
        return await command.ExecuteScalarAsync(ct) is true;
    }

    /// <summary>Runs again what makes the roles, and what they may, of the steps that were run before.</summary>
    public static async Task Restore(
        NpgsqlConnection connection, List<(string Module, List<SchemaStep> Steps)> modules,
        List<(string Module, int Number, bool IsAdditive)> applied, CancellationToken ct)
    {
        foreach (var (module, steps) in modules)
        {
            var run = applied.Count(step => step.Module == module);
            foreach (var statement in steps.Take(run).SelectMany(step => Statement().Matches(step.Sql)))
            {
                var sql = statement.Value.Trim();
                if (Policy().Match(sql) is { Success: true } policy)
                {
                    await Tolerantly(
                        connection,
                        $"drop policy if exists {policy.Groups["name"].Value} on {policy.Groups["table"].Value}", ct);
                }

                if (IsOfRoles(sql))
                {
                    foreach (var single in Each(sql))
                    {
                        await Tolerantly(connection, single, ct);
                    }
                }
            }
        }
    }

    private static bool IsOfRoles(string sql) => OfRoles().IsMatch(sql) ||
        (Block().IsMatch(sql) && CreateRole().IsMatch(sql));

    /// <summary>A grant on several tables is one on each: a later step may have taken one of them away.</summary>
    private static IEnumerable<string> Each(string sql) => Grant().Match(sql) is { Success: true } grant
        ? grant.Groups["tables"].Value.Split(',').Select(
            table => $"grant {grant.Groups["what"].Value} on {table.Trim()} to {grant.Groups["role"].Value}")
        : [sql];

    /// <summary>A table or column that a later step took away can be granted to nobody; the rest can.</summary>
    private static async Task Tolerantly(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await connection.Execute("savepoint of_a_statement", [], ct);
        try
        {
            await connection.Execute(sql, [], ct);
            await connection.Execute("release savepoint of_a_statement", [], ct);
        }
        catch (PostgresException e) when (e.SqlState is "42P01" or "42703" or "42704" or "3F000")
        {
            await connection.Execute("rollback to savepoint of_a_statement", [], ct);
        }
    }

    /// <summary>Up to a semicolon that is not in a comment, in quotes or in a body between dollars.</summary>
    [GeneratedRegex("""(?:--[^\n]*|'(?:[^']|'')*'|\$\$.*?\$\$|[^;'$-]|-(?!-)|\$(?!\$))+;?""", RegexOptions.Singleline)]
    private static partial Regex Statement();

    [GeneratedRegex("""create role (?<role>\w+)""", RegexOptions.IgnoreCase)]
    private static partial Regex CreateRole();

    [GeneratedRegex(
        """^(?:\s|--[^\n]*\n)*(?:grant|revoke|create policy|alter policy|drop policy)\b""", RegexOptions.IgnoreCase)]
    private static partial Regex OfRoles();

    [GeneratedRegex("""^(?:\s|--[^\n]*\n)*do\b""", RegexOptions.IgnoreCase)]
    private static partial Regex Block();

    [GeneratedRegex(
        """^(?:\s|--[^\n]*\n)*grant (?<what>\w+) on (?<tables>[\w.,\s]+) to (?<role>\w+);?$""",
        RegexOptions.IgnoreCase)]
    private static partial Regex Grant();

    [GeneratedRegex(
        """^(?:\s|--[^\n]*\n)*create policy (?<name>\w+) on (?<table>[\w.]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex Policy();
}
