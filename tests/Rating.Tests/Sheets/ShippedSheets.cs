using Exchange.Metering;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>The price sheets that the product ships with, read and rated as they are.</summary>
public class ShippedSheets
{
    private static readonly Lazy<PriceBooks> Shipped = new(() =>
    {
        var publication = Publication.Check(Texts());
        Assert.Equal([], publication.Refusals);
        var lists = publication.Lists.Aggregate(ExchangeLists.Fold.Initial, ExchangeLists.Fold.Evolve);
        var books = publication.Books.Values.Select(PriceBook.Fold.Of).SelectMany(book => book.All);
        return PriceBooks.Of(books) with
        {
            Outages = lists.Outages,
            Public = [.. lists.Public.Values.Select(list => list.Prices)],
        };
    });

    private static List<PricingText> Texts() =>
        [.. Directory.EnumerateFiles(Product.File("pricing"), "*.yaml", SearchOption.AllDirectories)
            .Select(file => new PricingText(file, File.ReadAllText(file)))];

    private static Segment Used(
        string cluster, string kind, Instant from, string hours, string shape, string id = "r",
        ResourceState state = ResourceState.Running) => new(
            new(new("nerc"), new(cluster), kind, id), new("p"),
            new(from, from + Duration.FromSeconds((long)(decimal.Parse(hours, null) * 3600))), state,
            Shape.Parse(shape));

    private static string Total(string policies, params Segment[] usage)
    {
        var rater = new Rater(Shipped.Value, new(BillingMonth.Of(usage[0].Period.Start), policies));
        Array.ForEach(usage, segment => rater.Add(segment));
        var rated = rater.Finish();
        Assert.Equal([], rated.Unpriced);
        return Text.Of(rated.Total.Amount);
    }

    private static Instant Month(int year, int month) => Instant.FromUtc(year, month, 1, 0, 0);

    [Fact]
    public void All_of_them_pass_their_own_check() => Assert.True(Shipped.Value.List().Count >= 16);

    [Fact]
    public void Each_file_names_a_schema_that_exists() => Assert.All(Texts(), text =>
    {
        const string Mark = "# yaml-language-server: $schema=";
        var first = text.Yaml.Split('\n')[0];
        Assert.StartsWith(Mark, first, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(text.File)!, first[Mark.Length..])), text.File);
    });

    [Fact]
    public void V1_199_hours_and_12_minutes_of_an_A100_are_200_hours() => Assert.Equal("360.6", Total("corrected", Used(
        "stack", "vm", Month(2026, 4), "199.2", """{"vcpu":"24","ram_mib":"75776","gpu":"1","gpu_model":"a100"}""")));

    [Fact]
    public void V2_memory_makes_a_server_of_3_vCPU_and_20_GiB_five_units() => Assert.Equal("46.8", Total(
        "corrected", Used("stack", "vm", Month(2026, 4), "720", """{"vcpu":"3","ram_mib":"20480"}""")));

    [Theory, InlineData("corrected"), InlineData("nerc-compatible")]
    public void V3_three_pods_are_five_units(string policies) => Assert.Equal("46.8", Total(
        policies,
        Used("ocp-prod", "pod", Month(2026, 4), "720", """{"vcpu":"1","ram_mib":"3072"}""", "a"),
        Used("ocp-prod", "pod", Month(2026, 4), "720", """{"vcpu":"0.1","ram_mib":"8192"}""", "b"),
        Used("ocp-prod", "pod", Month(2026, 4), "720", """{"vcpu":"2","ram_mib":"4096"}""", "c")));

    [Theory]
    [InlineData("10240", "720", "64.8")]
    [InlineData("512", "700", "3.15")] // NERC's page calls 500 GiB 0.5 TiB, and 699.2 hours 700.
    [InlineData("500", "699.2", "3.07")]
    [InlineData("10", "720", "0.06")]
    public void V4_storage_is_billed_by_quota(string gib, string hours, string total) => Assert.Equal(total, Total(
        "corrected", Used("stack", "quota", Month(2026, 4), hours,
            $$"""{"storage_gib":"{{gib}}","quota":"OpenStack Volume Quota (GiB)"}""")));

    [Theory, InlineData(2025, "30716.64"), InlineData(2026, "24841.44")]
    public void V5_bare_metal_by_the_node(int year, string total)
    {
        Segment Node(string id, string type) =>
            Used("bm", "baremetal", Month(year, 4), "720", $$"""{"resource_class":"{{type}}"}""", id);
        Assert.Equal(total, Total(
            "corrected", Node("1", "lenovo-sd665nv3-h100"), Node("2", "lenovo-sd650nv2-a100"), Node("3", "fc830"),
            Node("4", "fc830"), Node("5", "fc430"), Node("6", "fc430"), Node("7", "fc430")));
    }

    [Theory, InlineData(5, "4348.8"), InlineData(6, "2880")]
    public void V6_an_H100_became_cheaper_in_June_2025(int month, string total) => Assert.Equal(total, Total(
        "corrected", Used("ocp-prod", "pod", Month(2025, month), "720",
            """
            {"vcpu":"124","ram_mib":"368640","gpu":"1","gpu_resource":"nvidia.com/gpu",
             "gpu_model":"NVIDIA-H100-80GB-HBM3"}
            """)));

    [Fact]
    public void An_H100_whose_month_spans_the_change_is_billed_at_both_rates()
    {
        var pod = Used("ocp-prod", "pod", Month(2025, 6) - Duration.FromHours(2), "5",
            """{"vcpu":"1","ram_mib":"1024","gpu":"1","gpu_resource":"nvidia.com/H100_SXM5_80GB"}""");
        var rater = new Rater(Shipped.Value, new(new(2025, 5)) { Within = pod.Period });
        rater.Add(pod);
        Assert.Equal(
            "nerc/openshift/2025-04-01#1 2 SU-hour 12.08 USD\nnerc/openshift/2025-06-01#1 3 SU-hour 12.00 USD",
            string.Join('\n', rater.Finish().Charges.Select(c => $"{c.Sheet} {c.Quantity} {c.Amount}")));
    }

    [Theory]
    [InlineData("corrected", 2024, 2, "stopped", "0")]
    [InlineData("corrected", 2024, 3, "stopped", "1.3")]
    [InlineData("nerc-compatible", 2024, 2, "stopped", "0")]
    [InlineData("nerc-compatible", 2024, 3, "stopped", "1.3")]
    [InlineData("corrected", 2026, 4, "suspended", "0")]
    [InlineData("nerc-compatible", 2026, 4, "suspended", "1.3")]
    [InlineData("nerc-compatible", 2026, 4, "paused", "1.3")]
    [InlineData("nerc-compatible", 2026, 4, "shelved", "0")]
    [InlineData("corrected", 2026, 4, "deleted", "0")]
    [InlineData("nerc-compatible", 2026, 4, "error", "0")]
    public void Which_states_are_billed_depends_on_date_and_policies(
        string policies, int year, int month, string state, string total) => Assert.Equal(total, Total(
            policies, Used("stack", "vm", Month(year, month), "100", """{"vcpu":"1","ram_mib":"4096"}""",
                state: Enum.Parse<ResourceState>(state, true))));

    [Theory, InlineData("corrected", "1.3"), InlineData("nerc-compatible", "0")]
    public void An_act_that_failed_and_changed_nothing_gives_no_server_away(string policies, string total) =>
        Assert.Equal(total, Total(policies, Used("stack", "vm", Month(2026, 4), "100",
            """{"vcpu":"1","ram_mib":"4096","state_before":"running","failed_action":"attach_volume"}""",
            state: ResourceState.Error)));

    [Theory, InlineData("corrected", "0.03"), InlineData("nerc-compatible", "0.05")]
    public void Hours_are_rounded_once_for_a_project_and_not_for_each_server(string policies, string total) =>
        Assert.Equal(total, Total(
            policies, [.. Enumerable.Range(0, 4).Select(n => Used(
                "stack", "vm", Month(2026, 4), "0.3", """{"vcpu":"1","ram_mib":"4096"}""", $"{n}"))]));

    [Theory, InlineData("corrected", "0.26"), InlineData("nerc-compatible", "0.39")]
    public void A_resized_server_is_billed_for_what_it_was_at_each_time(string policies, string total) =>
        Assert.Equal(total, Total(
            policies, Used("stack", "vm", Month(2026, 4), "10", """{"vcpu":"1","ram_mib":"4096"}"""),
            Used("stack", "vm", Month(2026, 4) + Duration.FromHours(10), "5", """{"vcpu":"2","ram_mib":"8192"}""")));

    [Theory]
    [InlineData("corrected", 14, 20, "11")] // 9 of 20 hours were the outage.
    [InlineData("nerc-compatible", 14, 20, "11")]
    public void An_outage_is_not_charged(string policies, int day, int hours, string quantity)
    {
        var rater = new Rater(Shipped.Value, new(new(2025, 10), policies));
        rater.Add(Used("ocp-prod", "pod", Instant.FromUtc(2025, 10, day, 4, 0), $"{hours}",
            """{"vcpu":"1","ram_mib":"1024"}"""));
        Assert.Equal(quantity, Text.Of(Assert.Single(rater.Finish().Charges).Quantity.Amount));
    }

    [Fact]
    public void A_GPU_that_nobody_knows_is_listed_at_no_cost_and_one_without_a_price_is_reported()
    {
        var rater = new Rater(Shipped.Value, new(new(2026, 4)));
        rater.Add(Used("ocp-prod", "pod", Month(2026, 4), "10",
            """{"vcpu":"1","ram_mib":"1024","gpu":"1","gpu_resource":"nvidia.com/gpu","gpu_model":"L40S"}""", "a"));
        rater.Add(Used("stack", "vm", Month(2026, 4), "10",
            """{"vcpu":"1","ram_mib":"1024","gpu":"1","gpu_model":"b200"}""", "b"));
        rater.Add(Used("nowhere", "vm", Month(2026, 4), "10", """{"vcpu":"1","ram_mib":"1024"}""", "c"));
        var rated = rater.Finish();
        Assert.Equal("OpenShift Unknown GPU 0.00 USD", string.Join(
            ';', rated.Charges.Select(charge => $"{charge.Sku} {charge.Amount}")));
        Assert.Equal(
            "nowhere unpriced/no-sheet 10;stack b200 unpriced/no-sku 10",
            string.Join(';', rated.Unpriced.Select(u =>
                string.Join(' ', new[] { u.Cluster.Value, u.What, u.Reason, Text.Of(u.Quantity) }
                    .Where(word => word.Length > 0)))));
    }

    [Theory, InlineData("ocp-prod"), InlineData("stack"), InlineData("bm")]
    public void What_GPUs_did_is_not_for_sale_and_not_missing_a_price(string cluster)
    {
        DailyTotal Of(string kind, string meter) => new(
            new(new("nerc"), new(cluster), kind, "gpu-1"), new("p"), meter, new(2026, 4, 2), 3_000m);
        var rater = new Rater(Shipped.Value, new(new(2026, 4)));
        rater.Add(Of("gpu", "gpu_busy_seconds"));
        rater.Add(Of("gpu", "gpu_energy_mj"));
        rater.Add(Of("gpu", "gpu_faults"));
        rater.Add(Of("pod", "gpu_energy_mj"));
        var rated = rater.Finish();
        Assert.Equal([], rated.Charges);
        Assert.Equal(["gpu gpu_faults", "pod gpu_energy_mj"], rated.Unpriced.Select(u => $"{u.Kind} {u.What}"));
    }
}
