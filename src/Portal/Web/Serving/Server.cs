using Exchange.Journal;
using Exchange.Portal.Api;
using Exchange.Portal.Collecting;
using Exchange.Portal.Jobs;
using Exchange.Portal.Peers;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.SigningIn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.HostFiltering;

namespace Exchange.Portal.Web;

/// <summary>The web server over an exchange: who may do what, then every route.</summary>
internal static class Server
{
    public static WebApplication Build(Composition exchange, ServerOptions options)
    {
        options.Checked();
        var (connections, metrics) = (new OpenConnections(ConnectionLimits.Here()), new MetricsText());
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "exchange" });
        Listen(builder, options, connections);
        Log(builder.Logging);
        AddServices(builder.Services, exchange, options);
        AmongServers.AddTo(builder.Services, exchange, options);
        Telemetry.AddTo(builder.Services, metrics);
        Describe.AddTo(builder.Services);
        AddAccess(builder.Services, exchange, options);
        builder.Services.ConfigureHttpJsonOptions(http => CopyJson(http.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));

        var app = builder.Build();
        RejectedRequests.Use(app);
        PublicAddress.Use(app, options);
        app.Services.GetRequiredService<Telemetry>().Use(app);
        SecurityHeaders.Use(app);
        connections.Use(app);
        Failures.Use(app);
        app.UseHostFiltering();
        app.UseRouting();
        SignInLimits.Use(app);
        app.UseAuthentication();
        app.UseAuthorization();
        RequestTurns.Use(app);
        ActBudgets.Use(app);
        QueryNames.Use(app);
        AskedTimes.Use(app);
        ApiVersion.Use(app);
        IncompleteUsage.Use(app, exchange);
        FreshFacts.Use(app, exchange);
        RequestHeaders.Use(app);
        metrics.Map(app);
        Routes.Map(app, options);
        return app;
    }

    private static void Listen(WebApplicationBuilder builder, ServerOptions options, OpenConnections connections) =>
        builder.WebHost.UseUrls([.. options.Urls]).UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodySizes.Usual;
            kestrel.Limits.MaxRequestBufferSize = ReceiveMemory.ReadAheadOf(MemoryLimit.OfProcess);
            kestrel.Limits.MinResponseDataRate = new(UploadBody.MinBytesASecond, UploadBody.Patience);
            kestrel.Limits.MaxConcurrentConnections = ConnectionLimits.Here();
            kestrel.ConfigureEndpointDefaults(connections.Count);
        }).UseSockets(sockets => sockets.MaxReadBufferSize = ReceiveMemory.ReadAheadOf(MemoryLimit.OfProcess));

    private static void Log(ILoggingBuilder logging) => logging.ClearProviders()
        .AddSimpleConsole(console => console.SingleLine = true)
        .SetMinimumLevel(LogLevel.Warning)
        .AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error) // It warns where we are stricter than it.
        .AddFilter("Microsoft.AspNetCore.Server.Kestrel",
            LogLevel.Error) // It writes lines for each that is turned away, with stacks.
        .AddFilter("Orleans", LogLevel.Critical) // The member says what of it matters.
        .AddFilter("Microsoft.AspNetCore.Server.Kestrel.Http2",
            LogLevel.None) // A flood of frames is critical to it, and an ended connection to us.
        .AddFilter("Microsoft.AspNetCore.DataProtection",
            LogLevel.Error) // The data directory is its owner's alone.
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

    private static void AddServices(IServiceCollection services, Composition exchange, ServerOptions options) =>
        services.AddSingleton<IMemoryPoolFactory<byte>>(new ReceiveMemory(MemoryLimit.OfProcess))
            .AddSingleton(exchange).AddSingleton(exchange.Clock)
            .AddSingleton<IJournal>(exchange.Journal).AddSingleton(exchange.Journal).AddSingleton(exchange.Audit)
            .AddSingleton(exchange.Keys).AddSingleton(exchange.Projections)
            .AddSingleton(exchange.Meter).AddSingleton(options).AddSingleton(new Personas(options.Personas))
            .AddSingleton(new UploadBudgets(MemoryLimit.OfProcess)).AddSingleton<StatementTurns>()
            .AddHostedService<DatabaseWatchdog>().AddHostedService<BackgroundRefresh>()
            .AddHostedService<WebhookJobs>()
            .AddSingleton(ScheduleOf(exchange, options)).AddSingleton<JobsByHand>()
            .AddHostedService(all => all.GetRequiredService<JobSchedule>()).AddHostedService<ClockWatch>()
            .AddHostedService<LaneSealing>()
            .AddSingleton(new CollectorChoice(options.Collectors)).AddHostedService<CollectorJobs>();

    /// <summary>A server without jobs of its own starts none by itself, and runs those that people start.</summary>
    private static JobSchedule ScheduleOf(Composition exchange, ServerOptions options) => options.Jobs.Count > 0
        ? new(exchange, options.Jobs)
        : new(exchange, AllJobs.Of(JobSettings.Here()), isOn: false);

    private static void AddAccess(IServiceCollection services, Composition exchange, ServerOptions options)
    {
        var authentication = services.AddAuthentication(Viewer.SessionScheme)
            .AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(Viewer.KeyScheme, null)
            .AddCookie(Viewer.SessionScheme, cookie =>
            {
                cookie.Cookie.Name = "exchange-session";
                cookie.Cookie.HttpOnly = true;
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                cookie.ExpireTimeSpan = Sessions.Idle;
                cookie.SlidingExpiration = true;
                cookie.EventsType = typeof(Sessions);
            });
        services.AddSingleton(new Sessions(exchange.Database, exchange.Clock));
        services.AddSingleton<SignInLimits>().AddSingleton(RequestTurns.For(exchange))
            .AddSingleton(new ActBudgets(options.ActsInARow))
            .AddSingleton(new SignInLinks(exchange.Database, exchange.Clock));
        if (options.SignIn is { } signIn)
        {
            OpenIdConnectSetup.Add(authentication, signIn);
        }

        services.AddAuthorization(Permissions.AddTo);
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AuthorizationResults>();
        services.AddAntiforgery(form =>
        {
            form.Cookie.Name = "exchange-form";
            form.Cookie.SameSite = SameSiteMode.Strict;
            form.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            form.FormFieldName = "form-token";
        });
        services.AddDataProtection().SetApplicationName("exchange");
        services.Configure<KeyManagementOptions>(keys => keys.XmlRepository = new SessionKeys(exchange.Database));
        if (options.Personas.Count > 0)
        {
            // A page elsewhere that resolves its own name to this machine must not become anybody here.
            services.Configure<HostFilteringOptions>(filter =>
                filter.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
        }
    }

    /// <summary>HTTP speaks the JSON that the journal stores.</summary>
    private static void CopyJson(System.Text.Json.JsonSerializerOptions http)
    {
        http.DefaultIgnoreCondition = Text.Json.DefaultIgnoreCondition;
        http.Encoder = Text.Json.Encoder;
        http.AllowDuplicateProperties = Text.Json.AllowDuplicateProperties;
        foreach (var converter in Text.Json.Converters)
        {
            http.Converters.Add(converter);
        }
    }
}
