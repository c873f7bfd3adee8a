using Exchange.Journal;
using Exchange.Portal;
using Exchange.Portal.Demo;
using Exchange.Portal.Web;
using Exchange.Rating;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace Exchange.Browser.Tests;

/// <summary>The tests that look at the demonstration and change nothing of it: it is played once for all.</summary>
[CollectionDefinition(nameof(Demonstrated))]
public sealed class DemonstratedOnce : ICollectionFixture<Demonstrated>;

/// <summary>The demonstration, played once and served for the tests that look at every page.</summary>
public sealed class Demonstrated : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("exchange-browse-").FullName;
    private Composition? _exchange;
    private WebApplication? _app;

    public Uri Address => new(_app!.Urls.First());

    internal WebApplication App => _app!;

    internal Composition Exchange => _exchange!;

    /// <summary>One person of each role, with the first page made for them.</summary>
    public IReadOnlyList<(string Persona, string Role, string First)> People { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var cast = new Cast(DemoPlay.Seed);
        var clock = new DemoClock(DemoPlay.Today);
        var personas = DemoPeople.Of(cast);
        People =
        [
            .. personas.DistinctBy(p => p.Viewer.Role).Select(p => (
                p.Id, p.Viewer.Role.ToString().ToLowerInvariant(), Places.Of(p.Viewer.Role)[0].Path)),
        ];
        File.SetUnixFileMode(_data, (UnixFileMode)0b111_101_101); // Postgres may run as another user.
        _exchange = await Composition.Open(new(_data), clock, CancellationToken.None);
        _app = Server.Build(_exchange, new(["http://127.0.0.1:0"]) { Personas = personas });
        await _app.StartAsync();
        await new DemoPlay(_exchange, clock, Address, _ => { }).Run(cast, CancellationToken.None);
        await PublishForLater(personas.First(p => p.Viewer.Landlord is not null).Viewer.Landlord!.Value);
        await _exchange.Projections.CatchUp(CancellationToken.None);
    }

    /// <summary>A sheet that has not begun can be withdrawn: that page is looked at too.</summary>
    private async Task PublishForLater(LandlordId landlord)
    {
        var books = await LoadPriceBooks.Run(_exchange!.Journal, CancellationToken.None);
        var yaml = books.List().Last(sheet => sheet.Sheet.Landlord == landlord).Published.Yaml;
        var from = yaml.Split('\n').First(line => line.StartsWith("from:", StringComparison.Ordinal));
        var outcome = await PublishPrices.Run(
            _exchange.Journal, [new("later.yaml", yaml.Replace(from, "from: 2027-01", StringComparison.Ordinal))],
            PricePublishContext.Nothing, "browser", DemoPlay.Today, CancellationToken.None);
        Assert.Empty(outcome.Refusals);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        if (_exchange is not null)
        {
            await _exchange.DisposeAsync();
        }

        await EmbeddedPostgres.Stop(_data, CancellationToken.None);
        Directory.Delete(_data, recursive: true);
    }
}
