using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>What is kept between requests is never older than the journal.</summary>
public class KeptWhileOthersWrite
{
    [Fact]
    public async Task What_is_kept_is_read_on_from_where_it_was_left()
    {
        await using var serving = await Serving.Start();
        var exchange = serving.Exchange;
        Assert.Empty((await Directory()).Facts);
        await Tell("stack,p-1,One,ada@bu.edu", Noon(1));
        Assert.Single((await Directory()).Facts);
        await Tell("stack,p-2,Two,ben@mit.edu", Noon(2));
        var kept = await Directory();
        Assert.Equal(2, kept.Facts.Count);
        Assert.Same(kept, await Directory());

        Task<ProjectDirectory> Directory() =>
            exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, Serving.Ct);
        Task Tell(string line, Instant now) => ImportProjects.Run(
            exchange.Journal, $"cluster,project,name,pi\n{line}\n", "p.csv", "test", now, Serving.Ct);
    }

    /// <summary>
    /// A page that waits for the database once for all of its states: what was appended before it began is in them,
    /// what comes while it is made is the next one's.
    /// </summary>
    [Fact]
    public async Task Who_only_reads_sees_the_journal_as_it_was_when_it_first_asked()
    {
        await using var serving = await Serving.Start();
        var exchange = serving.Exchange;
        await Tell("stack,p-1,One,ada@bu.edu", Noon(1));
        Assert.Equal((1, 1), await Page());
        await Tell("stack,p-3,Three,ada@bu.edu", Noon(3));
        Assert.Equal((3, 3), await Page());

        async Task<(int Before, int After)> Page()
        {
            exchange.Kept.ReadOnly();
            var before = (await Directory()).Facts.Count;
            await Tell("stack,p-2,Two,ben@mit.edu", Noon(2));
            return (before, (await Directory()).Facts.Count);
        }

        Task<ProjectDirectory> Directory() =>
            exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, Serving.Ct);
        Task Tell(string line, Instant now) => ImportProjects.Run(
            exchange.Journal, $"cluster,project,name,pi\n{line}\n", "p.csv", "test", now, Serving.Ct);
    }

    [Fact]
    public async Task Whoever_answers_from_a_later_instant_on_is_not_known_before_and_is_known_after()
    {
        await using var serving = await Serving.Start();
        var exchange = serving.Exchange;
        await ImportProjects.Run(
            exchange.Journal, "cluster,project,name,pi,from\nstack,p-1,One,ada@bu.edu,2026-01-01T00:00:00Z\n" +
            "stack,p-1,One,ben@mit.edu,2026-03-02T00:00:00Z\n", "p.csv", "test", Noon(1), Serving.Ct);
        Assert.Equal([(new PiId("ada@bu.edu"), "Boston University")], await exchange.People.At(Noon(1), Serving.Ct));
        Assert.Equal("ben@mit.edu", Assert.Single(await exchange.People.At(Noon(2), Serving.Ct)).Pi.Value);
        Assert.Equal("ada@bu.edu", Assert.Single(await exchange.People.At(Noon(1), Serving.Ct)).Pi.Value);
    }

    private static Instant Noon(int day) => Instant.FromUtc(2026, 3, day, 12, 0);
}
