using System.Collections.Immutable;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// Who sells may ask for less at once, and for more only after customers had notice. Seen to fail when a sheet of the
/// 28th began on the 2nd at a hundred times the rate.
/// </summary>
public class RaisesNeedNotice
{
    private static readonly Instant Now = Acme.At(28);

    private static string Vm(string more) =>
        $$"""{name: VM, unit: vm-hour, counts: resource, per: hour, match: {kind: vm}, {{more}} }""";

    private static readonly PricePublishContext Used = new(
        ImmutableHashSet<BillingMonth>.Empty, [new(Acme.Landlord, Acme.Cluster, "vm", Acme.October.Period)])
    {
        RaisesFrom = Acme.October.End,
    };

    private static string? Publish(string before, string after, string from, PricePublishContext? standing = null, string more = "")
    {
        var old = PriceBook.Fold.Of(PriceBook.Publish(
            PriceBook.Fold.Initial, Acme.Sheet(before), new("old.yaml", Acme.Yaml(before)), "acme", Acme.At(1), PricePublishContext.Nothing).Events);
        return PriceBook.Publish(
            old, Acme.Sheet(after, from, more), new("new.yaml", Acme.Yaml(after, from: from, more: more)), "acme", Now, standing ?? Used).Refusal?.Code;
    }

    private const string TooEarly = "prices/raise-without-notice";

    [Theory]
    [InlineData("""rate: "1" """, """rate: "100" """)]
    [InlineData("""rate: "1" """, """rate: "1", minimum: "2" """)]
    [InlineData("""rate: "1" """, """rate: "1", minimum_charge: "5" """)]
    [InlineData("""rate: "1" """, """rate: "1", model: reservation, reservations: [{project: p1, count: "5", rate: "0.5", from: 2026-10}]""")]
    [InlineData("""rate: "1" """, """rate: "0.9", model: time-of-day, time_zone: UTC, hours: [{name: day, days: [mon], from: "08:00", until: "18:00", rate: "2"}]""")]
    [InlineData("""model: graduated, tiers: [{up_to: "10", rate: "1"}, {rate: "0.5"}]""", """model: graduated, tiers: [{up_to: "20", rate: "1"}, {rate: "0.5"}]""")]
    [InlineData("""model: graduated, tiers: [{up_to: "10", rate: "1"}, {rate: "0.5"}]""", """rate: "0.9" """)]
    [InlineData("""rate: "1", model: package, size: "10" """, """rate: "1", model: package, size: "5" """)]
    public void What_costs_more_begins_with_the_next_month(string before, string after)
    {
        Assert.Equal(TooEarly, Publish(Vm(before), Vm(after), "2026-10-02"));
        Assert.Equal(TooEarly, Publish(Vm(before), Vm(after), "2026-10-30"));
        Assert.Null(Publish(Vm(before), Vm(after), "2026-11"));
    }

    [Theory]
    [InlineData("""rate: "1" """, """rate: "0.5" """)]
    [InlineData("""rate: "1" """, """model: graduated, tiers: [{up_to: "10", rate: "1"}, {rate: "0.5"}]""")]
    [InlineData("""model: volume, tiers: [{up_to: "10", rate: "1"}, {rate: "0.5"}]""", """model: volume, tiers: [{up_to: "5", rate: "1"}, {rate: "0.5"}]""")]
    [InlineData("""rate: "1", minimum: "2" """, """rate: "1" """)]
    public void What_costs_less_may_begin_at_any_time(string before, string after) =>
        Assert.Null(Publish(Vm(before), Vm(after), "2026-10-02"));

    [Fact]
    public void A_raise_of_what_nobody_uses_harms_nobody() => Assert.Null(
        Publish(Vm("rate: \"1\""), Vm("rate: \"100\""), "2026-10-02", Used with { Usage = [] }));

    [Fact]
    public void Notice_is_a_setting_of_the_exchange()
    {
        Assert.Null(Publish(Vm("rate: \"1\""), Vm("rate: \"2\""), "2026-10-30", Used with { RaisesFrom = Now + Duration.FromDays(1) }));
        Assert.Equal(TooEarly, Publish(Vm("rate: \"1\""), Vm("rate: \"2\""), "2026-11", Used with { RaisesFrom = Now + Duration.FromDays(30) }));
        var lists = ExchangeLists.Fold.Initial;
        Assert.Equal(Acme.October.End, lists.RaisesFrom(Now));
        lists = ExchangeLists.Fold.Evolve(lists, new ExchangeListEvent.NoticeSet(14, "finance", Now));
        Assert.Equal(Now + Duration.FromDays(14), lists.RaisesFrom(Now));
    }

    [Fact]
    public void What_a_sheet_bills_or_rounds_is_a_price_too() => Assert.Equal(TooEarly, Publish(
        Vm("rate: \"1\""), Vm("rate: \"1\""), "2026-10-30",
        more: "policies: {corrected: {billable: [running, stopped], quantities: line}}"));

    [Fact]
    public void A_first_price_is_no_raise_and_charging_what_was_free_is_one()
    {
        const string Disk = """{name: Disk, unit: GiB-hour, rate: "1", counts: dimension, dimension: storage_gib, per: hour, match: {kind: volume} }""";
        Assert.Null(Publish(Acme.Vm, $"{Acme.Vm}\n{Disk}", "2026-10-02"));
        var free = SheetReader.Read(
            Acme.Yaml() + "\nunbilled:\n  - {match: {kind: volume}, because: it comes with the VM}\n", "free.yaml");
        Assert.Contains("not billed now", PriceRaise.Find(free, Acme.Sheet($"{Acme.Vm}\n{Disk}")), StringComparison.Ordinal);
    }

    /// <summary>
    /// Whatever is let through early, no drawn usage costs more by it; whatever costs drawn usage more is not let through.
    /// </summary>
    [Fact]
    public void What_begins_early_costs_nobody_more() => Prop.ForAll(Arb.From(
        from before in Model
        from after in Model
        from hours in Gen.Choose(1, 500)
        select (before, after, hours)), drawn =>
        {
            Money Cost(string model) => Acme.Rate(
                Acme.Books(Acme.Sheet(Vm(model))), Acme.Ran("a", Acme.At(1), Acme.At(1) + Duration.FromHours(drawn.hours))).Total;
            if (Publish(Vm(drawn.before), Vm(drawn.after), "2026-10-02") is null)
            {
                Assert.True(Cost(drawn.after) <= Cost(drawn.before) + new Money(1)); // Steps are rounded each.
            }
        }).Check(Draws.Properties());

    private static Gen<string> Model { get; } =
        from kind in Gen.Choose(0, 6)
        from rate in Gen.Choose(1, 9)
        from next in Gen.Choose(1, 9)
        from edge in Gen.Choose(1, 400)
        select kind switch
        {
            0 => $"rate: \"0.{rate}\"",
            1 => $"model: graduated, tiers: [{{up_to: \"{edge}\", rate: \"0.{rate}\"}}, {{rate: \"0.{next}\"}}]",
            2 => $"model: volume, tiers: [{{up_to: \"{edge}\", rate: \"0.{rate}\"}}, {{rate: \"0.{next}\"}}]",
            3 => $"model: package, size: \"{next}\", rate: \"0.{rate}\"",
            4 => $"rate: \"0.{rate}\", minimum_charge: \"{next}.5\"",
            5 => $"model: time-of-day, rate: \"0.{rate}\", time_zone: America/New_York, " +
                $"hours: [{{name: night, days: [mon, tue], from: \"00:00\", until: \"0{next}:00\", rate: \"0.{(edge % 9) + 1}\"}}]",
            _ => $"rate: \"0.{rate}\", minimum: \"{edge}\"",
        };
}
