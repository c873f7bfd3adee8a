using System.Collections.Concurrent;
using System.Reflection;
using Exchange.Journal;
using Exchange.Metering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Runtime;

namespace Exchange.Servers;

/// <summary>
/// Makes this process one of the servers of an exchange while it runs. As long as it is none, it takes all readings
/// that come to it itself.
/// </summary>
/// <param name="connection">How to reach the ledger's database.</param>
/// <param name="maxBytes">How many bytes of others' requests may be in work here.</param>
public sealed class Member(
    Meter meter, ServerPlace place, NpgsqlDataSource ledger, string connection, long maxBytes, ILoggerFactory logs)
    : BackgroundService
{
    /// <summary>Lanes are added seldom, and nobody tells of it.</summary>
    private static readonly TimeSpan LookAtLanes = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenFolds = TimeSpan.FromSeconds(5);
    private static readonly Assembly[] Modules = [typeof(Member).Assembly];

    private readonly ILogger _log = logs.CreateLogger<Member>();
    private readonly ForwardedRoom _room = new(maxBytes);
    private Standing _standing = Standing.Alone;

    /// <summary>Where requests are taken.</summary>
    public IUsageIntake Intake => new ForwardingIntake(meter, () => Volatile.Read(ref _standing), _log);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var folding = FoldOwn(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Schema.Upgrade(ledger, Modules, stoppingToken);
                await Belong(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                _log.LogWarning(
                    "This server is none of the others now, and takes all that comes itself: {Why}", e.Message);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            finally
            {
                Volatile.Write(ref _standing, Standing.Alone);
            }

            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await folding;
    }

    /// <summary>Is one of the servers until it is to stop, or the others think that it is dead.</summary>
    private async Task Belong(CancellationToken stop)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var why = "";
        using var host = OrleansHost.Build(place, connection, meter, _room, logs, said =>
        {
            why = said;
            lost.Cancel();
        });
        try
        {
            await host.StartAsync(lost.Token);
            await Stand(host.Services, lost.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new InvalidOperationException($"The others think that it is dead ({why}).");
        }
        finally
        {
            Volatile.Write(ref _standing, Standing.Alone);
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await host.StopAsync(soon.Token);
        }
    }

    /// <summary>Knows which lanes are its own and who owns the others, whenever one of that changes.</summary>
    private async Task Stand(IServiceProvider services, CancellationToken ct)
    {
        var members = services.GetRequiredService<IClusterMembershipService>();
        var owners = services.GetRequiredService<OwnersOfLanes>();
        var lines = new ConcurrentDictionary<SiloAddress, ForwardLine>();
        await using var changes = members.MembershipUpdates.GetAsyncEnumerator(ct);
        var change = changes.MoveNextAsync().AsTask();
        while (true)
        {
            await Stand(members.CurrentSnapshot, owners, lines, ct);
            await Task.WhenAny(change, Task.Delay(LookAtLanes, ct));
            ct.ThrowIfCancellationRequested();
            change = change.IsCompleted && await change ? changes.MoveNextAsync().AsTask() : change;
        }
    }

    private async Task Stand(
        ClusterMembershipSnapshot all, OwnersOfLanes owners, ConcurrentDictionary<SiloAddress, ForwardLine> lines,
        CancellationToken ct)
    {
        var servers = all.Members.Values.Where(one => one.Status == SiloStatus.Active)
            .GroupBy(one => $"{one.SiloAddress.Endpoint}", one => one.SiloAddress, StringComparer.Ordinal)
            .ToDictionary(one => one.Key, one => one.MaxBy(address => address.Generation)!, StringComparer.Ordinal);
        var (before, lanes) = (_standing, await meter.LaneNames(ct));
        if (Standing.BasisOf(servers, lanes) == before.Basis)
        {
            return;
        }

        var now = Standing.Of($"{place.At}", servers, lanes, server => lines.GetOrAdd(
            server, _ => new(requests => owners.Send(server, requests))));
        Volatile.Write(ref _standing, now);
        foreach (var gone in lines.Keys.Except(servers.Values))
        {
            lines.TryRemove(gone, out _);
        }

        foreach (var lane in before.Own.Keys.Except(now.Own.Keys))
        {
            meter.Forget(lane);
        }

        await LaneOwners.Note(ledger, [.. now.Own.Keys.Except(before.Own.Keys)], $"{place.At}", ct);
    }

    /// <summary>Keeps what the readings of its own lanes come to near to what was reported.</summary>
    private async Task FoldOwn(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var lane in Volatile.Read(ref _standing).Own)
            {
                try
                {
                    await meter.FoldLane(lane.Key, stop);
                }
                catch (Exception e) when (!stop.IsCancellationRequested)
                {
                    _log.LogWarning(
                        "The lane {Lane} could not be folded; that is tried again: {Why}", lane.Value, e.Message);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }

            await Task.Delay(BetweenFolds, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
