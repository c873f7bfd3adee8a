using System.Runtime.CompilerServices;
using Exchange.Metering;
using Exchange.Servers;

namespace Exchange.Portal.Web;

/// <summary>The server as one of several where it was started so; otherwise nothing of that is loaded.</summary>
internal static class AmongServers
{
    /// <summary>The part of memory that requests of other servers may take, as those of one's own do.</summary>
    private const long MemoryShare = 12;

    private const long FewestBytes = 24 << 20;
    private const long CeilingBytes = 192 << 20;

    public static void AddTo(IServiceCollection services, Composition exchange, ServerOptions options)
    {
        if (options.Cluster is null)
        {
            services.AddSingleton<IUsageIntake>(exchange.Meter);
            return;
        }

        Join(services, exchange, options.Cluster);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Join(IServiceCollection services, Composition exchange, ServerPlace place) => services
        .AddSingleton(all => new Member(
            exchange.Meter, place, exchange.Database, exchange.Connection,
            Math.Clamp(MemoryLimit.OfProcess / MemoryShare, FewestBytes, CeilingBytes),
            all.GetRequiredService<ILoggerFactory>()))
        .AddSingleton(all => all.GetRequiredService<Member>().Intake)
        .AddHostedService(all => all.GetRequiredService<Member>());
}
