using Parquet;
using Parquet.Schema;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>What can be had as Parquet says the same as its CSV, with numbers as decimals.</summary>
public sealed class FilesInParquet
{
    [Fact]
    public async Task A_month_as_FOCUS_in_Parquet_has_the_rows_of_its_CSV_with_typed_columns()
    {
        using var small = await SmallExchange.Start();
        await small.Told("cluster,project,name,pi\nc1,p-1,One,ada@bu.edu");
        await small.Ran("p-1", "pod-1", "2026-10-01T00:00:00Z", "2026-10-05T04:00:00Z");
        await small.Counted("p-1", "bucket-1", "2026-10-03T05:00:00Z", 1_500);
        await small.Done("close --month 2026-10 --commit");
        var folder = small.Folder("focus");
        await small.Done($"export focus --month 2026-10 --out {folder}");
        await small.Done($"export focus --month 2026-10 --out {folder} --as parquet");

        var csv = (await File.ReadAllLinesAsync(Path.Combine(folder, "focus-2026-10.csv"), Serving.Ct))[0].Split(',');
        await using var file = await ParquetReader.CreateAsync(
            Path.Combine(folder, "focus-2026-10.parquet"), cancellationToken: Serving.Ct);
        Assert.Equal(csv, file.Schema.DataFields.Select(field => field.Name));
        Assert.Equal(typeof(decimal), Field("BilledCost").ClrType);
        Assert.Equal(typeof(DateTime), Field("ChargePeriodStart").ClrType);
        using var group = file.OpenRowGroupReader(0);
        var rows = (int)group.RowCount;
        Assert.Equal(2, rows);
        var amounts = new decimal?[rows];
        await group.ReadAsync<decimal>(Field("x_Amount"), amounts, cancellationToken: Serving.Ct);
        Assert.Equal(4.30m, amounts.Sum()); // 100 SU-hours at $0.013, and 1,500 requests at $0.002.
        var egress = new decimal?[rows];
        await group.ReadAsync<decimal>(Field("x_EgressElsewhere"), egress, cancellationToken: Serving.Ct);
        Assert.All(egress, one => Assert.Null(one));
        await small.Done($"export focus --month 2026-10 --out {folder} --as parquet --focus 1.3");
        await using var newer = await ParquetReader.CreateAsync(
            Path.Combine(folder, "focus-2026-10.parquet"), cancellationToken: Serving.Ct);
        Assert.Equal(
            ["AllocatedMethodDetails", "AllocatedMethodId", "AllocatedResourceId", "AllocatedResourceName",
                "AllocatedTags", "ContractApplied", "HostProviderName", "ServiceProviderName", "x_CustomerCode",
                "x_PaidFor"],
            newer.Schema.DataFields.Select(field => field.Name).Except(csv).Order(StringComparer.Ordinal));
        var refused = await small.Line($"export charges --month 2026-10 --out {folder} --as parquet");
        Assert.Contains("export/no-such-form", refused.Errors, StringComparison.Ordinal);

        DataField Field(string name) => file.Schema.DataFields.Single(field => field.Name == name);
    }
}
