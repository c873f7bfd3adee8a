using Exchange.Market.Peers;
using NodaTime;
using Xunit;

namespace Exchange.Market.Tests;

/// <summary>
/// What one exchange asks of another is signed, numbered and linked: nothing else is taken, and what differs is named.
/// </summary>
public class PeersSignStatements
{
    internal static readonly BillingMonth October = new(2026, 10);
    internal static readonly Instant Now = Instant.FromUtc(2026, 11, 3, 0, 0);
    internal static readonly SigningKey Theirs = Key(1);

    /// <summary>The first vector of RFC 8032, 7.1.</summary>
    [Fact]
    public void The_signature_is_that_of_the_standard()
    {
        var key = SigningKey.Of(Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
        Assert.Equal("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", key.Public);
        var signature = key.Sign([]);
        Assert.Equal(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            Convert.ToHexStringLower(signature));
        Assert.True(SigningKey.IsSignedBy(key.Public, [], signature));
        Assert.False(SigningKey.IsSignedBy(key.Public, [1], signature));
        Assert.False(SigningKey.IsPublicKey("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")); // Signs everything.
    }

    [Fact]
    public void Only_the_next_statement_of_the_admitted_exchange_is_taken_and_a_repeat_changes_nothing()
    {
        var here = Admitted();
        var there = Asking(Line("p-17", 15_130));
        var first = there.Drawn[0];
        there = Asking(there, Line("p-17", 15_130), Line("p-18", 1_500));
        var second = there.Drawn[1];

        Assert.Equal("peer/out-of-order", Code(here, second.Text));
        Assert.Equal("peer/signature", Code(here, first.Text.Replace("151.30", "1.30", StringComparison.Ordinal)));
        Assert.Equal("peer/signature", Code(here, Asking(Key(2), Line("p-17", 15_130)).Drawn[0].Text));
        Assert.Equal("peer/broken", Code(here, ""));
        Assert.Equal("peer/broken", Code(here, first.Text[..first.Text.IndexOf('\n', StringComparison.Ordinal)]));
        here = Taken(here, first.Text);
        Assert.Equal("", Code(here, first.Text));
        Assert.Equal("peer/number-used-twice", Code(here, Asking(Line("p-17", 1)).Drawn[0].Text));
        here = Taken(here, second.Text);
        Assert.Equal((new Money(16_630), 2), (here.OwedFor(October), here.Received.Length));

        // A third that follows another second.
        var other = Asking(Asking(Line("p-17", 15_130)), Line("p-19", 1_500));
        Assert.Equal("peer/broken-chain", Code(here, Asking(other, Line("p-20", 1)).Drawn[2].Text));
    }

    /// <summary>The last of two was taken: a signed line of which two readers have different amounts.</summary>
    [Theory]
    [InlineData("\"amount\":", "\"amount\":\"1.00 USD\",")]
    [InlineData("\"sequence\":", "\"sequence\":7,")]
    public void A_name_that_is_there_twice_is_no_line(string name, string before)
    {
        var text = Asking(Line("p-17", 15_130)).Drawn[0].Text;
        var signed = text[..(text.TrimEnd('\n').LastIndexOf('\n') + 1)];
        Assert.Contains(name, signed, StringComparison.Ordinal);
        Assert.Equal("", Code(Admitted(), SignedText.Of(signed, Theirs)));
        Assert.Equal("peer/broken", Code(Admitted(), SignedText.Of(
            signed.Replace(name, before + name, StringComparison.Ordinal), Theirs)));
    }

    /// <summary>Both keys are good while they overlap, in any order; then the new one alone, and a stranger's never.</summary>
    [Fact]
    public void A_key_is_changed_without_a_gap_and_the_old_one_ends()
    {
        var until = Now + Duration.FromDays(7);
        Assert.Equal("peer/overlap", Peer.ChangeKey(Admitted(), Key(2).Public, Now - Duration.Epsilon, "f", Now)
            .Refusal!.Code);
        Assert.Equal("peer/overlap", Peer.ChangeKey(Admitted(), Key(2).Public, Now + Duration.FromDays(91), "f", Now)
            .Refusal!.Code);
        Assert.Equal("peer/key", Peer.ChangeKey(Admitted(), "AAAA", until, "f", Now).Refusal!.Code);
        var here = Peer.ChangeKey(Admitted(), Key(2).Public, until, "frances", Now).OrThrow()
            .Aggregate(Admitted(), Peer.Fold.Evolve);

        var there = Asking(Line("p-17", 15_130));
        there = Asking(there, Key(2), [Line("p-17", 15_130), Line("p-18", 1_500)]); // It reads what its old key signed.
        here = Taken(Taken(here, there.Drawn[0].Text), there.Drawn[1].Text);
        Assert.Equal((new Money(16_630), 2), (here.OwedFor(October), here.Received.Length));
        var old = Asking(there, Theirs, [Line("p-17", 1)]).Drawn[2].Text;
        Assert.Equal("", Code(here, old));
        Assert.Equal("peer/signature", Code(here, old, until));
        Assert.Equal("", Code(here, Asking(there, Key(2), [Line("p-17", 1)]).Drawn[2].Text, until));
        Assert.Equal("peer/signature", Code(here, Asking(there, Key(4), [Line("p-17", 1)]).Drawn[2].Text));
        Assert.Equal([Key(2).Public], here.KeysAt(until));
    }

    [Fact]
    public void What_is_no_longer_asked_stays_on_the_statement_with_nothing_and_the_same_is_not_asked_twice()
    {
        var there = Asking(Line("p-17", 15_130), Line("p-18", 1_500));
        Assert.Single(Asking(there, Line("p-17", 15_130), Line("p-18", 1_500)).Drawn);
        there = Asking(there, Line("p-17", 15_130));
        Assert.Equal((new Money(15_130), 2), (there.AskedFor(October), there.Drawn[1].Lines));
        Assert.Equal(2, Asking(there, Line("p-17", 15_130)).Drawn.Length);
    }

    [Fact]
    public void Egress_stays_free_whoever_signs_for_it()
    {
        var free = Line("p-17", 0) with { Sku = new("Egress"), IsEgress = true };
        Assert.Equal("", Code(Admitted(), Asking(free).Drawn[0].Text));
        foreach (var named in (PeerLine[])[
            free with { Amount = new(1) },
            Line("p-17", 1) with { Sku = new("GB outbound") },
            Line("p-17", 1) with { Step = "data transfer out" },
            Line("p-17", 1) with { Meter = "bytes_out" },
            free with { Credits = new(-5_000) }]) // Nothing, less a credit below nothing, is 50 dollars.
        {
            Assert.Equal("peer/egress", Code(Admitted(), Asking(named).Drawn[0].Text));
        }
    }

    /// <summary>By the rule of price sheets: what may be egress by other words says what it is, or is refused.</summary>
    [Theory]
    [InlineData("Data served to the internet", null, "million", "requests")]
    [InlineData("Data served to the internet", null, "GiB", null)]
    [InlineData("GB leaving", null, "thousand", "read_ops")]
    [InlineData("Requests", null, "GiB", "requests")]
    [InlineData("Requests", "delivered to clients", "GiB", "object_gib")]
    [InlineData("Objects read", null, "GiB", "object_gib")]
    [InlineData("Objects", "Daten, ausgehend", "1", null)]
    public void Egress_by_other_words_is_refused_or_declared(string sku, string? step, string unit, string? meter)
    {
        var line = Line("p-17", 1) with
        {
            Sku = new(sku),
            Step = step,
            Quantity = new(3, new(unit)),
            Meter = meter,
        };
        Assert.Equal("peer/maybe-egress", Code(Admitted(), Asking(line).Drawn[0].Text));
        Assert.Equal("peer/maybe-egress", Code(Admitted(), Asking(line with { NotEgress = "" }).Drawn[0].Text));
        Assert.Equal("", Code(Admitted(), Asking(line with { NotEgress = "Calls of the API." }).Drawn[0].Text));
        Assert.Equal("", Code(Admitted(), Asking(line with { Amount = Money.Zero }).Drawn[0].Text));
    }

    /// <summary>What every shipped sheet sells, and steps of every price model, needs no declaration.</summary>
    [Theory]
    [InlineData("OpenStack CPU", null, "SU-hour", null)]
    [InlineData("NESE Storage", "first 100 TiB", "TiB-hour", null)]
    [InlineData("vCPU", "off-peak", "vCPU-hour", null)]
    [InlineData("Block storage", "off-peak", "GiB-hour", null)]
    [InlineData("Node", "reserved 2 from 2026-10-10", "node-hour", null)]
    [InlineData("Node", "above the reservation", "node-hour", null)]
    [InlineData("Ingest", null, "GiB", "ingress_gib")]
    [InlineData("API calls", null, "million", "api_requests")]
    public void What_is_plainly_something_else_is_asked_for_without_a_word(
        string sku, string? step, string unit, string? meter) =>
        Assert.Equal("", Code(Admitted(), Asking(Line("p-17", 1) with
        {
            Sku = new(sku),
            Step = step,
            Quantity = new(3, new(unit)),
            Meter = meter,
        }).Drawn[0].Text));

    /// <summary>An exchange that says more of a line than before asks for nothing anew.</summary>
    [Fact]
    public void A_word_about_a_line_alone_is_no_other_statement()
    {
        var there = Asking(Line("p-17", 15_130));
        Assert.Single(Asking(there, Line("p-17", 15_130) with { Meter = "requests", NotEgress = "Calls." }).Drawn);
    }

    /// <summary>Drawn months of which lines are dropped or changed: exactly those are named, and what they come to.
    /// </summary>
    [Fact]
    public void Lines_that_differ_are_named_and_come_to_the_whole_difference()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var asked = Enumerable.Range(0, random.Next(0, 40)).Select(i => new SaidOfLine(
                new($"p-{random.Next(6)}"), $"c1 SKU {random.Next(5)}", new(random.Next(-500, 50_000)),
                new(random.Next(1, 1_000), new("SU-hour")))).ToList();
            Assert.Empty(PeerDifference.Between(asked, asked.OrderBy(_ => random.Next())));

            // 1 % is lost on the way; some are dearer or cheaper here, with their quantity or without, or only longer.
            var here = asked.Where(_ => random.Next(100) > 0).Select(line => random.Next(30) switch
            {
                0 => line with { Amount = line.Amount + new Money(random.Next(-900, 900)) },
                1 => line with { Amount = line.Amount + new Money(random.Next(-900, 900)), Quantity = null },
                2 => line with { Quantity = line.Quantity + new Quantity(1, new("SU-hour")) },
                _ => line,
            }).ToList();
            var named = PeerDifference.Between(asked, here);
            Assert.Equal(
                asked.Select(line => (line.Project, line.What)).Distinct().OrderBy(of => of.Project.Value)
                    .ThenBy(of => of.What).Where(key => Said(asked, key) is var one && Said(here, key) is var other &&
                        (one.Cents != other.Cents || (one.Hours ?? other.Hours) != (other.Hours ?? one.Hours))),
                named.Select(line => (line.Project, line.What)));
            Assert.Equal(
                Money.Sum(asked.Select(line => line.Amount)) - Money.Sum(here.Select(line => line.Amount)),
                Money.Sum(named.Select(line => line.Difference)));
        }
    }

    private static (long Cents, decimal? Hours) Said(List<SaidOfLine> lines, (ProjectId, string) key)
    {
        var of = lines.FindAll(line => (line.Project, line.What) == key);
        return (of.Sum(line => line.Amount.Cents), of.Count == 0 || of.Exists(line => line.Quantity is null)
            ? null
            : of.Sum(line => line.Quantity!.Value.Amount));
    }

    /// <summary>Seen before: the last of two counted, and whoever reads the first reads another statement.</summary>
    [Theory]
    [InlineData("\"sequence\":1", "\"sequence\":2,\"sequence\":1")]
    [InlineData("\"total\":", "\"total\":\"0.00 USD\",\"total\":")]
    [InlineData("\"project\":", "\"project\":\"another\",\"project\":")]
    [InlineData("\"amount\":", "\"amount\":\"0.00 USD\",\"amount\":")]
    public void What_a_statement_says_twice_it_does_not_say(string name, string twice)
    {
        var text = Asking(Line("p", 100)).Drawn[^1].Text;
        var signed = text[..(text.TrimEnd('\n').LastIndexOf('\n') + 1)];
        var at = signed.IndexOf(name, StringComparison.Ordinal);
        Assert.Equal("", Code(Admitted(), Sealed(signed, "")));
        Assert.Equal("peer/broken", Code(Admitted(), Sealed(signed.Remove(at, name.Length).Insert(at, twice), "")));
        Assert.Equal("peer/broken", Code(Admitted(), Sealed(signed, "\"signature\":\"AAAA\",")));
    }

    private static string Sealed(string signed, string before) => signed + $"{{{before}\"signature\":\"" +
        $"{Convert.ToBase64String(Theirs.Sign(System.Text.Encoding.UTF8.GetBytes(signed)))}\"}}\n";

    [Theory]
    [InlineData("MIT", "nerc", "https://x.example.org", "peer/name")]
    [InlineData("mit", "", "https://x.example.org", "peer/name")]
    [InlineData("mit", "nerc", "http://x.example.org", "peer/url")]
    [InlineData("mit", "nerc", "https://a:b@x.example.org", "peer/url")]
    [InlineData("mit", "nerc", "https://x.example.org", "")]
    public void A_peer_is_admitted_by_name_address_and_key(string name, string knownAs, string address, string code) =>
        Assert.Equal(code, Peer.Admit(Peer.Fold.Initial, new(
            name, knownAs, address, Theirs.Public, null, new("mit"), October, false, false), "frances", Now).Refusal?.Code ?? "");

    internal static SigningKey Key(byte fill) => SigningKey.Of([.. Enumerable.Repeat(fill, 32)]);

    /// <summary>Here, 'nerc', knows 'mit'.</summary>
    internal static Peer Admitted() => Peer.Fold.Of([new PeerEvent.Admitted(new(
        "mit", "nerc", "https://x.example.org", Theirs.Public, null, new("mit"), October, false, false), "frances", Now)]);

    internal static Peer Asking(params PeerLine[] lines) => Asking(Theirs, lines);

    /// <summary>There, 'mit', knows 'nerc' and asks it.</summary>
    private static Peer Asking(SigningKey key, params PeerLine[] lines) => Asking(Peer.Fold.Of([new PeerEvent.Admitted(new(
        "nerc", "mit", "https://y.example.org", Key(3).Public, new("exchange@nerc.org"), null, October, false, false),
        "frances", Now)]), key, lines);

    private static Peer Asking(Peer there, params PeerLine[] lines) => Asking(there, Theirs, lines);

    private static Peer Asking(Peer there, SigningKey key, PeerLine[] lines) =>
        Peer.Draw(there, October, [.. lines], key, Now).OrThrow().Aggregate(there, Peer.Fold.Evolve);

    private static string Code(Peer here, string text, Instant? at = null)
    {
        try
        {
            return Peer.Receive(here, text, at ?? Now).Refusal?.Code ?? "";
        }
        catch (RefusedException e)
        {
            return e.Refusal.Code;
        }
    }

    internal static Peer Taken(Peer here, string text) =>
        Peer.Receive(here, text, Now).OrThrow().Aggregate(here, Peer.Fold.Evolve);

    internal static PeerLine Line(string project, long cents) => new(
        $"2026-10:acme:c1:{project}:CPU:acme/pods/2026-01-01#1", October, October.Period, new("acme"), new("c1"),
        new(project), new("CPU"), null, new(100, new("SU-hour")), new(0.013m, new("SU-hour")), new(cents), Money.Zero,
        false);
}
