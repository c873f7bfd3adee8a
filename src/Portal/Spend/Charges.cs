using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Spend;

/// <summary>
/// Which charges are asked for; whatever is not null narrows. The landlord and the PI come from the viewer.
/// </summary>
/// <param name="After">The key after which the page begins: that of the last one of the page before.</param>
internal sealed record ChargeQuery(
    BillingMonth Month, LandlordId? Landlord = null, PiId? Pi = null, ProjectId? Project = null,
    ClusterId? Cluster = null,
    string? Id = null, string After = "", int Limit = 200);

/// <summary>Reads charges as they are shown.</summary>
internal static class Charges
{
    private const string Columns = """
        month, id, landlord, service, cluster, project, project_name, pi, institution, sku,
        quantity, unit, rate, cents, avoided, sheet, from_at, to_at
        """;

    public static async Task<IReadOnlyList<ShownCharge>> Find(
        View view, ChargeQuery query, CancellationToken ct)
    {
        const string Sql = $"""
            select {Columns}
            from exchange.charge
            where month = $1
              and (id, pi) > ($2, $9)
              and ($3::text is null or landlord = $3)
              and ($4::text is null or pi = $4)
              and ($5::text is null or project = $5)
              and ($6::text is null or cluster = $6)
              and ($7::text is null or id = $7)
            order by id, pi
            limit $8
            """;

        var after = query.After.Split('\n');
        await using var command = await view.Command(Sql, ct);
        command.Parameters.Add(new() { Value = query.Month.ToString() });
        command.Parameters.Add(new() { Value = after[0] });
        foreach (var narrow in (string?[])[
            query.Landlord?.Value, query.Pi?.Value, query.Project?.Value, query.Cluster?.Value, query.Id])
        {
            command.Parameters.Add(new() { Value = (object?)narrow ?? DBNull.Value, DataTypeName = "text" });
        }

        command.Parameters.Add(new() { Value = query.Limit });
        command.Parameters.Add(new() { Value = after.Length > 1 ? after[1] : "" });
        return await All(command, ct);
    }

    /// <summary>All charges of some PIs, for whoever works for everybody; '' is nobody's.</summary>
    public static async Task<IReadOnlyList<ShownCharge>> Of(
        NpgsqlConnection connection, BillingMonth month, string[] pis, CancellationToken ct)
    {
        const string Sql = $"select {Columns} from exchange.charge where month = $1 and pi = any($2) order by id, pi";
        await using var command = connection.Statement(Sql, [month.ToString(), pis]);
        return await All(command, ct);
    }

    private static async Task<IReadOnlyList<ShownCharge>> All(NpgsqlCommand command, CancellationToken ct)
    {
        await using var rows = await command.ExecuteReaderAsync(ct);
        var charges = new List<ShownCharge>();
        while (await rows.ReadAsync(ct))
        {
            charges.Add(Read(rows));
        }

        return charges;
    }

    private static ShownCharge Read(NpgsqlDataReader rows)
    {
        var unit = new Unit(rows.GetString(11));
        return new()
        {
            Month = BillingMonth.Parse(rows.GetString(0)),
            Id = rows.GetString(1),
            Landlord = new(rows.GetString(2)),
            Service = rows.GetString(3),
            Cluster = new(rows.GetString(4)),
            Project = new(rows.GetString(5)),
            ProjectName = rows.GetString(6),
            Pi = rows.GetString(7) is { Length: > 0 } pi ? new PiId(pi) : null,
            Institution = rows.GetString(8) is { Length: > 0 } institution ? institution : null,
            Sku = new(rows.GetString(9)),
            Quantity = new(rows.GetDecimal(10), unit),
            Rate = new(rows.GetDecimal(12), unit),
            Amount = new(rows.GetInt64(13)),
            Avoided = rows.IsDBNull(14) ? null : new Money(rows.GetInt64(14)),
            Sheet = rows.GetString(15),
            Period = new(rows.GetFieldValue<Instant>(16), rows.GetFieldValue<Instant>(17)),
        };
    }
}
