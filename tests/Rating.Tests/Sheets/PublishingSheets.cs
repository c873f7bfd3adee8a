using Exchange.Journal;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// What publishing refuses. Each of these was seen to fail with the check that it is about switched off.
/// </summary>
public class PublishingSheets
{
    private static readonly Instant Now = Instant.FromUtc(2026, 9, 1, 12, 0);
    private readonly MemoryJournal _journal = new(new Stopped());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Codes(params string[] yaml) => string.Join(' ', Publication.Check(
        [.. yaml.Select((text, n) => new PricingText($"pricing/acme/{n}.yaml", text))]).Refusals
        .Select(refusal => refusal.Code).Distinct());

    private async Task<string> Publish(PricePublishContext standing, params string[] yaml)
    {
        var outcome = await PublishPrices.Run(
            _journal, [.. yaml.Select((text, n) => new PricingText($"pricing/acme/compute/{n}.yaml", text))], standing,
            "ada", Now, Ct);
        return outcome.Refusals.IsEmpty
            ? $"{outcome.Published} new, {outcome.Known} known"
            : string.Join(' ', outcome.Refusals.Select(refusal => refusal.Code));
    }

    private static PricePublishContext Closed(params BillingMonth[] months) => new(months.ToHashSet(), []);

    private static PricePublishContext UsedIn(string kind, int from, int until) => new(new HashSet<BillingMonth>(), [
        new(Acme.Landlord, Acme.Cluster, kind,
            new(new BillingMonth(2026, from).Start, new BillingMonth(2026, until).Start)),
    ]);

    private static string At(string rate, string from, string more = "") => Acme.Yaml(
        Acme.Vm.Replace("\"1\"", $"\"{rate}\"", StringComparison.Ordinal),
        Acme.OneHour.Replace("\"1.00\"", $"\"{rate}.00\"", StringComparison.Ordinal), from, more);

    [Fact]
    public void A_good_sheet_passes() => Assert.Equal("", Codes(Acme.Yaml()));

    [Fact]
    public async Task What_was_published_is_found_again_and_known_the_second_time()
    {
        Assert.Equal("2 new, 0 known", await Publish(PricePublishContext.Nothing, At("1", "2026-01"), At("2", "2026-10")));
        Assert.Equal("0 new, 2 known", await Publish(PricePublishContext.Nothing, At("1", "2026-01"), At("2", "2026-10")));
        Assert.Equal("1 new, 1 known", await Publish(PricePublishContext.Nothing, At("1", "2026-01"), At("3", "2026-10")));
        var books = await LoadPriceBooks.Run(_journal, Ct);
        Assert.Equal(
            ["acme/compute/2026-01-01#1", "acme/compute/2026-10-01#2"], books.List().Select(s => s.Published.Id));
        Assert.Equal(2m, books.Sheet("acme/compute/2026-10-01#1")!.Sheet.Skus[0].Rate);
        var march = Assert.Single(books.Show(Acme.Landlord, Instant.FromUtc(2026, 9, 30, 23, 59)));
        Assert.Equal(1m, march.Sheet.Skus[0].Rate);
    }

    [Fact]
    public async Task Books_can_be_seen_as_they_were_known_at_an_instant()
    {
        await Publish(PricePublishContext.Nothing, At("1", "2026-01"));
        Assert.Empty((await LoadPriceBooks.Run(_journal, Ct, Now - Duration.FromSeconds(1))).List());
        Assert.Single((await LoadPriceBooks.Run(_journal, Ct, Now)).List());
    }

    [Fact]
    public async Task All_files_are_published_or_none()
    {
        Assert.Equal("prices/example-differs", await Publish(
            PricePublishContext.Nothing, At("1", "2026-01"), At("2", "2026-10")
                .Replace("2.00", "2.01", StringComparison.Ordinal)));
        Assert.Empty((await LoadPriceBooks.Run(_journal, Ct)).List());
    }

    [Fact]
    public async Task An_end_inside_the_next_sheet_is_an_overlap()
    {
        Assert.Equal("1 new, 0 known", await Publish(PricePublishContext.Nothing, At("1", "2026-10")));
        Assert.Equal("prices/overlap", await Publish(
            PricePublishContext.Nothing, At("2", "2026-01", "until: 2026-10-02")));
        Assert.Equal("1 new, 0 known", await Publish(PricePublishContext.Nothing, At("2", "2026-01", "until: 2026-10-01")));
    }

    [Fact]
    public async Task A_closed_month_keeps_its_prices()
    {
        Assert.Equal("1 new, 0 known", await Publish(PricePublishContext.Nothing, At("1", "2026-01")));
        var august = Closed(new BillingMonth(2026, 8));
        Assert.Equal("prices/closed-month", await Publish(august, At("2", "2026-08-31T23:59:59Z")));
        Assert.Equal("prices/closed-month", await Publish(august, At("2", "2026-01")));
        Assert.Equal("1 new, 0 known", await Publish(august, At("2", "2026-09")));
        Assert.Equal("0 new, 1 known", await Publish(august, At("1", "2026-01")));
    }

    [Fact]
    public async Task Usage_must_not_lose_its_price()
    {
        Assert.Equal("1 new, 0 known", await Publish(PricePublishContext.Nothing, At("1", "2026-01")));
        var used = UsedIn("vm", 6, 9);
        Assert.Equal("prices/gap", await Publish(used, At("1", "2026-01", "until: 2026-08")));
        var noServers = Acme.Yaml(
            Acme.Vm.Replace("kind: vm", "kind: pod", StringComparison.Ordinal),
            Acme.OneHour.Replace("kind: vm", "kind: pod", StringComparison.Ordinal), "2026-07");
        Assert.Equal("prices/gap", await Publish(used, noServers));
        Assert.Equal("1 new, 0 known", await Publish(UsedIn("pod", 6, 9), noServers));
        Assert.Equal("1 new, 0 known", await Publish(UsedIn("vm", 2, 3), At("1", "2026-01", "until: 2026-07")));
    }

    [Theory]
    [InlineData("{kind: vm, gpu: [none, any], gpu_model: a100, shape_class: []}", "prices/unreachable")]
    [InlineData("{kind: vm, cluster: b7}", "prices/unreachable")]
    public void What_can_match_nothing_is_refused(string match, string code) =>
        Assert.Contains(code, Codes(Acme.Yaml(Acme.Vm.Replace("{kind: vm}", match, StringComparison.Ordinal))),
            StringComparison.Ordinal);

    [Fact]
    public void A_SKU_that_can_never_match_is_refused()
    {
        const string Gpus = """
            {name: GPU, unit: gpu-hour, rate: "1", counts: dimension, dimension: gpu, per: hour,
                match: {kind: pod, gpu: none}}
            """;
        Assert.Equal("prices/unreachable", Codes(Acme.Yaml($"{Acme.Vm}\n{Gpus}")));
        var rest = Acme.Vm.Replace("VM,", "Rest,", StringComparison.Ordinal)
            .Replace("match", "otherwise: true, match", StringComparison.Ordinal);
        Assert.Equal("prices/unreachable", Codes(Acme.Yaml($"{Acme.Vm}\n{rest}")));
    }

    [Fact]
    public void Two_SKUs_for_the_same_usage_are_refused()
    {
        var twin = Acme.Vm.Replace("VM,", "Twin,", StringComparison.Ordinal);
        Assert.Equal("prices/two-skus-match", Codes(Acme.Yaml($"{Acme.Vm}\n{twin}")));
        Assert.Equal("", Codes(Acme.Yaml(
            Acme.Vm.Replace("kind: vm", "kind: vm, gpu: none", StringComparison.Ordinal) + '\n' +
            twin.Replace("kind: vm", "kind: vm, gpu: any", StringComparison.Ordinal))));
    }

    [Fact]
    public void Two_services_must_not_charge_the_same_usage_at_the_same_time()
    {
        var other = Acme.Yaml(service: "other");
        Assert.Equal("prices/two-skus-match", Codes(Acme.Yaml(), other));
        Assert.Equal("", Codes(Acme.Yaml(more: "until: 2026-05"), Acme.Yaml(service: "other", from: "2026-05")));
    }

    [Fact]
    public void Usage_cannot_be_both_priced_and_unbilled() => Assert.Equal(
        "prices/two-skus-match", Codes(Acme.Yaml(more: "unbilled: [{match: {kind: vm}, because: of love}]")));

    [Fact]
    public void Two_SKUs_of_one_name_are_refused() => Assert.Equal("prices/same-name", Codes(Acme.Yaml(
        $"{Acme.Vm}\n{Acme.Vm.Replace("kind: vm", "kind: pod", StringComparison.Ordinal)}")));

    [Fact]
    public void An_example_that_does_not_recompute_is_refused()
    {
        Assert.Equal("prices/example-differs", Codes(Acme.Yaml(
            examples: Acme.OneHour.Replace("1.00", "1.01", StringComparison.Ordinal))));
        Assert.Equal("prices/example-differs", Codes(Acme.Yaml(
            examples: Acme.OneHour.Replace("vm", "pod", StringComparison.Ordinal))));
    }

    [Fact]
    public void A_sheet_without_an_example_is_refused() => Assert.Equal(
        "prices/no-example", Codes(Acme.Yaml(examples: "").Replace("examples:", "", StringComparison.Ordinal)));

    [Fact]
    public void An_example_with_usage_that_the_sheet_does_not_price_is_refused_though_its_total_is_right() =>
        Assert.Equal(
        "prices/example-differs", Codes(Acme.Yaml(examples: Acme.OneHour.Replace(
            "}]", "}, {kind: volume, hours: \"1\"}]", StringComparison.Ordinal))));

    [Fact]
    public void Counts_have_no_shape_that_could_be_asked_for() => Assert.Equal(
        "prices/unreachable", Codes(Acme.Yaml($$"""
            {{Acme.Vm}}
            {name: Calls, unit: request, rate: "0.1", counts: meter, meter: requests,
                match: {kind: vm, gpu_model: a100} }
            """)));

    private sealed class Stopped : IClock
    {
        public Instant GetCurrentInstant() => Now;
    }
}
