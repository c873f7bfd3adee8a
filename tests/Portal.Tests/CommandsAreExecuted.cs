using Exchange.Journal;
using Exchange.Portal.Audit;
using Exchange.Portal.Keys;
using Exchange.Portal.Webhooks;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Every command goes one way: who may, the rule, one append with its audit note, and one answer to whoever was
/// overtaken.
/// </summary>
public class CommandsAreExecuted
{
    private static readonly PiId Pi = new("ada@bu.edu");

    /// <summary>Sets a budget, after whatever another does at that moment.</summary>
    private sealed class SetTo(Money amount, Func<Task>? meanwhile = null) : ICommand<bool>
    {
        public string Act => "set budget";
        public string Target => $"{Pi} {amount}";
        public string Permission => "set a budget";

        public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
        {
            var budget = await work.State(Budgets.Budget.Fold, Pi, ct);
            await (meanwhile?.Invoke() ?? Task.CompletedTask);
            var decided = Budgets.Budget.SetTo(budget, amount, "ada", now).OrThrow();
            work.Append(Budgets.Budget.Fold.StreamOf(Pi), decided);
            return decided.Count > 0;
        }
    }

    [Fact]
    public async Task The_events_and_their_note_are_one_append()
    {
        await using var filled = await Filled.Start();
        var before = (await filled.Exchange.Journal.ReadAll(0, 10_000, Serving.Ct)).Count;

        Assert.True(await filled.Exchange.Commands.Execute(new SetTo(new(100)), May("set a budget"), Serving.Ct));

        var added = (await filled.Exchange.Journal.ReadAll(before, 100, Serving.Ct)).ToList();
        Assert.Equal(["budget-ada@bu.edu", "audit-of:budget-ada@bu.edu@0"], added.Select(e => e.Stream));
        Assert.Equal(added[0].At, added[1].At);
        var note = Assert.IsType<AuditEvent.Noted>(added[1].Event.As<AuditEvent>(Upcasts.None));
        Assert.Equal(("ada", "set budget", "done"), (note.Actor, note.Act, note.Result));
    }

    /// <summary>These were noted by hand, after the act: a crash between the two left an act of nobody.</summary>
    [Fact]
    public async Task Keys_webhooks_and_notice_are_noted_with_what_changed_them()
    {
        await using var filled = await Filled.Start();
        var exchange = filled.Exchange;
        var before = (await exchange.Journal.ReadAll(0, 10_000, Serving.Ct)).Count;

        var key = await exchange.Do(new CreateKey("k", null, KeyScope.Read, "ada"));
        var webhook = await exchange.Do(
            new RegisterWebhook(exchange.Database, "https://books.example.org/", null, [], false, "ada"));
        Assert.True(await exchange.Do(new SetNotice(30, "ada")));
        Assert.True(await exchange.Do(new RemoveWebhook(exchange.Database, webhook.Id, null, "ada")));
        Assert.True(await exchange.Do(new RevokeKey(exchange.Keys, key.Id, "ada")));

        var added = (await exchange.Journal.ReadAll(before, 100, Serving.Ct)).ToList();
        Assert.Equal(10, added.Count);
        Assert.All(added.Chunk(2), pair =>
        {
            Assert.Equal($"audit-of:{pair[0].Stream}@{pair[0].Version}", pair[1].Stream);
            Assert.Equal(pair[0].At, pair[1].At);
        });
        await using var secrets = exchange.Database.CreateCommand("select count(*) from exchange.webhook_secret");
        Assert.Equal(0L, await secrets.ExecuteScalarAsync(Serving.Ct));
        await Assert.ThrowsAsync<RefusedException>(() => exchange.Do(new RevokeKey(exchange.Keys, "k0", "ada")));
        Assert.Equal(("keys revoke", "k0", "key/unknown"), (await Notes(filled)) is [.., var last]
            ? (last.Act, last.Target, last.Result) : default);
    }

    [Fact]
    public async Task A_budget_that_is_set_on_its_page_goes_the_same_way()
    {
        await using var serving = await UsedMonth.Start();
        using var ada = await serving.As("ada");
        var before = (await serving.Exchange.Journal.ReadAll(0, 100_000, Serving.Ct)).Count;

        using var set = await UsedMonth.Submit(ada, "/pi/budget", "/pi/budget", ("amount", "24.00"), ("do", "set"));

        var added = (await serving.Exchange.Journal.ReadAll(before, 100, Serving.Ct)).ToList();
        var budget = Assert.Single(added, e => e.Stream.StartsWith("budget-", StringComparison.Ordinal));
        var note = Assert.Single(added, e => e.Stream == $"audit-of:{budget.Stream}@0");
        Assert.Equal(budget.At, note.At);
        var noted = Assert.IsType<AuditEvent.Noted>(note.Event.As<AuditEvent>(Upcasts.None));
        Assert.Equal(("set budget", "24.00 USD", "done"), (noted.Act, noted.Target, noted.Result));
    }

    [Fact]
    public async Task Who_may_not_is_refused_before_anything_is_read_and_that_is_noted()
    {
        await using var filled = await Filled.Start();
        var refused = await Assert.ThrowsAsync<RefusedException>(() => filled.Exchange.Commands.Execute(
            new SetTo(new(100), () => throw new InvalidOperationException("It was asked.")), May("something else"),
            Serving.Ct));

        Assert.Equal("access/not-yours", refused.Refusal.Code);
        Assert.Contains(await Notes(filled), n => n is { Act: "set budget", Result: "access/not-yours" });
    }

    [Fact]
    public async Task Whoever_is_overtaken_decides_again_on_what_is_there_now()
    {
        await using var filled = await Filled.Start();
        var overtaken = 0;
        await filled.Exchange.Commands.Execute(
            new SetTo(new(100), () => overtaken++ == 0 ? Another(filled, 70) : Task.FromResult(true)),
            May("set a budget"), Serving.Ct);

        Assert.Equal(2, overtaken);
        Assert.Equal(new Money(100), (await filled.Exchange.Journal.State(Budgets.Budget.Fold, Pi, Serving.Ct)).Amount);
    }

    [Fact]
    public async Task Whoever_is_overtaken_again_and_again_is_told_so()
    {
        await using var filled = await Filled.Start();
        var cents = 1;
        var refused = await Assert.ThrowsAsync<RefusedException>(() => filled.Exchange.Commands.Execute(
            new SetTo(new(100), () => Another(filled, ++cents)), May("set a budget"), Serving.Ct));

        Assert.Equal("request/overtaken", refused.Refusal.Code);
        Assert.Equal(4, cents);
        Assert.Contains(await Notes(filled), n => n is { Result: "request/overtaken" });
    }

    private static Actor May(string permission) => new("ada", "local", asked => asked == permission);

    private static Task<bool> Another(Serving filled, int cents) =>
        filled.Exchange.Journal.Execute(new SetTo(new(cents)), default, Serving.Ct);

    private static async Task<IReadOnlyList<AuditEvent.Noted>> Notes(Serving filled) =>
        [.. (await filled.Exchange.Journal.ReadAll(0, 10_000, Serving.Ct)).Where(e => e.Category == "audit")
            .Select(e => e.Event.As<AuditEvent>(Upcasts.None)).OfType<AuditEvent.Noted>()];
}
