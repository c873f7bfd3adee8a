using Exchange.Metering;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// Invariant 6: nothing that a landlord writes makes an egress charge. Seen to fail with the check switched off, and
/// with a name struck from the list of marks.
/// </summary>
public class EgressIsFree
{
    private static string Codes(string sku) => string.Join(' ', Publication.Check(
        [new("pricing/acme/compute/x.yaml", Acme.Yaml($"{Acme.Vm}\n{sku}"))], [new("telco")]).Refusals.Select(r => r.Code));

    private static string Meter(string meter, string rate = "0.09", string more = "", string name = "Data") =>
        $$"""{name: {{name}}, unit: GiB, rate: "{{rate}}", counts: meter, meter: {{meter}}{{more}}, match: {kind: vm} }""";

    [Theory]
    [InlineData("egress")]
    [InlineData("Egress_GiB")]
    [InlineData("network.outgoing.bytes")]
    [InlineData("storage.objects.outgoing.bytes")]
    [InlineData("bandwidth")]
    [InlineData("l3.meter")]
    [InlineData("data-transfer-out")]
    [InlineData("tx_bytes")]
    [InlineData("internet_out_gib")]
    [InlineData("downloads")]
    public void A_rate_on_a_meter_of_egress_is_refused(string meter)
    {
        Assert.Equal("prices/egress-charged", Codes(Meter(meter)));
        Assert.Equal("", Codes(Meter(meter, "0")));
    }

    [Theory, InlineData("gizmos"), InlineData("other_gib"), InlineData("e-gress"), InlineData("sserge")]
    public void A_meter_that_nobody_knows_could_be_egress(string meter) =>
        Assert.NotEqual("", Codes(Meter(meter)));

    /// <summary>Each was published, or could have been by a slip, before there was a rule for it.</summary>
    [Theory]
    [InlineData("""{name: Held, unit: GiB-hour, rate: "1", counts: dimension, dimension: storage_gib, per: hour, match: {kind: quota, quota: Egress Quota (GiB)}}""")]
    [InlineData("""{name: Еgrеss, unit: GiB, rate: "1", counts: meter, meter: requests, match: {kind: vm}}""")]
    [InlineData("""{name: ｅｇｒｅｓｓ, unit: GiB, rate: "1", counts: meter, meter: requests, match: {kind: vm}}""")]
    [InlineData("""{name: Bändwidth, unit: GiB, rate: "1", counts: meter, meter: requests, match: {kind: vm}}""")]
    [InlineData("""{name: Egre55 fee, unit: GiB, rate: "1", counts: meter, meter: requests, match: {kind: vm}}""")]
    [InlineData("""{name: D4ta 0ut, unit: GiB, rate: "1", counts: meter, meter: requests, match: {kind: vm}}""")]
    [InlineData("""{name: Access, unit: GiB-out, rate: "1", counts: meter, meter: requests, match: {kind: vm}}""")]
    [InlineData("""{name: Access, unit: h, rate: "1", counts: resource, per: hour, match: {kind: egress-gateway}}""")]
    [InlineData("""{name: Net, unit: h, rate: "1", counts: bundle, bundle: {vcpu: "1", network.out: "1"}, per: hour, match: {kind: pod}}""")]
    [InlineData("""{name: Access, unit: GiB, rate: "0", minimum_charge: "5", counts: meter, meter: transfer, match: {kind: vm}}""")]
    [InlineData("""{name: Access, unit: GiB, counts: meter, meter: gib_out, model: graduated, tiers: [{up_to: "1", rate: "0"}, {rate: "0.01"}], match: {kind: vm}}""")]
    [InlineData("""{name: Access, unit: USD, counts: meter, meter: egress_cost, model: pass-through, markup: "0", match: {kind: bill}}""")]
    [InlineData("""{name: Access, unit: GiB, rate: "0", counts: meter, meter: egress, model: commitment, commitments: [{project: p1, quantity: "5", rate: "1"}], match: {kind: vm}}""")]
    [InlineData("""{name: Access, unit: GiB, rate: "0", counts: meter, meter: egress, wholesale: {payee: telco, rate: "0.01"}, below_wholesale: told, match: {kind: vm}}""")]
    [InlineData("""{name: Access, unit: req, rate: "1", counts: meter, meter: requests, wholesale: {rate: "1", behind: [{landlord: telco, meter: egress_gib}]}, match: {kind: vm}}""")]
    [InlineData("""{name: Access, unit: h, rate: "0", counts: dimension, dimension: bandwidth, per: hour, model: time-of-day, time_zone: UTC, hours: [{name: day, days: [mon], from: "08:00", until: "18:00", rate: "1"}], match: {kind: pod}}""")]
    public void A_disguise_is_seen_through(string sku) => Assert.Equal("prices/egress-charged", Codes(sku));

    [Fact]
    public void A_service_that_charges_cannot_have_its_name() => Assert.Equal("prices/egress-charged", string.Join(
        ' ', Publication.Check([new("pricing/x.yaml", Acme.Yaml(service: "data-transfer"))]).Refusals.Select(r => r.Code)));

    /// <summary>Names that hold look-alikes by chance stay what they are.</summary>
    [Theory, InlineData("GPU-A100"), InlineData("Δοκιμή"), InlineData("Хранилище 1000"), InlineData("h100 80gb")]
    public void A_harmless_name_stays_harmless(string name) => Assert.False(Egress.IsNamedBy(name));

    [Fact]
    public void A_minimum_is_a_charge() => Assert.Equal(
        "prices/egress-charged", Codes(Meter("egress", "0", ", minimum: \"5\"")));

    [Fact]
    public void A_harmless_meter_under_the_name_of_egress_is_refused() => Assert.Equal(
        "prices/egress-charged", Codes(Meter("requests", name: "Outbound traffic")));

    [Fact]
    public void A_service_invoice_cannot_list_it() => Assert.Equal(
        "prices/egress-charged", Codes(Meter("requests", more: ", listed_as: Data transfer")));

    [Fact]
    public void A_bundle_cannot_hold_it() => Assert.Equal("prices/egress-charged", Codes(
        """{name: Net, unit: SU-hour, rate: "1", counts: bundle, bundle: {vcpu: "1", egress_gib: "10"}, per: hour, match: {kind: pod}}"""));

    [Fact]
    public void A_dimension_of_a_shape_cannot_be_it() => Assert.Equal("prices/egress-charged", Codes(
        """{name: Net, unit: GiB-hour, rate: "1", counts: dimension, dimension: bandwidth_mbit, per: hour, match: {kind: pod}}"""));

    [Fact]
    public void A_flat_price_for_what_sends_cannot_be_asked() => Assert.Equal("prices/egress-charged", Codes(
        """{name: Net, unit: h, rate: "1", counts: resource, per: hour, match: {kind: pod, egress_gib: any}}"""));

    [Theory]
    [InlineData("markup: \"0.1\"")]
    [InlineData("alias: egress")]
    [InlineData("renames: {egress: requests}")]
    public void There_is_no_other_door(string key) =>
        Assert.NotEqual("", Codes(Meter("egress", "0", $", {key}")));

    [Fact]
    public void A_sheet_that_charges_it_all_the_same_is_not_rated()
    {
        var sheet = Acme.Sheet(Meter("egress"));
        Assert.Throws<InvalidOperationException>(() => Acme.Count(Acme.Books(sheet), Sent("egress", 1)));
        var bundle = Acme.Sheet("""
            {name: Net, unit: SU-hour, rate: "1", counts: bundle, bundle: {egress_gib: "10"}, per: hour, match: {kind: vm}}
            """);
        Assert.Throws<InvalidOperationException>(() => Acme.Rate(
            Acme.Books(bundle), Acme.Ran("v", Acme.At(1), Acme.At(2), """{"egress_gib":"10"}""")));
    }

    [Theory]
    [InlineData("egress", "1024", "92.16")]
    [InlineData("network.outgoing.bytes", "1099511627776", "92.16")]
    [InlineData("egress_gb", "1099.511627776", "92.16")]
    [InlineData("egress_tb", "1.099511627776", "92.16")]
    [InlineData("egress_gigabytes", "1099.511627776", "92.16")]
    [InlineData("egress_gibibytes", "1024", "92.16")]
    [InlineData("outbound_kb", "1099511627.776", "92.16")]
    [InlineData("outbound_gbit", "8796.093022208", "92.16")]
    [InlineData("egress_teraoctets", "1.099511627776", "92.16")]
    public void It_is_shown_at_nothing_with_what_a_public_cloud_would_have_asked(
        string meter, string quantity, string avoided)
    {
        var books = Acme.Books(Acme.Sheet()) with
        {
            Public = [new("AWS", "us-east-1", new(2026, 1, 1), "", [new(10_240, 0.09m), new(null, 0.05m)])],
        };
        var charge = Assert.Single(Acme.Count(books, Sent(meter, decimal.Parse(quantity, null))).Charges);
        Assert.Equal((Money.Zero, avoided), (charge.Amount, Text.Of(charge.Avoided!.Value.Amount)));
    }

    [Fact]
    public void What_sheets_may_charge_never_makes_an_egress_charge() => Prop.ForAll<NonEmptyString, PositiveInt, bool>(
        (name, rate, isMinimum) =>
        {
            var meter = Array.Find(["egress", "outgoing", "bandwidth_out", "requests"], m =>
                m.Length % 4 == name.Get.Length % 4) ?? "tokens";
            var sheet = Acme.Yaml($"{Acme.Vm}\n" + Meter(
                meter, isMinimum ? "0" : $"{rate.Get}", isMinimum ? $", minimum: \"{rate.Get}\"" : ""));
            sheet = Egress.IsNamedBy(meter) ? sheet : sheet.Replace("name: Data, unit: GiB", "name: Op, unit: op", StringComparison.Ordinal);
            var isPublished = Publication.Check([new("pricing/a.yaml", sheet)]).Refusals.IsEmpty;
            var charges = isPublished
                ? Acme.Count(Acme.Books(SheetReader.Read(sheet, "a")), Sent(meter, rate.Get), Sent("egress", 7)).Charges
                : [];
            return charges.Where(c => c.Avoided is not null || Egress.IsNamedBy(c.Sku.Value)).All(c => c.Amount.IsZero)
                && isPublished == !Egress.IsNamedBy(meter);
        }).Check(Draws.Properties());

    private static DailyTotal Sent(string meter, decimal quantity) =>
        new(Acme.Resource("v"), Acme.Project, meter, new(2026, 10, 3), quantity);
}
