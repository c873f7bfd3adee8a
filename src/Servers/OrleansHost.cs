using Exchange.Metering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using Orleans.Connections.Security;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Services;

namespace Exchange.Servers;

/// <summary>
/// Orleans as it is used here: it says which servers live, and brings requests from one to another. It is a host of its
/// own in the process, which ends and begins again where the others thought that this server was dead.
/// </summary>
internal static class OrleansHost
{
    /// <summary>Whoever does not answer so often in a row is dead: within some two seconds.</summary>
    private static readonly TimeSpan Probe = TimeSpan.FromMilliseconds(500);

    private const int MaxMissedProbes = 3;

    /// <param name="ledger">How to reach the database in which servers are kept.</param>
    /// <param name="lost">Is called when the others think that this server is dead.</param>
    public static IHost Build(
        ServerPlace place, string ledger, Meter meter, ForwardedRoom room, ILoggerFactory logs, Action<string> lost)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton(logs).AddSingleton(meter).AddSingleton(room)
            .AddSingleton<IHostLifetime, WholeProcess>().AddSingleton<IFatalErrorHandler>(new Lost(lost))
            .AddSingleton<OwnersOfLanes>();
        builder.UseOrleans(silo =>
        {
            silo.UseAdoNetClustering(database =>
            {
                database.Invariant = "Npgsql";
                database.ConnectionString = new NpgsqlConnectionStringBuilder(ledger)
                {
                    SearchPath = "servers",
                    ApplicationName = "servers",
                    MinPoolSize = 0,
                    MaxPoolSize = 4,
                    Timeout = 5,
                    CommandTimeout = 5,
                }.ConnectionString;
            }).AddGrainService<ForwardedUsage>();
            silo.Configure<ClusterOptions>(all => all.ClusterId = all.ServiceId = "exchange")
                .Configure<SiloOptions>(own => own.SiloName = $"{place.At}")
                .Configure<EndpointOptions>(at =>
                {
                    (at.AdvertisedIPAddress, at.SiloPort, at.GatewayPort) = (place.At.Address, place.At.Port, 0);
                })
                .Configure<ClusterMembershipOptions>(Members)
                .Configure<ConnectionOptions>(one => one.OpenConnectionTimeout = TimeSpan.FromSeconds(2));
            if (place.Tls is { } tls)
            {
                silo.UseTls(tls.Own, options => BothSides(options, tls));
            }
        });
        return builder.Build();
    }

    private static void BothSides(TlsOptions options, MutualTls tls)
    {
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (other, _, _) => tls.Trusts(other);
        options.OnAuthenticateAsClient = (_, client) => client.TargetHost = "exchange";
    }

    private static void Members(ClusterMembershipOptions members)
    {
        (members.ProbeTimeout, members.NumMissedProbesLimit) = (Probe, MaxMissedProbes);
        members.TableRefreshTimeout = TimeSpan.FromSeconds(5);
        members.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5); // Who missed three hinders nobody.
        members.MaxJoinAttemptTime = TimeSpan.FromMinutes(1);
        members.DefunctSiloExpiration = TimeSpan.FromDays(1);
    }

    /// <summary>The web server says when the process ends.</summary>
    private sealed class WholeProcess : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>What would end the process ends the host only.</summary>
    private sealed class Lost(Action<string> lost) : IFatalErrorHandler
    {
        public bool IsUnexpected(Exception exception) => exception is not ThreadAbortException;

        public void OnFatalException(object? sender, string? context, Exception? exception) =>
            lost(context ?? exception?.Message ?? "no reason is known");
    }
}

/// <summary>The way to a server that owns lanes.</summary>
internal sealed class OwnersOfLanes(IServiceProvider services) : GrainServiceClient<IForwardedUsage>(services)
{
    public Task<ForwardedAnswer[]> Send(SiloAddress server, ForwardedRequest[] requests) =>
        GetGrainService(server).Take(requests);
}
