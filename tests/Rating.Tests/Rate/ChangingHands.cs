using Exchange.Metering;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// A project that changes hands inside a month: its charges are split by who had it when it was used, and come to what
/// they would have come to in one hand.
/// </summary>
public class ChangingHands
{
    private static readonly PiId Ada = new("ada@bu.edu");
    private static readonly PiId Eve = new("eve@bu.edu");
    private static readonly Instant Move = Acme.At(11, 12);

    /// <summary>One SKU of each model; the examples of the sheet are not looked at.</summary>
    private static readonly string[] Models =
    [
        """rate: "1.1" """,
        """model: graduated, tiers: [{up_to: "100", rate: "1"}, {up_to: "300", rate: "0.7"}, {rate: "0.3"}]""",
        """model: volume, tiers: [{up_to: "100", rate: "1"}, {rate: "0.7"}]""",
        """model: package, size: "7", rate: "3.33" """,
        """model: commitment, rate: "1", commitments: [{project: p1, quantity: "150", rate: "0.4"}]""",
        """model: reservation, rate: "1", reservations: [{project: p1, count: "2", rate: "0.4", from: 2026-10-05, until: 2026-10-20T06:00:00Z}]""",
        """model: time-of-day, rate: "1", time_zone: America/New_York, hours: [{name: night, days: [mon, tue, wed, thu, fri], from: "00:00", until: "08:00", rate: "0.3"}]""",
        """rate: "1", minimum: "30" """,
        """rate: "1", minimum_charge: "333.33" """,
    ];

    private static readonly string[] Quantities = ["exact", "line", "resource", "resource-hours"];

    private static PriceBooks Books(string model, string quantities, string scope = "project") => Acme.Books(Acme.Sheet(
        $"{{name: VM, unit: vm-hour, counts: dimension, dimension: vcpu, per: hour, scope: {scope}, {model}, " +
        "match: {kind: vm}}",
        more: $"policies: {{corrected: {{billable: [running], quantities: {quantities}}}}}"));

    private static RateRequest Moved(params Instant[] moves) => new(Acme.October)
    {
        MovesOf = (_, project) => project == Acme.Project ? [.. moves] : [],
        PiOf = (_, project, at) => project == Acme.Project && moves.Length > 0 && at >= moves[0] ? Eve : Ada,
    };

    /// <summary>
    /// Resources of two projects, of which the first moves; cut where the month's hands change or not.
    /// </summary>
    private static Gen<(int Model, int Quantities, Segment[] Usage, Instant[] Moves)> Cases { get; } =
        from model in Gen.Choose(0, Models.Length - 1)
        from quantities in Gen.Choose(0, Quantities.Length - 1)
        from edges in Gen.Choose(0, 31 * 86_400).ArrayOf(12)
        from sizes in Gen.Choose(1, 5).ArrayOf(6)
        from moves in Gen.Choose(1, (31 * 86_400) - 1).ArrayOf(3)
        select (model, quantities, edges.Chunk(2).Select((edge, n) => Acme.Ran(
                $"{n}", Acme.At(1) + Duration.FromSeconds(edge.Min()),
                Acme.At(1) + Duration.FromSeconds(edge.Max() + 1), Vcpu(sizes[n]),
                project: n % 3 == 2 ? "p2" : "p1")).ToArray(),
            moves.Distinct().Order().Select(second => Acme.At(1) + Duration.FromSeconds(second)).ToArray());

    /// <summary>What fills up to a minimum is another test's.</summary>
    private static List<(string Step, decimal Quantity, Money Amount, int Charges)> Steps(Rated rated) =>
        [.. rated.Charges
        .Where(c => c.Step != "up to the minimum").GroupBy(c => $"{c.Project} {c.Step}")
            .OrderBy(of => of.Key, StringComparer.Ordinal).Select(of => (
            of.Key, of.Sum(c => c.Quantity.Amount), Money.Sum(of.Select(c => c.Amount)), of.Count()))];

    [Fact]
    public void Costs_in_its_parts_what_it_costs_in_one_hand_by_every_model() => Prop.ForAll(Arb.From(Cases), drawn =>
    {
        var books = Books(Models[drawn.Model], Quantities[drawn.Quantities]);
        var (whole, parts) = (Steps(Acme.Rate(books, Moved(), drawn.Usage)),
            Steps(Acme.Rate(books, Moved(drawn.Moves), drawn.Usage)));
        Assert.Equal(whole.Select(s => s.Step), parts.Select(s => s.Step));
        foreach (var (one, split) in whole.Zip(parts))
        {
            Assert.Equal(one.Quantity, split.Quantity, 18);
            Assert.True(long.Abs(one.Amount.Cents - split.Amount.Cents) <= (split.Charges + 1) / 2, $"{one} {split}");
        }
    }).Check(Draws.Properties());

    [Fact]
    public void A_minimum_charge_is_met_once_and_to_the_cent() => Prop.ForAll(Arb.From(Cases), drawn =>
    {
        var minutes = drawn.Usage.Select(used => used with
        {
            Project = Acme.Project,
            Period = new(used.Period.Start, used.Period.Start + Duration.FromMinutes(7)),
        }).Where(used => used.Period.End <= Acme.October.End);
        var total = Acme.Rate(Books(Models[8], "exact"), Moved(drawn.Moves), minutes).Total;
        return total.IsZero || total == new Money(33_333);
    }).Check(Draws.Properties());

    /// <summary>40 hours of Ada's time and 120 of Eve's are 160 on one scale: 100 at $1 and 60 at $0.70.</summary>
    [Fact]
    public void Tiers_of_a_project_are_one_scale_shared_by_use() => Assert.Equal(
        "p1 VM 25 vm-hour 25.00 USD;p1 VM 15 vm-hour 10.50 USD;p1 VM 75 vm-hour 75.00 USD;p1 VM 45 vm-hour 31.50 USD",
        Show(Acme.Rate(Books(Models[1], "line"), Moved(Move), Used())));

    /// <summary>Ada's scale has her 40 hours and the 80 of her other project; Eve's has 120.</summary>
    [Fact]
    public void Tiers_of_a_PI_add_up_what_was_used_while_a_project_was_theirs() => Assert.Equal(
        "p1 VM 33.3333 vm-hour 33.33 USD;p1 VM 6.6667 vm-hour 4.67 USD;p1 VM 100 vm-hour 100.00 USD;" +
        "p1 VM 20 vm-hour 14.00 USD;p2 VM 66.6667 vm-hour 66.67 USD;p2 VM 13.3333 vm-hour 9.33 USD",
        Show(Acme.Rate(Books(Models[1], "line", "pi"), Moved(Move), [.. Used(), Other()])));

    /// <summary>
    /// 240 hours: 100 at $1, 140 at $0.70; of each a sixth is Ada's of p1, a half Eve's, a third p2's.
    /// </summary>
    [Fact]
    public void Tiers_of_a_landlord_are_one_scale_over_all() => Assert.Equal(
        "p1 VM 16.6667 vm-hour 16.67 USD;p1 VM 23.3333 vm-hour 16.33 USD;p1 VM 50 vm-hour 50.00 USD;" +
        "p1 VM 70 vm-hour 49.00 USD;p2 VM 33.3333 vm-hour 33.33 USD;p2 VM 46.6667 vm-hour 32.67 USD",
        Show(Acme.Rate(Books(Models[1], "line", "landlord"), Moved(Move), [.. Used(), Other()])));

    /// <summary>150 hours a month are promised, of which 10.5 of 31 days are Ada's, whoever used them.</summary>
    [Fact]
    public void A_promise_is_kept_by_whoever_has_the_project_and_what_is_more_is_of_who_used_it()
    {
        var charges = Acme.Rate(Books(Models[4], "exact"), Moved(Move), Used()).Charges;
        Assert.Equal(
            "committed 50.8065;above the commitment 2.5;committed 99.1935;above the commitment 7.5",
            string.Join(';', charges.OrderBy(c => c.Period.Start).ThenByDescending(c => c.Step, StringComparer.Ordinal)
                .Select(c => $"{c.Step} {Text.Of(decimal.Round(c.Quantity.Amount, 4, MidpointRounding.ToEven))}")));
        Assert.Equal(
            [("", "ada@bu.edu"), ("~2026-10-11T12:00:00Z", "eve@bu.edu")],
            charges.Select(c => (c.Since, $"{Moved(Move).PiOf!(c.Cluster, c.Project, c.Period.Start)}")).Distinct());
    }

    [Fact]
    public void Every_piece_of_usage_is_told_to_the_charge_of_its_owner()
    {
        var told = new List<Contribution>();
        var rater = new Rater(Books(Models[1], "line"), Moved(Move), told.Add);
        rater.Add(Acme.Ran("v", Acme.At(11), Acme.At(12), """{"vcpu":"1"}"""));
        var charges = rater.Finish().Charges;
        Assert.Equal(
            [(new Period(Acme.At(11), Move), 1), (new Period(Move, Acme.At(12)), 1)],
            told.Select(part => (part.Period, charges.Count(charge => part.IsOf(charge.Id)))));
    }

    [Fact]
    public void Counts_and_egress_belong_to_the_owner_of_their_day()
    {
        var books = Acme.Books(Acme.Sheet(
            """{name: Jobs, unit: job, counts: meter, meter: jobs, model: graduated, tiers: [{up_to: "10", rate: "2"}, {rate: "1"}], match: {kind: vm}}""")) with
        {
            Public = [new("AWS", "r", new(2026, 1, 1), "", [new(null, 0.1m)])],
        };
        var rater = new Rater(books, Moved(Move));
        foreach (var (meter, day, quantity) in ((string, int, int)[])[
            ("jobs", 3, 15), ("jobs", 12, 5), ("egress", 3, 10), ("egress", 20, 20)])
        {
            rater.Add(new DailyTotal(Acme.Resource("v"), Acme.Project, meter, new(2026, 10, day), quantity));
        }

        Assert.Equal(
            " Egress  10 0.00 1.00; Jobs up to 10 7.5 15.00 ; Jobs above 10 7.5 7.50 ;~ Egress  20 0.00 2.00;" +
            "~ Jobs up to 10 2.5 5.00 ;~ Jobs above 10 2.5 2.50 ",
            string.Join(';', rater.Finish().Charges.OrderBy(c => c.Since.Length)
                .ThenBy(c => c.Sku.Value, StringComparer.Ordinal)
                .ThenByDescending(c => c.Step, StringComparer.Ordinal).Select(c =>
                    $"{(c.Since.Length > 0 ? "~" : "")} {c.Sku} {c.Step} {Text.Of(c.Quantity.Amount)} {c.Amount.Amount:0.00} {c.Avoided?.Amount:0.00}")));
    }

    private static string Vcpu(int number) => $$"""{"vcpu":"{{number}}"} """;

    private static Segment[] Used() =>
    [
        Acme.Ran("a", Acme.At(9, 20), Move, """{"vcpu":"1"}"""),
        Acme.Ran("b", Move, Acme.At(16, 12), """{"vcpu":"1"}"""),
    ];

    private static Segment Other() =>
        Acme.Ran("c", Acme.At(20), Acme.At(21, 16), """{"vcpu":"2"}""", project: "p2");

    private static string Show(Rated rated) => string.Join(';', rated.Charges
        .OrderBy(c => c.Project.Value, StringComparer.Ordinal).ThenBy(c => c.Period.Start)
        .ThenBy(c => c.Step, StringComparer.Ordinal).Select(c =>
            $"{c.Project} {c.Sku} {Text.Of(decimal.Round(c.Quantity.Amount, 4, MidpointRounding.ToEven))} " +
            $"{c.Quantity.Unit} {c.Amount}"));
}
