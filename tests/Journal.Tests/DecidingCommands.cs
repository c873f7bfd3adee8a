using System.Text.Json.Serialization;
using NodaTime;
using Xunit;

namespace Exchange.Journal.Tests;

/// <summary>A command writes where it read, all of it or nothing.</summary>
public class DecidingCommands
{
    private readonly MemoryJournal _journal = new(SystemClock.Instance);

    [JsonDerivedType(typeof(Happened), "thing-happened/1")]
    internal abstract record ThingEvent
    {
        internal sealed record Happened(int Number) : ThingEvent;
    }

    /// <summary>Adds one to each stream; meanwhile may do what another would.</summary>
    private sealed class AddOne(Func<Task>? meanwhile, params string[] streams) : ICommand<int>
    {
        public string Act => "add";
        public string Target => string.Join(' ', streams);
        public string Permission => "add";

        public async Task<int> Decide(UnitOfWork work, Instant now, CancellationToken ct)
        {
            var sum = 0;
            foreach (var stream in streams)
            {
                sum += (await work.Read<ThingEvent>(stream, ct)).Count;
                work.Append<ThingEvent>(stream, [new ThingEvent.Happened(sum)]);
            }

            await (meanwhile?.Invoke() ?? Task.CompletedTask);
            return sum;
        }
    }

    [Fact]
    public async Task What_was_decided_on_several_streams_is_appended_together()
    {
        Assert.Equal(0, await _journal.Execute(new AddOne(null, "thing-a", "thing-b"), default, Ct));
        Assert.Equal(2, await _journal.Execute(new AddOne(null, "thing-a", "thing-b"), default, Ct));

        Assert.Equal(
            ["thing-a@0", "thing-b@0", "thing-a@1", "thing-b@1"],
            (await _journal.ReadAll(0, 10, Ct)).Select(e => $"{e.Stream}@{e.Version}"));
    }

    [Fact]
    public async Task Nothing_is_appended_when_one_of_the_streams_moved_on()
    {
        var conflict = await Assert.ThrowsAsync<ConflictException>(() => _journal.Execute(
            new AddOne(() => _journal.Execute(new AddOne(null, "thing-b"), default, Ct), "thing-a", "thing-b"),
            default, Ct));

        Assert.Contains("thing-b", conflict.Message, StringComparison.Ordinal);
        Assert.Equal(["thing-b@0"], (await _journal.ReadAll(0, 10, Ct)).Select(e => $"{e.Stream}@{e.Version}"));
    }

    [Fact]
    public async Task A_stream_that_nobody_read_is_not_appended_to()
    {
        var work = new UnitOfWork(_journal);
        Assert.Throws<InvalidOperationException>(
            () => work.Append<ThingEvent>("thing-a", [new ThingEvent.Happened(1)]));
        work.Create<ThingEvent>("thing-a", [new ThingEvent.Happened(1)]);
        Assert.Equal(0, Assert.Single(work.Appends).ExpectedVersion);
        await _journal.Append(work.Appends, Ct);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;
}
