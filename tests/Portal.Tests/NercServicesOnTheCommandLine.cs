using System.Globalization;
using System.Text.Json;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>From what clouds report to the service invoices that NERC's pipeline reads.</summary>
public sealed class NercServicesOnTheCommandLine : IDisposable
{
    private const string Header = "Invoice Month,Report Start Time,Report End Time,Project - Allocation,Project - Allocation ID,Manager (PI),Cluster Name,Invoice Email,Invoice Address,Institution,Institution - Specific Code,SU Hours (GBhr or SUhr),SU Type,Rate,Cost,Generated At\n";
    private const string October = "2025-10,2025-10-01T00:00:00+00:00,2025-11-01T00:00:00+00:00";
    private const string Made = "2026-11-01T06:00:00+00:00";

    private readonly string _folder = Directory.CreateTempSubdirectory("nerc-services-").FullName;

    [Fact]
    public async Task Pods_become_the_service_invoice_of_their_cluster()
    {
        var database = await Founded();
        // Requests at the steps of 15 minutes named after each pod; the outage of the 14th was from 12:00 to 21:00.
        await Ingest(database, "openshift-metrics", "", Metrics(
            Pod("bio", "web", "0.5", Gib(1), "", Steps(1, 0, 4)),
            Pod("bio", "api", "0.25", Gib(6), "", Steps(1, 0, 4)),
            Pod("bio", "no-memory", "3", "0", "", Steps(2, 0, 96)),
            Pod("bio", "outage", "1", Gib(4), "", Steps(14, 44, 44)),
            Pod("chem", "train", "24", Gib(75), "nvidia.com/gpu=1=NVIDIA-A100-40GB", Steps(3, 0, 3)),
            Pod("chem", "slice", "8", Gib(64), "nvidia.com/mig-1g.5gb=1=NVIDIA-A100-SXM4-40GB", Steps(3, 0, 4)),
            Pod("chem", "strange", "8", Gib(64), "nvidia.com/gpu=1=NVIDIA-L40S", Steps(3, 0, 5)),
            Pod("chem", "asked", "8", Gib(64), "nvidia.com/gpu=0=NVIDIA-A100-40GB", Steps(3, 8, 5))));

        // bio: 0.5 + 1.5 + (1 h before and 1 h after the outage) = 4 SU hours. chem: 2 SU for 0.75 h = 1.5, so 2.
        Assert.Equal(Header +
            $"{October},bio,bio,,ocp-prod,,,,,4,OpenShift CPU,0.013,0.05,{Made}\n" +
            $"{October},chem,chem,,ocp-prod,,,,,2,OpenShift GPUA100,1.803,3.61,{Made}\n" +
            $"{October},chem,chem,,ocp-prod,,,,,2,OpenShift Unknown GPU,0,0.00,{Made}\n" +
            $"{October},chem,chem,,ocp-prod,,,,,1,OpenShift Unknown MIG GPU,0,0.00,{Made}\n",
            await Exported(database, "--cluster ocp-prod --policies nerc-compatible", "ocp-prod 2025-10.csv"));
    }

    [Fact]
    public async Task A_dump_of_novas_database_becomes_the_service_invoice_of_openstack()
    {
        var database = await Founded();
        await Ingest(database, "nova-db", "--cluster stack", Dump(
            // A second is an hour, and 1.5 SU are 1: 1 SU hour.
            Server("a-second", "p-1", 1, 6144, ("01 00:00:00", "create"), ("01 00:00:01", "delete")),
            // 10 h running and 2 h stopped; shelved is free: 12 h of 5 SU are 60.
            Server("sleepy", "p-1", 2, 20480, ("02 00:00:00", "create"), ("02 10:00:00", "stop"), ("02 12:00:00", "shelve")),
            // Suspended is billed as running, a reboot is nothing: 5.5 h, so 6.
            Server("paused", "p-1", 1, 4096, ("03 00:00:00", "create"), ("03 01:00:00", "suspend"), ("03 02:00:00", "reboot"), ("03 05:30:00", "delete")),
            // The failed attachment makes it free until it is stopped: 1 h and 1 h are 2.
            Server("failed", "p-1", 1, 4096, ("04 00:00:00", "create"), ("04 01:00:00", "attach_volume!"), ("04 03:00:00", "stop"), ("04 04:00:00", "delete")),
            // Two GPUs for 1.5 h: 2 h of 2 SU are 4, whatever the vCPU.
            Server("gpus", "p-2", 96, 400000, ("05 00:00:00", "create"), ("05 01:30:00", "delete")),
            // Made in September and still there: all 744 hours.
            Server("always", "p-2", 1, 4096, ("-20 00:00:00", "create"))));

        Assert.Equal(Header +
            $"{October},p-1,p-1,,stack,,,,N/A,69,OpenStack CPU,0.013,0.90,{Made}\n" +
            $"{October},p-2,p-2,,stack,,,,N/A,744,OpenStack CPU,0.013,9.67,{Made}\n" +
            $"{October},p-2,p-2,,stack,,,,N/A,4,OpenStack GPUA100,1.803,7.21,{Made}\n",
            await Exported(database, "--cluster stack --policies nerc-compatible", "NERC OpenStack 2025-10.csv"));
    }

    [Fact]
    public async Task Quotas_become_the_service_invoice_of_storage_with_names_and_pis()
    {
        var database = await Founded();
        await Ingest(database, "storage-quotas", "", """
            [{"id":1,"resource":{"name":"NERC"},"attributes":{"Allocated Project ID":"p-1"},
              "change_requests":[{"attribute":"OpenStack Swift Quota (GiB)","status":"Approved","created":"2025-10-10T00:00:00Z","value":1}],
              "quota_history":{"OpenStack Volume Quota (GiB)":[{"created":"2025-09-01T00:00:00Z","value":1000}],
                               "OpenStack Swift Quota (GiB)":[{"created":"2025-09-01T00:00:00Z","value":100},{"created":"2025-10-12T00:00:00Z","value":1}]}},
             {"id":2,"resource":{"name":"NERC-OCP"},"attributes":{"Allocated Project ID":"bio"},
              "quota_history":{"OpenShift Request on NESE Storage Quota (GiB)":[{"created":"2025-10-31T23:30:00Z","value":101}],
                               "OpenShift Request on IBM Storage Quota (GiB)":[{"created":"2025-10-31T22:00:00Z","value":10}]}}]
            """);
        var told = Path.Combine(_folder, "projects.csv");
        await File.WriteAllTextAsync(told, "cluster,project,name,pi,code\nstack,p-1,\"Genomes, all\",ada@bu.edu,190 01\n", TestContext.Current.CancellationToken);
        await Typed.Done($"projects import {told}", database);

        // Swift: 100 GiB until the request of the 10th, 216 h, then 1 GiB for 528 h: 22128 GiB hours.
        Assert.Equal(Header +
            $"{October},|Genomes, all|,p-1,ada@bu.edu,stack,,,,190 01,744000,OpenStack Storage,0.0000087890625,6.54,{Made}\n" +
            $"{October},|Genomes, all|,p-1,ada@bu.edu,stack,,,,190 01,22128,OpenStack Storage,0.0000087890625,0.19,{Made}\n" +
            $"{October},bio,bio,,ocp-prod,,,,N/A,51,OpenShift NESE Storage,0.0000087890625,0.00,{Made}\n" +
            $"{October},bio,bio,,ocp-prod,,,,N/A,20,OpenShift IBM Scale Storage,0,0.00,{Made}\n",
            await Exported(database, "--policies nerc-compatible", "NERC Storage 2025-10.csv"));
    }

    [Fact]
    public async Task Exact_pods_cost_to_the_cent_what_a_naive_sum_says()
    {
        var database = await Founded();
        var pods = (await File.ReadAllLinesAsync(Product.File("tests/Portal.Tests/Inputs/exact-pods-2025-10.csv"), TestContext.Current.CancellationToken))
            .Skip(1).Select(line => line.Split(',')).ToList();
        var taken = await Typed.Done("ingest -", database, string.Join('\n', pods.Select(Interval)));
        Assert.Equal("48 accepted, 0 duplicate, 0 quarantined", taken.Output.Trim());
        using var rated = JsonDocument.Parse((await Typed.Done("rate --month 2025-10 --json", database)).Output);
        Assert.Equal(
            Naive(pods), rated.RootElement.GetProperty("charges").EnumerateArray().ToDictionary(
                c => $"{c.GetProperty("project")} {c.GetProperty("sku")}",
                c => decimal.Parse(c.GetProperty("amount").GetString()!.Split(' ')[0], CultureInfo.InvariantCulture)));
    }

    /// <summary>The published rules, second by second and with nothing of the product: what each namespace owes.</summary>
    private static Dictionary<string, decimal> Naive(IEnumerable<string[]> pods)
    {
        var units = new Dictionary<string, (string Name, decimal Cpu, decimal Gib, decimal Rate)>
        {
            [""] = ("CPU", 1, 4, 0.013m),
            ["NVIDIA-A100-40GB"] = ("GPUA100", 24, 74, 1.803m),
            ["NVIDIA-A100-SXM4-40GB"] = ("GPUA100SXM4", 31, 240, 2.078m),
            ["Tesla-V100-PCIE-32GB"] = ("GPUV100", 48, 192, 1.214m),
            ["NVIDIA-H100-80GB-HBM3"] = ("GPUH100", 124, 360, 4m),
        };
        var (month, outage) = ((From: Time("2025-10-01T00:00:00Z"), To: Time("2025-11-01T00:00:00Z")),
            (From: Time("2025-10-14T12:00:00Z"), To: Time("2025-10-14T21:00:00Z")));
        static long Common(long from, long to, (long From, long To) with) => Math.Max(0, Math.Min(to, with.To) - Math.Max(from, with.From));
        var hours = new Dictionary<(string Namespace, string Product), decimal>();
        foreach (var pod in pods)
        {
            var (gpus, unit) = (Number(pod[5]), units[pod[2]]);
            var count = Math.Max(gpus, Math.Max(Number(pod[3]) / unit.Cpu, Number(pod[4]) / (1L << 30) / unit.Gib));
            var seconds = Common(Time(pod[6]), Time(pod[7]), month) - Common(Time(pod[6]), Time(pod[7]), outage);
            hours[(pod[1], pod[2])] = hours.GetValueOrDefault((pod[1], pod[2])) + (gpus > 0 ? Math.Ceiling(count) : count) * seconds / 3600;
        }

        return hours.Where(h => h.Value > 0).ToDictionary(
            h => $"{h.Key.Namespace} OpenShift {units[h.Key.Product].Name}",
            h => Math.Round(Math.Ceiling(h.Value) * units[h.Key.Product].Rate, 2, MidpointRounding.AwayFromZero));
    }

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    private static long Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToUnixTimeSeconds();

    private static string Interval(string[] pod) => JsonSerializer.Serialize(new
    {
        specversion = "1.0",
        id = pod[0],
        source = "urn:exact",
        type = "exchange.usage.interval.v1",
        subject = $"{pod[1]}/{pod[0]}",
        time = pod[7],
        data = new
        {
            landlord = "nerc",
            cluster = "ocp-prod",
            project = pod[1],
            kind = "pod",
            from = pod[6],
            to = pod[7],
            state = "running",
            shape = pod[2].Length == 0
                ? new Dictionary<string, string> { ["vcpu"] = pod[3], ["ram_mib"] = Mib(pod[4]) }
                : new Dictionary<string, string>
                {
                    ["vcpu"] = pod[3],
                    ["ram_mib"] = Mib(pod[4]),
                    ["gpu"] = pod[5],
                    ["gpu_resource"] = "nvidia.com/gpu",
                    ["gpu_model"] = pod[2],
                },
        },
    });

    [Fact]
    public async Task A_cluster_without_charges_is_named()
    {
        var database = await Founded();
        foreach (var (cluster, why) in ((string, string)[])[
            ("ocp-prod", "nerc/nothing-used: 'nerc' has no charges for 2025-10 on 'ocp-prod'"),
            ("nowhere", "usage/unknown-cluster: There is no cluster 'nowhere'.")])
        {
            var typed = await Typed.Line(
                $"export nerc-service --month 2025-10 --cluster {cluster} --out {_folder}", database);
            Assert.Equal(ExitCode.Refused, typed.Exit);
            Assert.Contains(why, typed.Errors, StringComparison.Ordinal);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<string> Founded()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        await Typed.Done($"prices publish {Product.File("pricing")}", database);
        return database;
    }

    private static async Task Ingest(string database, string format, string more, string text)
    {
        var typed = await Typed.Done($"ingest - --format {format} --landlord nerc {more}", database, text, At(6));
        Assert.EndsWith(" 0 duplicate, 0 quarantined", typed.Output.Trim(), StringComparison.Ordinal);
    }

    private async Task<string> Exported(string database, string options, string file)
    {
        await Typed.Done($"export nerc-service --month 2025-10 --out {_folder} {options}", database, clock: At(6));
        return await File.ReadAllTextAsync(Path.Combine(_folder, file), TestContext.Current.CancellationToken);
    }

    private static StoppedClock At(int hour) => new(Instant.FromUtc(2026, 11, 1, hour, 0));

    private static string Gib(int gib) => ((long)gib << 30).ToString(CultureInfo.InvariantCulture);

    private static string Mib(string bytes) => (Number(bytes) / (1 << 20)).ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<long> Steps(int day, int first, int count) => Enumerable.Range(first, count)
        .Select(step => Time($"2025-10-{day:00}T00:00:00Z") + (step * 900));

    private static string[] Pod(string project, string pod, string cpu, string memory, string gpu, IEnumerable<long> at)
    {
        var times = at.ToList();
        string Series(string labels, string value) =>
            $$"""{"metric":{"namespace":"{{project}}","pod":"{{pod}}"{{labels}}},"values":[{{string.Join(',', times.Select(t => $"[{t},\"{value}\"]"))}}]}""";
        var parts = gpu.Split('=');
        return
        [
            Series("", cpu), Series("", memory),
            parts.Length < 3 ? "" : Series($",\"resource\":\"{parts[0]}\",\"label_nvidia_com_gpu_product\":\"{parts[2]}\"", parts[1]),
        ];
    }

    private static string Metrics(params string[][] pods)
    {
        string All(int metric) => string.Join(',', pods.Select(pod => pod[metric]).Where(series => series.Length > 0));
        return $$"""{"start_date":"2025-10-01","interval_minutes":15,"cluster_name":"https://thanos-querier-openshift-monitoring.apps.shift.nerc.mghpcc.org","cpu_metrics":[{{All(0)}}],"memory_metrics":[{{All(1)}}],"gpu_metrics":[{{All(2)}}]}""";
    }

    private static string Server(string uuid, string project, int vcpus, int memory, params (string At, string Act)[] acts)
    {
        static string At(string at) => at.StartsWith('-') ? $"2025-09-{at[1..]}" : $"2025-10-{at}";
        return $"INSERT INTO `instances` VALUES (NULL,'{uuid}','{uuid}','{project}',1,{memory},{vcpus},0);\n" +
            $"INSERT INTO `instance_extra` VALUES ('{uuid}',{(uuid == "gpus" ? """'[{\"count\": 2, \"alias_name\": \"a100\"}]'""" : "NULL")});\n" +
            string.Concat(acts.Select(a =>
                $"INSERT INTO `instance_actions` VALUES ('{At(a.At)}','{uuid}','{a.Act.TrimEnd('!')}',{(a.Act.EndsWith('!') ? "'Error'" : "NULL")});\n"));
    }

    private static string Dump(params string[] servers) => """
        CREATE TABLE `instances` (`deleted_at` datetime, `uuid` varchar(36), `hostname` varchar(255), `project_id` varchar(255), `instance_type_id` int, `memory_mb` int, `vcpus` int, `deleted` int);
        CREATE TABLE `instance_extra` (`instance_uuid` varchar(36), `pci_requests` text);
        CREATE TABLE `instance_actions` (`created_at` datetime, `instance_uuid` varchar(36), `action` varchar(255), `message` varchar(255));

        """ + string.Concat(servers);

    private sealed class StoppedClock(Instant now) : IClock
    {
        public Instant GetCurrentInstant() => now;
    }
}
