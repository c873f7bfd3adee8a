using Exchange.Rating;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>The read model of which addresses are one person's.</summary>
internal static class AliasTable
{
    public static void Apply(NpgsqlBatch batch, DirectoryEvent happened)
    {
        if (happened is not DirectoryEvent.PisMerged merged)
        {
            return; // Whose projects are is asked of the directory itself.
        }

        InvoiceTables.Run(batch, """
            with gone as (
              select coalesce((select person from invoicing.alias where alias = $2), $2) as person)
            insert into invoicing.alias (alias, person)
            select alias, $1 from invoicing.alias where person = (select person from gone)
            union
            select person, $1 from gone
            on conflict (alias) do update set person = excluded.person
            """, merged.Pi.Value, merged.Alias.Value);
    }
}
