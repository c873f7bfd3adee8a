using Exchange.Metering;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// What two parties agree that one pays used or not is priced as if the sheet said so, whatever its model, and nobody
/// else pays otherwise.
/// </summary>
public class StandingAgreements
{
    private static readonly HashSet<BillingMonth> Open = [];
    private static readonly Instant Now = Acme.At(1);

    private static string Node(string more = "rate: \"1\"") =>
        "{name: Node, unit: node-hour, counts: resource, per: hour, match: {kind: vm}, " + more + "}";

    private static StandingAgreement Reserved(
        decimal count, int from, int until, decimal rate = 0.5m, string project = "p1", string id = "R-1") => new(
            id, StandingKind.Reservation, Acme.Landlord, Acme.Cluster, new("Node"),
            [new(new(project), Acme.At(from))], new(Acme.At(from), Acme.At(until)), count, rate);

    private static StandingAgreement Committed(decimal amount, bool isSpend, int months = 1, decimal rate = 0.8m) => new(
        "C-1", StandingKind.Commitment, Acme.Landlord, Acme.Cluster, new("Node"),
        [new(new("p1"), Acme.October.Start)], new(Acme.October.Start, Acme.October.Plus(months).Start), amount, rate)
    {
        IsSpend = isSpend,
    };

    private static PriceBooks With(PriceBooks books, params StandingAgreement[] standing) =>
        books with { Agreements = books.Agreements with { Standing = [.. standing] } };

    private static string Lines(Rated rated) => string.Join("; ", rated.Charges.Select(
        charge => $"{charge.Project} {charge.Step ?? "all"} {charge.Quantity.Amount:0.####} {charge.Amount}"));

    [Fact]
    public void A_reservation_is_paid_for_its_own_hours_and_what_is_beyond_it_is_at_list()
    {
        // Reserved 2 for ten days: 480 h at 0.50. Used 3 from the 5th to the 15th: 5 days of 3 at 1, then 5 days of 1.
        var rated = Acme.Rate(
            With(Acme.Books(Acme.Sheet(Node())), Reserved(2, 10, 20)),
            [.. Enumerable.Range(0, 3).Select(n => Acme.Ran($"{n}", Acme.At(5), Acme.At(15))),
                Acme.Ran("other", Acme.At(10), Acme.At(11), project: "p2")]);
        Assert.Equal(
            "p1 above the reservation 480 480.00 USD; " +
            "p1 reserved 2 from 2026-10-10, agreed in R-1 480 240.00 USD; p2 all 24 24.00 USD", Lines(rated));
        Assert.Equal([null, "R-1", null], rated.Charges.Select(charge => charge.Agreement));
        Assert.Equal([null, "R-1", null], rated.Charges.Select(charge => Charge.AgreementOf(charge.Id)));
        Assert.Single(rated.Charges.Take(2).Select(charge => charge.LineId).Distinct());
    }

    [Fact]
    public void Nothing_used_is_paid_all_the_same_and_an_outage_by_nobody()
    {
        var books = With(Acme.Books(Acme.Sheet(Node())), Reserved(1, 10, 20)) with
        {
            Outages = [new("o", Acme.Landlord, [Acme.Cluster], Acme.At(10), Acme.At(11), ["corrected"])],
        };
        Assert.Equal("p1 reserved 1 from 2026-10-10, agreed in R-1 216 108.00 USD", Lines(Acme.Rate(books)));
    }

    [Fact]
    public void Another_rate_and_another_holder_hold_from_their_day()
    {
        var agreed = Reserved(1, 1, 11) with
        {
            Repriced = [new(0.25m, Acme.At(6))],
            Holders = [new(new("p1"), Acme.At(1)), new(new("p2"), Acme.At(9))],
        };
        // 5 days at 0.50, 3 at 0.25 of p1; 2 days at 0.25 of p2, who uses one all of the time.
        Assert.Equal(
            "p1 reserved 1 from 2026-10-01, agreed in R-1 120 60.00 USD; " +
            "p1 reserved 1 from 2026-10-06, agreed in R-1 72 18.00 USD; p2 above the reservation 192 192.00 USD; " +
            "p2 reserved 1 from 2026-10-09, agreed in R-1 48 12.00 USD",
            Lines(Acme.Rate(
                With(Acme.Books(Acme.Sheet(Node())), agreed), Acme.Ran("a", Acme.At(1), Acme.At(11), project: "p2"))));
    }

    [Fact]
    public void A_commitment_is_of_a_quantity_or_of_money_and_more_is_at_list()
    {
        var used = Acme.Ran("a", Acme.At(1), Acme.At(11)); // 240 h
        var books = Acme.Books(Acme.Sheet(Node()));
        Assert.Equal(
            "p1 above the commitment 140 140.00 USD; p1 committed, agreed in C-1 100 80.00 USD",
            Lines(Acme.Rate(With(books, Committed(100, isSpend: false)), used)));
        // 100.00 a month at 0.80 are 125 h.
        Assert.Equal(
            "p1 above the commitment 115 115.00 USD; p1 committed to spend, agreed in C-1 125 100.00 USD",
            Lines(Acme.Rate(With(books, Committed(100, isSpend: true)), used)));
        Assert.Equal(
            "p1 committed to spend, agreed in C-1 125 100.00 USD",
            Lines(Acme.Rate(With(books, Committed(100, isSpend: true)))));
    }

    /// <summary>What is reserved covers first, and a commitment is of what is left.</summary>
    [Fact]
    public void A_commitment_counts_what_no_reservation_covers() => Assert.Equal(
        "p1 above the commitment, above the reservation 20 20.00 USD; p1 committed, agreed in C-1 100 80.00 USD; " +
        "p1 reserved 1 from 2026-10-01, agreed in R-1 120 60.00 USD",
        Lines(Acme.Rate(
            With(Acme.Books(Acme.Sheet(Node())), Committed(100, isSpend: false), Reserved(1, 1, 6)),
            Acme.Ran("a", Acme.At(1), Acme.At(11)))));

    /// <summary>What tiers say of others stays; the holder begins at the first for what is beyond.</summary>
    [Fact]
    public void Beyond_it_tiers_hold() => Assert.Equal(
        "p1 above 50, above the reservation 70 49.00 USD; p1 reserved 1 from 2026-10-01, agreed in R-1 120 60.00 USD; " +
        "p1 up to 50, above the reservation 50 50.00 USD; p2 above 50 70 49.00 USD; p2 up to 50 50 50.00 USD",
        Lines(Acme.Rate(
            With(
                Acme.Books(Acme.Sheet(Node("""model: graduated, tiers: [{up_to: "50", rate: "1"}, {rate: "0.7"}]"""))),
                Reserved(1, 1, 6)),
            Acme.Ran("a", Acme.At(1), Acme.At(11)), Acme.Ran("b", Acme.At(1), Acme.At(6), project: "p2"))));

    /// <summary>One rule: agreed or in the sheet, it comes to the same, in parts of pages too.</summary>
    [Fact]
    public void A_drawn_reservation_comes_to_what_the_same_in_the_sheet_does() => Prop.ForAll(Arb.From(
        from count in Gen.Choose(1, 4)
        from start in Gen.Choose(0, 900)
        from length in Gen.Choose(1, 900)
        from cents in Gen.Choose(0, 200)
        from lengths in Gen.Choose(1, 700).ArrayOf(4)
        from begins in Gen.Choose(0, 700).ArrayOf(4)
        select (count, start, length, cents, lengths, begins)), drawn =>
        {
            Instant Hour(int n) => Acme.At(1) - Duration.FromDays(5) + Duration.FromHours(n);
            var (from, until, rate) = (Hour(drawn.start), Hour(drawn.start + drawn.length), drawn.cents / 100m);
            var sheet = Acme.Books(Acme.Sheet(Node(
                $$"""rate: "1", model: reservation, reservations: [{project: p1, count: "{{drawn.count}}", """ +
                $$"""rate: "{{Text.Of(rate)}}", from: {{Text.Of(from)}}, until: {{Text.Of(until)}}}]""")));
            var agreed = With(Acme.Books(Acme.Sheet(Node())), Reserved(drawn.count, 1, 2, rate) with
            {
                Holders = [new(new("p1"), from)],
                Period = new(from, until),
            });
            List<Segment> used = [.. Enumerable.Range(0, 4).Select(n => Acme.Ran(
                $"{n}", Acme.At(1) + Duration.FromHours(drawn.begins[n]),
                Acme.At(1) + Duration.FromHours(drawn.begins[n] + drawn.lengths[n]), project: n == 3 ? "p2" : "p1"))];
            var request = new RateRequest(Acme.October);
            Assert.Equal(Amounts(Acme.Rate(sheet, request, used)), Amounts(Acme.Rate(agreed, request, used)));
            var (parts, whole) = (new Rater(agreed, request), new Rater(agreed, request));
            foreach (var one in used)
            {
                parts.Add(one);
                whole.Add(parts.Part());
            }

            Assert.Equal(Lines(Acme.Rate(agreed, request, used)), Lines(whole.Finish()));

            // In a month outside of its time the sheet still calls all of it 'above the reservation'.
            static string Amounts(Rated rated) => string.Join('\n', rated.Charges.Select(charge =>
                $"{charge.Project} {charge.Step?.StartsWith("reserved", StringComparison.Ordinal) == true} " +
                $"{charge.Quantity} {charge.Amount}"));
        }).Check(Draws.Properties());

    [Fact]
    public void What_cannot_be_agreed_is_refused()
    {
        var books = Acme.Books(Acme.Sheet(Node(), more: "until: 2026-12-01"));
        string? Code(StandingAgreement terms, PriceBooks? other = null, Agreements? beside = null) => Reserving.Agree(
            beside ?? Agreements.Nothing, other ?? books, terms, "me", Now, Open).Refusal?.Code;
        Assert.Null(Code(Reserved(1, 1, 20)));
        Assert.Null(Code(Committed(1, isSpend: true)));
        Assert.Equal("agreement/wrong", Code(Reserved(0, 1, 20)));
        Assert.Equal("agreement/wrong", Code(Reserved(1, 1, 20, rate: -1)));
        Assert.Equal("agreement/wrong", Code(Committed(1, isSpend: true, rate: 0)));
        Assert.Equal("agreement/wrong", Code(Committed(1, isSpend: false) with
        {
            Period = new(Acme.At(2), Acme.October.End),
        }));
        Assert.Equal("agreement/not-sold", Code(Reserved(1, 1, 20) with { Sku = new("Nothing") }));
        Assert.Equal("agreement/not-sold", Code(Reserved(1, 1, 90))); // The sheet ends before.
        Assert.Equal("agreement/not-alone", Code(
            Reserved(1, 1, 20),
            Acme.Books(Acme.Sheet(Node("""model: volume, scope: landlord, tiers: [{up_to: "9", rate: "1"}, {rate: "0.5"}]""")))));
        Assert.Equal("agreement/overlaps", Code(Reserved(1, 1, 20), beside: new(
        [
            new("Q-1", Acme.Landlord, Acme.Cluster, new("p1"), new(Acme.At(19), Acme.At(25)), [new("Node")], []),
        ])));
        Assert.Equal("agreement/closed-month", Reserving.Agree(
            Agreements.Nothing, books, Reserved(1, 1, 20), "me", Now, new HashSet<BillingMonth> { Acme.October })
            .Refusal?.Code);
        Assert.Equal("agreement/egress", Code(
            Reserved(1, 1, 20) with { Sku = new("Egress"), Kind = StandingKind.Commitment, Period = Acme.October.Period },
            Acme.Books(Acme.Sheet("""{name: Egress, unit: GiB, rate: "0", counts: meter, meter: egress_bytes, match: {kind: bucket}}"""))));
    }

    [Fact]
    public void It_is_extended_repriced_transferred_and_ended_from_now_on()
    {
        var books = Acme.Books(Acme.Sheet(Node()));
        var agreed = Agreements.Fold.Of([new AgreementEvent.StandingAgreed(Reserved(1, 1, 20), "me", Now)]);
        Agreements After(Decision<AgreementEvent> said) => said.OrThrow().Aggregate(agreed, Agreements.Fold.Evolve);
        Assert.Equal("agreement/past", Reserving.End(agreed, "R-1", Now - Duration.Epsilon, "", "me", Now).Refusal?.Code);
        Assert.Equal(
            Acme.At(5), Reserving.Find(After(Reserving.End(agreed, "R-1", Acme.At(5), "", "me", Now)), "R-1")!.Period.End);
        Assert.Equal("agreement/wrong", Reserving.Extend(agreed, books, ("R-1", Acme.At(20)), "me", Now, Open).Refusal?.Code);
        Assert.Equal(Acme.At(30), Reserving.Find(
            After(Reserving.Extend(agreed, books, ("R-1", Acme.At(30)), "me", Now, Open)), "R-1")!.Period.End);
        Assert.Equal("agreement/past", Reserving.Reprice(agreed, books, "R-1", new(1, Acme.At(21)), "me", Now).Refusal?.Code);
        Assert.Equal(2, Reserving.Find(
            After(Reserving.Reprice(agreed, books, "R-1", new(2, Acme.At(5)), "me", Now)), "R-1")!.RateAt(Acme.At(6)));
        Assert.Equal("p2", Reserving.Find(
            After(Reserving.Transfer(agreed, "R-1", new("p2"), Acme.At(5), "me", Now)), "R-1")!.Holder.Value);
        Assert.Equal("agreement/unknown", Reserving.End(agreed, "R-9", Acme.At(5), "", "me", Now).Refusal?.Code);
        Assert.Single(Reserving.Broken(agreed, books, Acme.Books(Acme.Sheet(Node(), more: "until: 2026-10-10"))));
        Assert.Empty(Reserving.Broken(agreed, books, Acme.Books(Acme.Sheet(Node("rate: \"2\"")))));
    }

    /// <summary>Locked prices that both extend and reprice: 4 days at list before, then 1, then 0.60, then list.</summary>
    [Fact]
    public void Locked_prices_are_extended_and_repriced_by_both()
    {
        var first = Acme.Books(Acme.Sheet(Node()));
        var books = Acme.Books(Acme.Sheet(Node()), Acme.Sheet(Node("rate: \"3\""), "2026-10-02"));
        var locked = new PriceLock(
            "Q-1", Acme.Landlord, Acme.Cluster, new("p1"), new(Acme.At(5), Acme.At(10)), [new("Node")],
            [.. first.Covering(Acme.Landlord, Acme.Cluster, new(Acme.At(5), Acme.At(10))).Select(sheet =>
                new LockedSheet(sheet.Published.Id, sheet.Period))]);
        var agreed = Agreements.Nothing.With([locked]);
        var of = ("Q-1", Acme.Landlord);
        Assert.Equal("agreement/unknown", Locking.Extend(agreed, ("Q-2", Acme.Landlord), Acme.At(20), "me", Now, Open)
            .Refusal?.Code);
        agreed = Locking.Extend(agreed, of, Acme.At(20), "me", Now, Open).OrThrow()
            .Aggregate(agreed, Agreements.Fold.Evolve);
        Assert.Equal("agreement/past", Locking.Reprice(agreed, books, of, new(new("Node"), 1, Acme.At(20)), "me", Now)
            .Refusal?.Code);
        agreed = Locking.Reprice(agreed, books, of, new(new("Node"), 0.6m, Acme.At(15)), "me", Now).OrThrow()
            .Aggregate(agreed, Agreements.Fold.Evolve);
        var rated = Acme.Rate(books with { Agreements = agreed }, Acme.Ran("a", Acme.At(1), Acme.At(21)));
        Assert.Equal(
            "p1 all 24 24.00 USD; p1 agreed in Q-1 240 240.00 USD; p1 agreed in Q-1, price 2 120 72.00 USD; " +
            "p1 all 96 288.00 USD",
            string.Join("; ", Lines(rated).Split("; ").Order(StringComparer.Ordinal).OrderBy(line => line switch
            {
                _ when line.Contains(" all 24 ", StringComparison.Ordinal) => 0,
                _ when line.Contains("price 2", StringComparison.Ordinal) => 2,
                _ when line.Contains("agreed", StringComparison.Ordinal) => 1,
                _ => 3,
            })));
        Assert.All(rated.Charges.Where(charge => charge.Agreement is not null), charge =>
            Assert.Equal("Q-1", Charge.AgreementOf(charge.Id)));
        var parts = new Rater(books with { Agreements = agreed }, new(Acme.October));
        parts.Add(Acme.Ran("a", Acme.At(1), Acme.At(21)));
        var whole = new Rater(books with { Agreements = agreed }, new(Acme.October));
        whole.Add(parts.Part());
        Assert.Equal(Lines(rated), Lines(whole.Finish()));
    }
}
