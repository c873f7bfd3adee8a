using Exchange.Invoicing.Closing;
using Exchange.Portal.ReadModels;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A month may be closed by one server while another writes what pages show: it is closed in the journal before the
/// tables of invoices say so.
/// </summary>
public sealed class ClosedMonthsAreWritten
{
    /// <summary>It was written as closed and without a charge, for good, and credits of it could not be written.</summary>
    [Fact]
    public async Task As_billed_also_by_who_comes_before_the_tables_of_invoices()
    {
        await using var serving = await UsedMonth.Start();
        var exchange = serving.Exchange;
        await CloseMonth.Commit(
            exchange.Sources, UsedMonth.Month, "corrected", new HashSet<string>(), "frances", UsedMonth.Now, Serving.Ct);

        await RateMonths.Run(exchange, _ => { }, Serving.Ct);

        await exchange.Projections.CatchUp(Serving.Ct);
        await RateMonths.Run(exchange, _ => { }, Serving.Ct);
        await using var command = exchange.Database.CreateCommand("""
            select (select coalesce(sum(cents), 0) from exchange.charge where month = '2026-10') = sum(cents)
              and sum(cents) > 0
            from invoicing.line
            """);
        Assert.True((bool)(await command.ExecuteScalarAsync(Serving.Ct))!);
    }
}
