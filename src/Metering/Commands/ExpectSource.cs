using Exchange.Journal;
using NodaTime;

namespace Exchange.Metering;

/// <summary>'exchange sources expect' — says how often a source is to be heard.</summary>
/// <param name="interval">Null to learn it again; without an interval in it, it may be silent for ever.</param>
public sealed class ExpectSource(Meter meter, string name, SourceInterval? interval, string by) : ICommand<HeardSource>
{
    public const string Allowed = "look after sources";

    public string Act => "expect source";
    public string Target => $"{name} {(interval is null ? "learned" : interval.Every?.ToString() ?? "never")}";
    public string Permission => Allowed;

    public async Task<HeardSource> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var stream = SourceBook.Fold.StreamOf(SourceBook.Id);
        var book = SourceBook.Fold.Of(await work.Read<SourceEvent>(stream, ct));
        var source = (await meter.Heard(ct)).FirstOrDefault(one => one.Name == name) ?? throw new RefusedException(new(
            "sources/unknown", $"No source is named '{name}'. 'exchange sources list' shows those that were heard."));
        var decision = SourceBook.Expect(book, name, interval, by, now);
        work.Append(stream, decision.Refusal is { } refusal ? throw new RefusedException(refusal) : decision.Events);
        return source with { Set = interval };
    }
}
