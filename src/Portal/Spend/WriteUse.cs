using Npgsql;
using NpgsqlTypes;

namespace Exchange.Portal.Spend;

/// <summary>Writes what first pages show of a month's resources, and reads it for one PI.</summary>
internal static class WriteUse
{
    /// <param name="use">The costliest resources of each PI, the costliest first.</param>
    public static async Task Run(NpgsqlConnection connection, BillingMonth month, MonthUse use, CancellationToken ct)
    {
        await CopyCostly(connection, month, use.Costly, ct);
        await CopyGpus(connection, month, use.Gpus, ct);
    }

    private static async Task CopyCostly(
        NpgsqlConnection connection, BillingMonth month, IEnumerable<CostlyResource> costly, CancellationToken ct)
    {
        const string Copy = """
            copy exchange.costly (
              month, pi, place, landlord, cluster, kind, subject, project_name, charge, cents)
            from stdin (format binary)
            """;

        await using var rows = await connection.BeginBinaryImportAsync(Copy, ct);
        foreach (var (resource, place) in costly.GroupBy(r => r.Pi)
            .SelectMany(ofOne => ofOne.Select((resource, i) => (resource, i + 1))))
        {
            var id = resource.Resource;
            await rows.StartRowAsync(ct);
            await Texts(rows, [month.ToString(), resource.Pi.Value], ct);
            await rows.WriteAsync(place, NpgsqlDbType.Integer, ct);
            await Texts(rows, [
                id.Landlord.Value, id.Cluster.Value, id.Kind, id.Subject, resource.ProjectName, resource.Charge,
            ], ct);
            await rows.WriteAsync(resource.Amount.Cents, NpgsqlDbType.Bigint, ct);
        }

        await rows.CompleteAsync(ct);
    }

    private static async Task CopyGpus(
        NpgsqlConnection connection, BillingMonth month, IEnumerable<GpuSpend> gpus, CancellationToken ct)
    {
        const string Copy = """
            copy exchange.gpu_held (month, pi, landlord, cluster, project, project_name, held, busy, cents)
            from stdin (format binary)
            """;

        await using var rows = await connection.BeginBinaryImportAsync(Copy, ct);
        foreach (var gpu in gpus)
        {
            await rows.StartRowAsync(ct);
            await Texts(rows, [
                month.ToString(), gpu.Pi.Value, gpu.Landlord.Value, gpu.Cluster.Value, gpu.Project.Value,
                gpu.ProjectName,
            ], ct);
            await rows.WriteAsync(gpu.Held, NpgsqlDbType.Numeric, ct);
            if (gpu.Busy is { } busy)
            {
                await rows.WriteAsync(busy, NpgsqlDbType.Numeric, ct);
            }
            else
            {
                await rows.WriteNullAsync(ct);
            }

            await rows.WriteAsync(gpu.Amount.Cents, NpgsqlDbType.Bigint, ct);
        }

        await rows.CompleteAsync(ct);
    }

    public static async Task<MonthUse> Read(View view, BillingMonth month, PiId pi, CancellationToken ct)
    {
        const string Costly = """
            select landlord, cluster, kind, subject, project_name, charge, cents
            from exchange.costly
            where month = $1 and pi = $2
            order by place
            limit 100
            """;
        const string Gpus = """
            select landlord, cluster, project, project_name, held, busy, cents
            from exchange.gpu_held
            where month = $1 and pi = $2
            order by busy / nullif(held, 0) nulls last, cents desc, landlord, cluster, project
            limit 2000
            """;

        return new(
            await Rows(Costly, row => new CostlyResource(
                pi, new(new(row.GetString(0)), new(row.GetString(1)), row.GetString(2), row.GetString(3)),
                row.GetString(4), row.GetString(5), new(row.GetInt64(6)))),
            await Rows(Gpus, row => new GpuSpend(
                pi, new(row.GetString(0)), new(row.GetString(1)), new(row.GetString(2)), row.GetString(3),
                row.GetDecimal(4), row.IsDBNull(5) ? null : row.GetDecimal(5), new(row.GetInt64(6)))));

        async Task<IReadOnlyList<T>> Rows<T>(string sql, Func<NpgsqlDataReader, T> read)
        {
            await using var command = await view.Command(sql, ct);
            command.Parameters.Add(new() { Value = month.ToString() });
            command.Parameters.Add(new() { Value = pi.Value });
            await using var rows = await command.ExecuteReaderAsync(ct);
            var found = new List<T>();
            while (await rows.ReadAsync(ct))
            {
                found.Add(read(rows));
            }

            return found;
        }
    }

    private static async Task Texts(NpgsqlBinaryImporter rows, string[] texts, CancellationToken ct)
    {
        foreach (var text in texts)
        {
            await rows.WriteAsync(text, NpgsqlDbType.Text, ct);
        }
    }
}
