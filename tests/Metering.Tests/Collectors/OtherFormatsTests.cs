using Exchange.Metering.Collectors;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests.Collectors;

public class ReadingLeases
{
    private static string Lease(string start, string expire) =>
        $$"""[{"UUID":"l","Resource":"node-1","Resource Class":"fc430","Project":"p","Start Time":"{{start}}","Expire Time":{{expire}}}]""";

    private static List<Collected> Read(string text) => [.. EsiLeases.Read(Input.Text(text), Input.Context(cluster: null))];

    [Theory]
    [InlineData("2026-10-01T00:00:00", "\"2026-10-02T12:00:00\"", "2026-10-01T00:00:00Z/2026-10-02T12:00:00Z")]
    [InlineData("2026-10-01T00:00:00", "\"2099-01-01T00:00:00\"", "2026-10-01T00:00:00Z/2026-11-01T00:00:00Z")]
    [InlineData("2026-10-01 00:00:00+00:00", "null", "2026-10-01T00:00:00Z/2026-11-01T00:00:00Z")]
    public void A_lease_is_used_from_its_start_until_it_has_expired(string start, string expire, string used) => Assert.Equal(
        $$"""nerc/bm/baremetal/l p {{used}} Running {"node":"node-1","resource_class":"fc430"}""",
        Input.Show(NaiveFold.Of(Input.Readings(Read(Lease(start, expire))), Input.Now)));

    [Theory]
    [InlineData("Parent Lease UUID")]
    [InlineData("parent_lease_uuid")]
    [InlineData("Parent")]
    public void A_sublease_names_the_lease_that_it_is_sublet_from(string field) => Assert.Equal(
        """{"node":"node-1","parent_lease":"L1","resource_class":"fc430"}""",
        Read(Lease("2026-10-01T00:00:00", "null").Replace("{", $$"""{"{{field}}":"L1",""", StringComparison.Ordinal))[0]
            .Reading?.Shape.ToString());

    [Fact]
    public void A_lease_that_has_not_begun_is_not_used_yet() => Assert.Empty(Read(Lease("2026-12-01T00:00:00", "null")));

    [Fact]
    public void A_lease_that_expires_before_it_starts_is_set_aside() => Assert.Equal("record/empty-period",
        Read(Lease("2026-10-02T00:00:00", "\"2026-10-01T00:00:00\""))[0].Misfit?.Reason);
}

public class ReadingStorageQuotas
{
    private static string Allocation(string history, string more = "") => $$$"""
        [{"id":17,"resource":{"name":"NERC-OCP"},"attributes":{"Allocated Project ID":"ns-1"},{{{more}}}
          "quota_history":{"OpenShift Request on NESE Storage Quota (GiB)":[{{{history}}}],"OpenShift Limit on CPU Quota":[{"created":"2026-10-01T00:00:00Z","value":4}]}}]
        """;

    private static string Value(int day, int gib) => $$"""{"created":"2026-10-{{day:00}}T00:00:00Z","value":{{gib}}}""";

    private static string Steps(string text) => string.Join(' ', NaiveFold
        .Of(Input.Readings(StorageQuotas.Read(Input.Text(text), Input.Context(cluster: null))), Instant.FromUtc(2026, 10, 31, 0, 0))
        .Select(s => $"{s.Period.Start.InUtc().Day}-{s.Period.End.InUtc().Day}:{s.Shape.StorageGib}" +
            (s.State == ResourceState.Running ? "" : $" {s.State}")));

    [Fact]
    public void A_quota_counts_from_its_fulfilment() => Assert.Equal(
        "1-10:20 10-31:50", Steps(Allocation($"{Value(1, 20)},{Value(10, 50)}")));

    [Fact]
    public void A_decrease_counts_from_the_request_for_it() => Assert.Equal(
        "1-7:50 7-31:20", Steps(Allocation($"{Value(1, 50)},{Value(10, 20)}", Requests("Approved", 7, 20))));

    [Theory]
    [InlineData("Denied", 7, 20)]
    [InlineData("Approved", 7, 30)]
    [InlineData("Approved", 11, 20)]
    public void A_request_that_did_not_lead_to_it_does_not_count(string status, int day, int gib) => Assert.Equal(
        "1-10:50 10-31:20", Steps(Allocation($"{Value(1, 50)},{Value(10, 20)}", Requests(status, day, gib))));

    [Fact]
    public void An_increase_counts_from_its_fulfilment_although_it_was_asked_for_earlier() => Assert.Equal(
        "1-10:20 10-31:50", Steps(Allocation($"{Value(1, 20)},{Value(10, 50)}", Requests("Approved", 7, 50))));

    [Fact]
    public void Denied_and_revoked_allocations_are_not_billed_and_expired_ones_are_and_the_newest_record_is_told() =>
        Assert.Equal("1-12:20 12-20:20 Suspended", Steps(Allocation(Value(1, 20),
        """
        "status_history":[{"created":"2026-10-01T00:00:00Z","status":"Active"},{"created":"2026-10-10T00:00:00Z","status":"Expired"},
                          {"created":"2026-10-12T00:00:00Z","status":"Revoked"},{"created":"2026-10-20T00:00:00Z","status":"Revoked"}],
        """)));

    [Fact]
    public void What_is_billed_again_after_it_was_denied_is_told_apart_from_what_the_scripts_bill() => Assert.Equal(
        "1-5:20 5-9:20 Suspended 9-12:20 12-31:20 Error", Steps(Allocation(Value(1, 20), """
            "status_history":[{"created":"2026-10-05T00:00:00Z","status":"Denied"},{"created":"2026-10-09T00:00:00Z","status":"Active"},
                              {"created":"2026-10-12T00:00:00Z","status":"Revoked"},{"created":"2026-10-12T00:00:00Z","status":"Active"}],
            """)));

    [Fact]
    public void A_request_made_before_the_last_value_was_fulfilled_does_not_count() => Assert.Equal(
        "1-7:50 7-15:40 15-31:20", Steps(Allocation($"{Value(1, 50)},{Value(10, 40)},{Value(15, 20)}", """
            "change_requests":[
              {"attribute":"OpenShift Request on NESE Storage Quota (GiB)","status":"Approved","created":"2026-10-07T00:00:00Z","value":"40"},
              {"attribute":"OpenShift Request on NESE Storage Quota (GiB)","status":"Approved","created":"2026-10-08T00:00:00Z","value":"20"}],
            """)));

    [Fact]
    public void The_resource_names_its_cluster_and_the_quota_its_kind() => Assert.Equal(
        "nerc/ocp-prod/quota/17/OpenShift Request on NESE Storage Quota (GiB)",
        StorageQuotas.Read(Input.Text(Allocation(Value(1, 20))), Input.Context()).Single().Reading!.Resource.ToString());

    private static string Requests(string status, int day, int gib) => $$"""
        "change_requests":[{"attribute":"OpenShift Request on NESE Storage Quota (GiB)","status":"{{status}}","created":"2026-10-{{day:00}}T00:00:00Z","value":"{{gib}}"}],
        """;
}

public class ReadingPrometheusAnswers
{
    private const string Answers = """
        {"status":"success","data":{"resultType":"matrix","result":[
          {"metric":{"__name__":"kube_pod_resource_request","namespace":"ns","pod":"p","node":"n1","resource":"cpu"},"values":[[1790812800,"2"],[1790812860,"2"],[1790812920,"2"]]}]}}
        {"status":"success","data":{"resultType":"matrix","result":[
          {"metric":{"__name__":"kube_pod_resource_request","namespace":"ns","pod":"p","node":"n1","resource":"memory"},"values":[[1790812800.0,"1073741824"],[1790812860,"1073741824"],[1790812920,"1.073741824e9"]]},
          {"metric":{"__name__":"kube_pod_resource_request","namespace":"ns","pod":"p","node":"n1","resource":"nvidia_com_gpu"},"values":[[1790812800,"1"],[1790812860,"1"],[1790812920,"1"]]},
          {"metric":{"__name__":"kube_node_labels","node":"n1","label_nvidia_com_gpu_product":"L40S"},"values":[[1790812800,"1"],[1790812860,"1"],[1790812920,"1"]]},
          {"metric":{"__name__":"kube_pod_labels","namespace":"ns","pod":"p","label_nerc_mghpcc_org_class":"cs"},"value":[1790812800,"1"]},
          {"metric":{"__name__":"kube_pod_status_unschedulable","namespace":"ns","pod":"p"},"values":[[1790812800,"1"],[1790812860,"0"]]},
          {"metric":{"__name__":"up"},"values":[[1790812800,"1"]]}]}}
        """;

    private static List<Collected> Read(string text) => [.. PrometheusAnswers.Read(Input.Text(text), Input.Context())];

    [Fact]
    public void Answers_are_joined_and_waiting_pods_left_out() => Assert.Equal(
        """nerc/stack/pod/ns/p ns 2026-10-01T00:01:00Z/2026-10-01T00:03:00Z Running {"class":"cs","gpu":"1","gpu_model":"L40S","gpu_resource":"nvidia_com_gpu","node":"n1","ram_mib":"1024","vcpu":"2"}""",
        Input.Show(NaiveFold.Of(Read(Answers).Where(c => c.Reading is not null).Select(c => c.Reading!), Input.Now)));

    [Fact]
    public void A_metric_that_is_not_known_is_set_aside() => Assert.Equal(
        "prometheus/unknown-metric", Assert.Single(Read(Answers), c => c.Misfit is not null).Misfit!.Reason);

    [Fact]
    public void A_failed_query_is_refused() => Assert.Equal("prometheus/failed-query", Assert.Throws<RefusedException>(() =>
        Read("""{"status":"error","errorType":"timeout","error":"query timed out"}""")).Refusal.Code);

    [Theory]
    [InlineData("")]
    [InlineData("""{"start_date":"2026-10-01","cpu_metrics":[]}""")]
    public void A_file_without_an_answer_is_refused_and_not_read_as_nothing(string text) => Assert.Equal(
        "prometheus/no-answer", Assert.Throws<RefusedException>(() => Read(text)).Refusal.Code);
}

public class ReadingRatedLines
{
    private const string Header = "Invoice Month,Project - Allocation,Project - Allocation ID,Manager (PI),Cluster Name,SU Hours (GBhr or SUhr),SU Type,Rate,Cost\n";

    private static List<RatedRow> Read(string text) => [.. RatedLines.Read(Input.Text(text), Input.Context("s.csv", null))];

    [Fact]
    public void The_bar_is_the_quote_and_the_double_quote_is_text()
    {
        var line = Read($"\uFEFF{Header}2025-10,|A, \"B\" || C|,p-1,,stack,7923,OpenStack CPU,0.013,103.00\r\n")[0].Line!;
        Assert.Equal(("A, \"B\" | C", "p-1", null, 7923m, 103.00m, "s.csv:2"),
            (line.Name, line.Project.Value, line.Pi, line.Hours, line.Cost, line.Where));
        Assert.Null(line.Period);
    }

    [Fact]
    public void A_row_that_is_wrong_names_its_line_and_the_rest_counts()
    {
        var rows = Read($"{Header}2025-10,A,p,,stack,1,X,0.1,\n\n2025-10,A,p,,,1,X,0.1,0.1\n");
        Assert.Equal("record/not-a-number", rows[0].Misfit?.Reason);
        Assert.StartsWith("s.csv:2", rows[0].Misfit!.Why, StringComparison.Ordinal);
        Assert.Equal(("Unknown Cluster", "s.csv:4"), (rows[1].Line!.Cluster.Value, rows[1].Line!.Where));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Invoice Month,Cost\n")]
    [InlineData(Header + "|2025-10")]
    public void A_file_of_another_kind_is_refused(string text) => Assert.Equal(
        "file/not-csv", Assert.Throws<RefusedException>(() => Read(text)).Refusal.Code);
}

public class ReadingFocusBills
{
    private const string Header = "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,ProviderName,SubAccountId\n";

    private static string Row(string cost, string sub = "NULL", string month = "09") =>
        $"{cost},\"123\",\"USD\",\"2024-{month}-01 00:00:00\",\"2024-10-01 00:00:00\",\"Usage\",\"2024-{month}-18T22:00:00Z\",\"2024-{month}-18T23:00:00Z\",\"SQS\",\"AWS\",{sub}\n";

    private static List<FocusRead> Read(string rows) => [.. FocusRows.Read(Input.Text(Header + rows), Input.Context())];

    [Fact]
    public void Costs_are_exact_and_the_word_NULL_is_null()
    {
        var row = Read(Row("8.0E-7"))[0].Row!;
        Assert.Equal((0.0000008m, null, false), (row.BilledCost, row.SubAccount, row.Columns.ContainsKey("SubAccountId")));
    }

    [Fact]
    public void A_bill_that_is_issued_again_replaces_its_period_and_no_other()
    {
        List<FocusRow> Bill(string rows) => [.. Read(rows).Select(r => r.Row!)];
        Assert.Equal([3m, 5m], FocusRows.InForce([Bill(Row("1") + Row("2")), Bill(Row("5", month: "08")), Bill(Row("3"))])
            .Select(r => r.BilledCost).Order());
    }

    [Fact]
    public void A_row_without_a_cost_is_set_aside() => Assert.Equal(
        "record/missing-field", Read(Row("NULL"))[0].Misfit?.Reason);
}
