using System.Collections.Immutable;
using Exchange.Journal;
using Exchange.Rating;
using Npgsql;

namespace Exchange.Invoicing.Accounts;

/// <summary>
/// Whose an account is, and every name that it is kept under: since their addresses were merged, a person has one
/// account, and what was billed and paid before stays under the address of its time.
/// </summary>
/// <param name="Names">The person's own first, then those of other addresses.</param>
public sealed record OneAccount(AccountName Account, ImmutableArray<AccountName> Names)
{
    /// <summary>As read models know it: for whoever shows an account.</summary>
    public static async Task<OneAccount> Of(NpgsqlConnection connection, AccountName account, CancellationToken ct)
    {
        const string Sql = """
            with one as (select coalesce((select person from invoicing.alias where alias = $1), $1) as person)
            select person as name, 0 as place from one
            union all
            select alias, 1 from invoicing.alias where person = (select person from one)
            order by place, name
            limit 10000
            """;

        if (account.Kind != "pi")
        {
            return new(account, [account]);
        }

        await using var command = connection.Statement(Sql, [account.Name]);
        ImmutableArray<AccountName> names = [.. (await command.Texts(ct)).Select(name => account with { Name = name })];
        return new(names[0], names);
    }

    /// <summary>As the journal says, for whoever moves money: what only a read model knows is left out.</summary>
    public static async Task<OneAccount> Of(
        UnitOfWork work, NpgsqlDataSource database, AccountName account, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        var shown = await Of(connection, account, ct);
        if (shown.Names.Length == 1)
        {
            return new(account, [account]);
        }

        var directory = await work.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        AccountName PersonOf(AccountName name) => AccountName.Of(directory.PiOf(new(name.Name)));
        var person = PersonOf(account);
        return new(person, [.. shown.Names.Where(name => PersonOf(name) == person).Prepend(person).Distinct()]);
    }
}
