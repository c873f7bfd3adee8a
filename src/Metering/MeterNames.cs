using Exchange.Journal;

namespace Exchange.Metering;

/// <summary>Whether usage was ever reported under a name; each is one look into an index, and folds first.</summary>
public sealed partial class Meter
{
    public Task<bool> HasUsageOf(LandlordId landlord, CancellationToken ct) =>
        HasUsageOf('l', landlord.Value, landlord, ct);

    public Task<bool> HasUsageOf(ClusterId cluster, CancellationToken ct) => HasUsageOf('c', cluster.Value, null, ct);

    public Task<bool> HasUsageOf(ProjectId project, CancellationToken ct) => HasUsageOf('p', project.Value, null, ct);

    private async Task<bool> HasUsageOf(char kind, string name, LandlordId? whose, CancellationToken ct)
    {
        const string Sql = "select exists (select from metering.place where kind = $1::\"char\" and name = $2)";

        var (asked, isKnown) = (await Ask(whose, ct), false);
        foreach (var lane in asked.Lanes)
        {
            await using var command = lane.Database.Statement(Sql, [kind.ToString(), name]);
            isKnown |= (bool)(await command.ExecuteScalarAsync(ct))!;
        }

        await asked.Check(ct);
        return isKnown;
    }
}
