using System.Runtime.ExceptionServices;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>What is stored is not what was written: whoever needs it is told where, and nobody else stops.</summary>
public static class Unreadable
{
    public const string Code = "meter/unreadable";

    internal static RefusedException At(string? place, string why = "These bytes are not what was written.") => new(new(
        Code, $"{why} 'exchange verify' names every such place; restore it from a backup.", place));

    /// <summary>Refuses with the block that a question finds to be gone though it was folded.</summary>
    internal static async Task RefuseMissing(
        NpgsqlConnection connection, string sql, object[] parameters, CancellationToken ct)
    {
        await using var command = connection.Statement(sql, parameters);
        if (await command.ExecuteScalarAsync(ct) is long number)
        {
            throw At($"block {number}", "It is missing.");
        }
    }

    /// <summary>Does something on every core; what cannot be read there is told as it is.</summary>
    internal static void InParallel(Action work)
    {
        try
        {
            work();
        }
        catch (AggregateException e) when (e.InnerExceptions.FirstOrDefault(Is) is { } found)
        {
            ExceptionDispatchInfo.Throw(found);
        }
    }

    internal static bool Is(Exception e) => e is RefusedException { Refusal.Code: Code };

    /// <summary>Names the place that cannot be read, where the one who found it did not know it.</summary>
    internal static RefusedException In(RefusedException found, string place) =>
        found.Refusal.Where is null ? new(found.Refusal with { Where = place }) : found;
}
