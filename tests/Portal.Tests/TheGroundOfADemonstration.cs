using Exchange.Portal.Demo;
using Exchange.Portal.Keys;
using Exchange.Rating;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What a demonstration plays with is published wherever it plays: on another Postgres it ended with close/unpriced, as
/// only new embedded databases are given price sheets. Where somebody keeps anything, nothing is played.
/// </summary>
public class TheGroundOfADemonstration
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Any_empty_database_gets_every_sheet_and_fact_once(bool bare)
    {
        await using var exchange = await Open(bare);
        Assert.Empty((await LoadPriceBooks.Run(exchange.Journal, Serving.Ct)).Books);
        await DemoGround.Demand(exchange, Serving.Ct); // What it was founded with is not somebody's.
        for (var time = 0; time < 2; time++)
        {
            await DemoGround.Publish(exchange, Serving.Ct);
            var books = await LoadPriceBooks.Run(exchange.Journal, Serving.Ct);
            var sheets = Directory.GetFiles(Product.File("pricing"), "*.yaml", SearchOption.AllDirectories)
                .Count(file => File.ReadLines(file).Any(line => line.StartsWith("skus:", StringComparison.Ordinal)));
            Assert.Equal(sheets, books.Books.Values.Sum(book => book.All.Length));
            Assert.NotEmpty(books.Show(new("blockbank"), DemoPlay.October.Start)); // The one that was missed.
            Assert.NotEmpty(exchange.Programmes);
            Assert.NotEmpty(exchange.Institutions.All);
        }
    }

    /// <summary>Each alone is enough; usage is one of many.</summary>
    [Theory]
    [InlineData("projects", "directory-")]
    [InlineData("a key", "key-")]
    [InlineData("a sheet", "prices-", "acme")]
    [InlineData("a fact", "facts-exchange")]
    public async Task Where_somebody_keeps_anything_nothing_is_played(params string[] what)
    {
        await using var exchange = await Open(bare: false);
        switch (what[0])
        {
            case "projects":
                await ImportProjects.Run(
                    exchange.Journal, "cluster,project,name,pi\nstack,p-1,One,ada@bu.edu\n", "p.csv", "ada",
                    DemoPlay.Today, Serving.Ct);
                break;
            case "a key":
                await exchange.Do(new CreateKey("mine", new("nerc"), KeyScope.Read, "ada"));
                break;
            case "a sheet":
                var published = await PublishPrices.Run(
                    exchange.Journal, [new("s.yaml", SmallExchange.Sheet)], PricePublishContext.Nothing, "ada",
                    DemoPlay.Today, Serving.Ct);
                Assert.Empty(published.Refusals);
                break;
            default:
                await DemoGround.Publish(exchange, Serving.Ct);
                await Publish(exchange);
                break;
        }

        var refused = await Assert.ThrowsAsync<RefusedException>(() => DemoGround.Demand(exchange, Serving.Ct));
        Assert.Equal(("demo/not-empty", "--database"), (refused.Refusal.Code, refused.Refusal.Where));
        Assert.Contains(what[^1], refused.Refusal.Message, StringComparison.Ordinal);
    }

    private static async Task Publish(Composition exchange)
    {
        using var scratch = new Scratch();
        var file = Path.Combine(scratch.Path, "landlords.yaml");
        await File.WriteAllTextAsync(file, """
            landlords:
              - name: acme
                title: Acme
                terms:
                  - {from: 2026-01, platform_share: "0.05"}

            """, Serving.Ct);
        var typed = await Typed.Line($"prices publish {file}", exchange.Place.Database);
        Assert.True(typed.Exit == ExitCode.Done, typed.Errors);
    }

    private static async Task<Composition> Open(bool bare) => await Composition.Open(
        new(
            Path.Combine(Path.GetTempPath(), "exchange-none"),
            await TestDatabase.NewConnectionString(Composition.Modules), bare),
        new StoppedClock(DemoPlay.Today), Serving.Ct);
}
