using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Service invoices worked out by hand from the rules of today's scripts: a leap year, the month from which stopped
/// servers are billed, leases over the edges of a month, allocations that are denied, revoked and given again. Projects
/// stand in the order in which they were first told of.
/// </summary>
public sealed class NercServicesOfOtherMonths : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nerc-months-").FullName;

    // By rows: a server of q-3 that is long gone, then q-2, q-1 and q-3 again. The acts come first, as in a real dump.
    private const string Nova = """
        CREATE TABLE `instance_actions` (`id` int, `created_at` datetime, `instance_uuid` varchar(36),
            `action` varchar(255), `message` varchar(255));
        CREATE TABLE `instance_extra` (`instance_uuid` varchar(36), `pci_requests` text);
        CREATE TABLE `instances` (`id` int, `deleted_at` datetime, `uuid` varchar(36), `project_id` varchar(255),
            `memory_mb` int, `vcpus` int, `deleted` int);
        INSERT INTO `instance_actions` VALUES
          (1,'2024-01-05 00:00:00','always','create',NULL),(2,'2024-02-01 00:00:00','failed','create',NULL),
          (3,'2024-02-05 00:00:00','failed','reboot','Error'),(4,'2024-02-06 00:00:00','failed','suspend',NULL),
          (5,'2024-02-07 00:00:00','failed','resume',NULL),(6,'2024-02-08 00:00:00','failed','start',NULL),
          (7,'2024-02-10 00:00:00','stopped','create',NULL),(8,'2024-02-20 00:00:00','stopped','stop',NULL),
          (9,'2024-02-29 23:59:59','gpus','create',NULL),(10,'2023-11-05 00:00:00','gone','create',NULL);
        INSERT INTO `instance_extra` VALUES ('gpus','[{\"count\": 2, \"alias_name\": \"K80\"}]'),('always','[]');
        INSERT INTO `instances` VALUES (1,'2023-12-05 00:00:00','gone','q-3',4096,1,1),(
            2,NULL,'stopped','q-2',8192,2,0),
          (3,NULL,'always','q-1',4096,1,0),(4,NULL,'failed','q-1',4096,1,0),(5,NULL,'gpus','q-3',400000,64,0);
        """;

    /// <summary>
    /// February has 696 hours. q-3: a second of two GPUs is two hours. q-2: ten days of two SU, stopped is free. q-1:
    /// 696
    /// hours, and all but the three days from the failed reboot to the start, whatever was done between them. In March
    /// stopped is billed.
    /// </summary>
    [Theory]
    [InlineData("2024-02", "q-3 2 GPUK80 0.93", "q-2 480 CPU 6.24", "q-1 1320 CPU 17.16")]
    [InlineData("2024-03", "q-3 1488 GPUK80 688.94", "q-2 1488 CPU 19.34", "q-1 1488 CPU 19.34")]
    public async Task Stopped_servers_are_free_in_february_2024_and_billed_from_march(string month,
        params string[] rows) =>
        Assert.Equal(
            rows.Select(row => row.Replace(" GPU", " OpenStack GPU", StringComparison.Ordinal)
                .Replace(" CPU", " OpenStack CPU", StringComparison.Ordinal)),
            await Export("nova-db --cluster stack", Nova, month, "nerc-compatible", "NERC OpenStack"));

    /// <summary>10.25 hours of June are 11, a second is one; no expiry is to the end; half an hour is one.</summary>
    [Fact]
    public async Task Leases_are_cut_to_the_month_and_made_whole_each() => Assert.Equal(
        ["z-lab 12 BM GPUH100 192", "a-lab 48 BM FC430 36", "a-lab 1 BM FC830 3.97"],
        await Export("esi-leases", """
            [{"UUID":"1","Resource":"n1","Resource Class":"lenovo-sd665nv3-h100","Project":"z-lab","Start Time":"2025-05-31T22:30:00","Expire Time":"2025-06-01T10:15:00"},
             {"UUID":"2","Resource":"n2","Resource Class":"fc430","Project":"a-lab","Start Time":"2025-06-29T00:00:00","Expire Time":null},
             {"UUID":"3","Resource":"n3","Resource Class":"lenovo-sd665nv3-h100","Project":"z-lab","Start Time":"2025-06-05T08:00:00","Expire Time":"2025-06-05T08:00:01"},
             {"UUID":"4","Resource":"n4","Resource Class":"fc830","Project":"a-lab","Start Time":"2025-06-03T00:00:00","Expire Time":"2025-06-03T00:30:00"}]
            """, "2025-06", "nerc-compatible", "bm"));

    /// <summary>
    /// Both leases of a-lab lie outside of June: one row of no hours for each type. A class that nobody priced is its
    /// own type at no rate: half an hour and a day are 1 and 24.
    /// </summary>
    [Fact]
    public async Task Leases_outside_of_the_month_and_of_unknown_classes_have_their_rows() => Assert.Equal(
        ["a-lab 0 BM FC430 0", "z-lab 25 gh200-trial 0"],
        await Export("esi-leases", """
            [{"UUID":"1","Resource":"n1","Resource Class":"fc430","Project":"a-lab","Start Time":"2025-05-01T00:00:00","Expire Time":"2025-05-02T00:00:00"},
             {"UUID":"2","Resource":"n2","Resource Class":"fc430","Project":"a-lab","Start Time":"2025-08-01T00:00:00","Expire Time":null},
             {"UUID":"3","Resource":"n3","Resource Class":"gh200-trial","Project":"z-lab","Start Time":"2025-06-05T08:00:00","Expire Time":"2025-06-05T08:30:00"},
             {"UUID":"4","Resource":"n4","Resource Class":"gh200-trial","Project":"z-lab","Start Time":"2025-06-07T00:00:00","Expire Time":"2025-06-08T00:00:00"}]
            """, "2025-06", "nerc-compatible", "bm"));

    /// <summary>
    /// Deleted on the 10th and given back on the 20th of June. The scripts pass over the 'restore', so 9 days; corrected
    /// it is billed again, 20 days less an outage of 50 hours. The server that was deleted by force ends with its row: 5 days, less the outage.
    /// </summary>
    [Theory]
    [InlineData("nerc-compatible", "p-1 216 OpenStack CPU 2.81", "p-2 120 OpenStack CPU 1.56")]
    [InlineData("corrected", "p-1 430 OpenStack CPU 5.59", "p-2 70 OpenStack CPU 0.91")]
    public async Task A_server_that_comes_back_after_it_was_deleted(string policies, params string[] rows) =>
        Assert.Equal(rows, await Export("nova-db --cluster stack", """
            CREATE TABLE `instance_actions` (`id` int, `created_at` datetime, `instance_uuid` varchar(36),
                `action` varchar(255), `message` varchar(255));
            CREATE TABLE `instance_extra` (`instance_uuid` varchar(36), `pci_requests` text);
            CREATE TABLE `instances` (`id` int, `deleted_at` datetime, `uuid` varchar(36), `project_id` varchar(255),
                `memory_mb` int, `vcpus` int, `deleted` int);
            INSERT INTO `instance_actions` VALUES
              (1,'2025-06-01 00:00:00','back','create',NULL),(2,'2025-06-10 00:00:00','back','delete',NULL),
              (3,'2025-06-20 00:00:00','back','restore',NULL),(4,'2025-06-01 00:00:00','forced','create',NULL),
              (5,'2025-06-05 23:59:58','forced','forceDelete',NULL);
            INSERT INTO `instance_extra` VALUES ('back',NULL),('forced',NULL);
            INSERT INTO `instances` VALUES (1,NULL,'back','p-1',4096,1,0),
              (2,'2025-06-06 00:00:00','forced','p-2',4096,1,2);
            """, "2025-06", policies, "NERC OpenStack"));

    /// <summary>
    /// By the scripts p-5 is billed until it was revoked, 240 hours, though it was denied before, and ns-6 never again
    /// after it was revoked, 48 hours. Corrected: 96 hours, and 48 and 264.
    /// </summary>
    [Theory]
    [InlineData("nerc-compatible", "p-5 240000 OpenStack Storage 2.11", "ns-6 4800 OpenShift NESE Storage 0.04")]
    [InlineData("corrected", "p-5 96000 OpenStack Storage 0.84", "ns-6 31200 OpenShift NESE Storage 0.27")]
    public async Task Quotas_end_with_the_newest_record_that_says_denied_or_revoked(string policies,
        params string[] rows) =>
        Assert.Equal(rows, await Export("storage-quotas", """
            [{"id":5,"resource":{"name":"NERC"},"attributes":{"Allocated Project ID":"p-5"},
              "status_history":[{"created":"2025-09-01T00:00:00Z","status":"Active"},
                                {"created":"2025-10-05T00:00:00Z","status":"Denied"},
                                {"created":"2025-10-11T00:00:00Z","status":"Revoked"}],
              "quota_history":{"OpenStack Volume Quota (GiB)":[{"created":"2025-09-01T00:00:00Z","value":1000}]}},
             {"id":6,"resource":{"name":"NERC-OCP"},"attributes":{"Allocated Project ID":"ns-6"},
              "status_history":[{"created":"2025-10-03T00:00:00Z","status":"Revoked"},
                                {"created":"2025-10-21T00:00:00Z","status":"Active"}],
              "quota_history":{"OpenShift Request on NESE Storage Quota (GiB)":
                                [{"created":"2025-09-01T00:00:00Z","value":100}]}}]
            """, "2025-10", policies, "NERC Storage"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Project, hours, SU type and cost of each row.</summary>
    private async Task<List<string>> Export(string format, string text, string month, string policies, string file)
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        await Typed.Done($"prices publish {Product.File("pricing")}", database);
        var clock = new Stopped();
        var typed = await Typed.Done($"ingest - --landlord nerc --format {format}", database, text, clock);
        Assert.EndsWith(" 0 duplicate, 0 quarantined", typed.Output.Trim(), StringComparison.Ordinal);
        await Typed.Done(
            $"export nerc-service --month {month} --out {_folder} --policies {policies}", database, clock: clock);
        var rows = await File.ReadAllLinesAsync(
            Path.Combine(_folder, $"{file} {month}.csv"), TestContext.Current.CancellationToken);
        return [.. rows.Skip(1).Select(row => row.Split(',')).Select(cell => $"{cell[4]} {cell[11]} {cell[12]} {cell[14]}")];
    }

    private sealed class Stopped : IClock
    {
        public Instant GetCurrentInstant() => Instant.FromUtc(2026, 11, 1, 6, 0);
    }
}
