using System.Net.Http.Headers;
using System.Text;
using Exchange.Portal.Bench;
using Exchange.Portal.Jobs;
using Exchange.Portal.Keys;
using Exchange.Portal.Stripe;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.SigningIn;
using Exchange.Testing;
using Microsoft.AspNetCore.Builder;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A server over a database of its own, on a port of its own, with people to be.</summary>
internal sealed class Serving : IAsyncDisposable
{
    public static readonly PiId Ada = new("ada@bu.edu");
    public static readonly PiId Ben = new("ben@mit.edu");
    public static readonly LandlordId Nerc = new("nerc");
    public static readonly LandlordId Other = new("other");

    private readonly WebApplication _app;
    private readonly string _data;
    private readonly List<NpgsqlConnection> _opened = [];

    private Serving(Composition exchange, WebApplication app, string data) =>
        (Exchange, _app, _data) = (exchange, app, data);

    public static IReadOnlyList<Persona> People { get; } =
    [
        new("ada", "", new("person:ada", "Ada", Role.Pi, Pi: Ada)),
        new("ben", "", new("person:ben", "Ben", Role.Pi, Pi: Ben)),
        new("nerc", "", new("person:nerc", "NERC", Role.Landlord, Landlord: Nerc)),
        new("other", "", new("person:other", "Other", Role.Landlord, Landlord: Other)),
        new("finance", "", new("person:finance", "Frances", Role.Finance)),
        new("operator", "", new("person:operator", "Opal", Role.Operator)),
        new("subsidy", "", new("person:subsidy", "Bea", Role.Subsidy, Payer: "bu-research-it")),
    ];

    public Composition Exchange { get; }
    public Uri Address => new(_app.Urls.First());
    public WebApplication App => _app;

    public static async Task<Serving> Start(
        IClock? clock = null, IReadOnlyList<Persona>? people = null, SignInSettings? signIn = null,
        bool webhooksToPrivate = false, IReadOnlyList<Job>? jobs = null, StripeSettings? stripe = null,
        string? database = null, IReadOnlyList<string>? panelIn = null,
        Func<ServerOptions, ServerOptions>? with = null)
    {
        var data = Directory.CreateTempSubdirectory("exchange-serve-").FullName;
        var exchange = await Composition.Open(
            new(data, database ?? await TestDatabase.NewConnectionString(Composition.Modules)),
            clock ?? SystemClock.Instance, Ct);
        var app = Server.Build(exchange,
            (with ?? (options => options))(new(["http://127.0.0.1:0"])
            {
                Personas = people ?? (signIn is null ? People : []),
                SignIn = signIn,
                WebhooksToPrivate = webhooksToPrivate,
                Jobs = jobs ?? [],
                Stripe = stripe,
                PanelIn = panelIn ?? [],
            }));
        await app.StartAsync(Ct);
        return new(exchange, app, data);
    }

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public HttpClient Anonymous() =>
        new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = true })
        {
            BaseAddress = Address,
            Timeout = TimeSpan.FromMinutes(5), // For what hangs; on a busy machine hundreds wait for their turn.
        };

    public Task<HttpClient> As(string persona) =>
        PageBench.SignIn(Address, People.Single(p => p.Id == persona), Ct);

    public async Task<HttpClient> WithKey(KeyScope scope, LandlordId? landlord, string? institution = null)
    {
        var made = await Exchange.Do(new CreateKey("test", landlord, scope, "test") { Institution = institution });
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", made.Key);
        return client;
    }

    /// <summary>A connection of its own to the database, closed with the server.</summary>
    public async Task<NpgsqlConnection> Connection()
    {
        var connection = await Exchange.Database.OpenConnectionAsync(Ct);
        _opened.Add(connection);
        return connection;
    }

    public static StringContent Json(string text, string type) => new(text, Encoding.UTF8, type);

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _opened)
        {
            await connection.DisposeAsync();
        }

        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        await Exchange.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }
}
