using Exchange.Invoicing;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Reading;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Rating;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>
/// Two years of months with late usage, prices that change, people who merge, projects that move, payments, refunds,
/// credit notes, invoices taken back, and a process that dies anywhere. A short run ends after ten months.
/// Seen to fail with voids that keep what funds paid, and with refunds posted on the wrong side.
/// </summary>
public class TwoYears(ITestOutputHelper output)
{
    private static readonly Landlords Terms = Landlords.Parse(
        """
        landlords:
          - name: acme
            title: Acme
            terms:
              - {from: 2018-01, platform_share: "0.03"}
        """, "landlords.yaml");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<int> Seeds => new(Draws.Seeds(few: 1, many: 2));

    [Theory, MemberData(nameof(Seeds))]
    public async Task Add_up_in_every_month_and_come_to_what_is_on_paper(int seed)
    {
        await using var calm = await Live(seed, dies: false);
        await using var hard = await Live(seed, dies: true);

        Assert.True(hard.Deaths > (Draws.AreLong ? 50 : 20), $"{hard.Deaths} deaths prove little.");
        await OnPaper.Is(hard, new(seed), Ct);
        Assert.Equal(await Written(calm), await Written(hard));
        Assert.Empty(await hard.Living.Meter.Verify(Ct));
        Assert.Null((await VerifyChain.Run(hard.Living.Journal, hard.Living.Database, _ => { }, Ct)).Wrong);
    }

    private async Task<Exchanges> Live(int seed, bool dies)
    {
        var story = new LongStory(seed);
        var (deaths, acts) = (new Random(seed), new Acts(new(seed)));
        var exchange = await Exchanges.Bare(LongStory.First.Start, Ct);
        var closed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await Tell(exchange, LongStory.Directory);
        for (var month = LongStory.First; month <= LongStory.Last.Next; month = month.Next)
        {
            exchange.Time = month.Start + Duration.FromHours(1);
            await Publish(exchange, month);
            exchange.Time = month.End + Duration.FromDays(1);
            var batches = dies ? story.ByArrival[month].Chunk(deaths.Next(1, 30)) : [[.. story.ByArrival[month]]];
            foreach (var batch in batches)
            {
                await Until(() => exchange.Send(batch, Ct));
            }

            if (month == LongStory.Found)
            {
                await Tell(exchange, LongStory.FoundOwner);
            }
            else if (month == LongStory.Merged)
            {
                await exchange.Living.Journal.Execute(
                    new MergePis(LongStory.Kept, LongStory.Old, "simulation"), exchange.Time, Ct);
            }

            await Until(() => exchange.Close(SourcesOf(exchange), month, Ct));
            await ClosesOnce(exchange, month);
            await Conservation.Holds(exchange, Ct);
            await Keep(exchange, month, closed);
            foreach (var act in month <= LongStory.Last ? await acts.Draw(exchange, Ct) : [])
            {
                await Until(() => act(exchange));
            }
        }

        output.WriteLine(string.Join(", ", acts.Done.Select(of => $"{of.Value} × {of.Key}")));
        await Stay(exchange, closed);
        return exchange;

        async Task Until(Func<Task> work)
        {
            for (var attempt = 1; ; attempt++)
            {
                var dead = dies && attempt < 5 && deaths.Next(2) == 0 ? deaths.Next(1, 12) : int.MaxValue;
                if (await Crash.Before(dead, work))
                {
                    return;
                }

                await exchange.ComeBack(Ct);
            }
        }
    }

    internal static Sources SourcesOf(Exchanges exchange) =>
        exchange.Living.Sources with { Landlords = Terms, Facts = null };

    private static Task<ImportProjects.ProjectsImported> Tell(Exchanges exchange, string owners) => ImportProjects.Run(
        exchange.Living.Journal, owners, "projects.csv", "simulation", exchange.Time, Ct);

    /// <summary>A landlord publishes the month's new price on the first day of the month.</summary>
    private static async Task Publish(Exchanges exchange, BillingMonth month)
    {
        foreach (var (from, hour) in LongStory.Prices.Where(price =>
            month == LongStory.First ? price.From <= month.Start : BillingMonth.Of(price.From) == month &&
                price.From > LongStory.First.Start))
        {
            var sheet = Story.Sheet($"\"{Text.Of(from)}\"", Text.Of(hour), Text.Of(LongStory.Request),
                Text.Of(hour * 1000));
            var outcome = await PublishPrices.Run(
                exchange.Living.Journal, [new($"acme/compute/{Text.Of(from)[..10]}.yaml", sheet)], PricePublishContext.Nothing,
                "acme", exchange.Time, Ct);
            Assert.Empty(outcome.Refusals);
        }
    }

    /// <summary>Whoever closes again writes nothing.</summary>
    private static async Task ClosesOnce(Exchanges exchange, BillingMonth month)
    {
        var before = await Ask.Text(exchange, "select max(position)::text from journal.event", Ct);
        await exchange.Close(SourcesOf(exchange), month, Ct);
        Assert.Equal(before, await Ask.Text(exchange, "select max(position)::text from journal.event", Ct));
    }

    /// <summary>All that was ever written, to the letter: where a process died leaves no trace.</summary>
    private static Task<string> Written(Exchanges exchange) => Ask.Text(
        exchange,
        // How many blocks the readings came in depends on who died when.
        "select string_agg(concat_ws(' ', stream, version, " +
        "regexp_replace(body, '\"(kept|seen)\":[{][^}]*[}]', '\"\\1\":0', 'g')), chr(10) order by position) " +
        "from journal.event", Ct);

    /// <summary>The documents of a month, as they were issued.</summary>
    private static async Task Keep(
        Exchanges exchange, BillingMonth month, SortedDictionary<string, string> closed)
    {
        foreach (var row in await InvoiceList.Run(exchange.Living.Database, new(month), Ct))
        {
            if (row.Number is { } number)
            {
                closed[number] = await TextOf(exchange, number);
            }
        }
    }

    /// <summary>Whatever came after, an invoice that was not taken back says what it said.</summary>
    private static async Task Stay(Exchanges exchange, SortedDictionary<string, string> closed)
    {
        var gone = 0;
        foreach (var (number, text) in closed)
        {
            var (row, _) = await FindInvoice.Needed(exchange.Living.Journal, exchange.Living.Database, number, Ct);
            gone += row.Status == "void" ? 1 : 0;
            Assert.True(row.Status == "void" || await TextOf(exchange, number) == text, $"{number} has changed.");
        }

        Assert.True(gone > 0 && gone < closed.Count / 2, $"{gone} of {closed.Count} invoices are void.");
    }

    /// <summary>An invoice as text, but for who took it upon itself: that ends when their invoice is void.</summary>
    private static async Task<string> TextOf(Exchanges exchange, string number)
    {
        var (_, invoice) = await FindInvoice.Needed(exchange.Living.Journal, exchange.Living.Database, number, Ct);
        return FindInvoice.Document(invoice is Invoice.Issued issued ? issued with { BilledToInstitution = null } : invoice).AsText();
    }
}
