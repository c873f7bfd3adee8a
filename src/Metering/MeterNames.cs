using Exchange.Journal;

namespace Exchange.Metering;

/// <summary>Whether usage was ever reported under a name; each is one look into an index, and folds first.</summary>
public sealed partial class Meter
{
    public Task<bool> HasUsageOf(LandlordId landlord, CancellationToken ct) => HasUsageOf('l', landlord.Value, ct);

    public Task<bool> HasUsageOf(ClusterId cluster, CancellationToken ct) => HasUsageOf('c', cluster.Value, ct);

    public Task<bool> HasUsageOf(ProjectId project, CancellationToken ct) => HasUsageOf('p', project.Value, ct);

    private async Task<bool> HasUsageOf(char kind, string name, CancellationToken ct)
    {
        const string Sql = "select exists (select from metering.place where kind = $1::\"char\" and name = $2)";

        await Fold(ct);
        await using var command = _database.Statement(Sql, [kind.ToString(), name]);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }
}
