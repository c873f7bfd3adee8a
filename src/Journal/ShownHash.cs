using Npgsql;

namespace Exchange.Journal;

/// <summary>
/// One hash over all of a kind that readers are shown instead of what was kept. Each erasure says it in its event, so
/// what somebody changes afterwards is found.
/// </summary>
/// <param name="name">What the event of an erasure calls it.</param>
/// <param name="lines">SQL that gives what is shown as texts, in a column 'line', in any order.</param>
public sealed class ShownHash(string name, string lines)
{
    private readonly string _sql = $"""
        select encode(sha256(convert_to(coalesce(
                 string_agg(line, E'\n' order by line collate "C"), ''), 'UTF8')), 'hex')
        from ({lines}) as shown
        """;

    /// <summary>SQL: whether it is what the last erasure left; before the first nothing is.</summary>
    public string IsAsLeft => $"""
        coalesce((select told.body::jsonb ->> '{name}' from journal.event as told
                  where told.type = 'person-erased/1' order by told.position desc limit 1),
                 encode(sha256(''), 'hex')) = ({_sql})
        """;

    /// <summary>What it is now, for the event of an erasure.</summary>
    public async Task<string> Now(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = connection.Statement(_sql, []);
        return (string)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>Whoever erases says anew what is shown, and does not say so of what somebody changed.</summary>
    /// <exception cref="RefusedException">What is shown is not what the last erasure left.</exception>
    public async Task RefuseChanged(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = connection.Statement($"select {IsAsLeft}", []);
        if (await command.ExecuteScalarAsync(ct) is not true)
        {
            throw new RefusedException(new(
                "people/changed",
                "What is shown of people who were erased before is not as it was left. Nothing was erased. 'exchange " +
                "verify' names what was changed; restore it first."));
        }
    }
}
