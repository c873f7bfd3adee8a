using Exchange.Facts;
using Exchange.Invoicing;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Profiles;
using Exchange.Journal;
using Exchange.Portal.ReadModels;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;
using Npgsql;

namespace Exchange.Portal;

/// <summary>What was erased of a person, or would be.</summary>
/// <param name="Tokens">What stands for each of their addresses from now on; of a dry run what nobody will see.</param>
/// <param name="Rows">Of mail, kept answers, runs of jobs and customers at Stripe.</param>
/// <param name="IsDone">No of a dry run.</param>
internal sealed record PersonErased(
    IReadOnlyList<string> Tokens, int Events, int Streams, int Blocks, int Documents, int Rows, bool IsDone);

/// <summary>
/// 'exchange people erase ADDRESS' — a person's addresses and names go from all that is shown, mailed and exported;
/// amounts stay, under tokens. In one transaction; what is built again from it is built afterwards.
/// </summary>
/// <param name="names">What the person is called beside what the directory says.</param>
/// <param name="isDryRun">Does it all, says what it touched, and takes it back.</param>
internal sealed class ErasePerson(
    Composition exchange, PiId asked, IReadOnlyList<string> names, string because, string by, bool isDryRun)
    : ICommand<PersonErased>
{
    private const int MaxReason = 400;
    private const int MinName = 5;

    private string? _token;

    /// <summary>Tokens that stood for them in a copy of the journal that was lost, by address.</summary>
    public IReadOnlyDictionary<string, string> Known { get; init; } = new Dictionary<string, string>();

    public string Act => isDryRun ? "people erase --dry-run" : "people erase";
    public string Target => _token ?? "a person";
    public string Permission => Permissions.ErasePeople;

    public async Task<PersonErased> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        RefuseWords();

        // Read first: whoever holds a connection waits for no other.
        var directory = await exchange.Journal.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var people = Addresses(directory);
        if (people.Count == 0)
        {
            throw new RefusedException(new("people/erased", $"'{asked}' stands for somebody who was erased."));
        }

        var others = await Others(directory, people, ct);
        var before = await exchange.Journal.Read<ErasureEvent>(ErasureEvent.Stream, ct);
        await using var connection = await exchange.Database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var streams = await EraseFromJournal.Streams(connection, people.Select(one => one.Address), ct);
        await EraseFromJournal.Shown.RefuseChanged(connection, ct);
        await EraseFromKept.Shown.RefuseChanged(connection, ct);
        var text = new ErasedText(
            people, others, streams.Select(name => name.Shown.Split('-')[0]));
        var journal = await EraseFromJournal.Run(connection, text, people, streams, now, ct);
        if (journal is { Events: 0, Streams: 0 })
        {
            throw new RefusedException(new(
                "people/unknown", "Nothing in the journal is of this address. 'exchange search' finds who is known."));
        }

        var kept = await EraseFromKept.Run(connection, text, ct);
        var rows = await ErasedTables.Run(connection, text, ct);
        _token = people[0].Token;
        var done = new PersonErased(
            text.Tokens, journal.Events, journal.Streams, kept.Blocks, kept.Documents, rows, !isDryRun);
        if (!isDryRun)
        {
            await Note(connection, before.Count, people, text, now, ct);
            await transaction.CommitAsync(ct);
        }

        return done;
    }

    /// <summary>Says who asked, and with a hash what readers are shown from now on.</summary>
    private async Task Note(
        NpgsqlConnection connection, int version, List<(string Address, string Token)> people, ErasedText text,
        Instant now, CancellationToken ct)
    {
        var shown = await EraseFromJournal.Shown.Now(connection, ct);
        var shownKept = await EraseFromKept.Shown.Now(connection, ct);
        await exchange.Journal.Append(
            connection,
            [
                StreamAppend.Of<ErasureEvent>(ErasureEvent.Stream, version, people.Select(
                    one => new ErasureEvent.Erased(one.Token, text.Of(because, one.Token), text.Of(by), now)
                    {
                        Shown = shown,
                        ShownKept = shownKept,
                    })),
            ], ct);
    }

    /// <summary>Builds again what was forgotten; until that is done nobody sees the person either.</summary>
    public async Task Appended(PersonErased result, CancellationToken ct)
    {
        if (!isDryRun)
        {
            await exchange.Projections.CatchUp(ct);
            await exchange.ReadFacts(ct);
            await exchange.Meter.ShowDecisions(ct);
            await RateMonths.Run(exchange, _ => { }, ct);
            await KeepDocuments.OfErased(exchange.Sources, exchange.Clock.GetCurrentInstant(), ct);
            await exchange.Projections.CatchUp(ct);
        }
    }

    /// <summary>What could be anything, a word or a number, is erased nowhere; and somebody says why.</summary>
    private void RefuseWords()
    {
        if (Exchange.Text.IsBlank(because) || because.Length > MaxReason)
        {
            throw new RefusedException(new(
                "people/no-reason", $"Say why, in at most {MaxReason} letters: it stays in the journal."));
        }

        if (!ErasedToken.IsAddress(asked.Value))
        {
            throw new RefusedException(new(
                "people/no-address", $"'{asked}' is no address: give it whole, as ada@bu.edu.", asked.Value));
        }

        foreach (var name in names.Where(name =>
            name?.Trim() is not { Length: >= MinName } one || !one.Contains(' ', StringComparison.Ordinal)))
        {
            throw new RefusedException(new(
                "people/no-name", $"'{name}' is no whole name: a single word stands for other things, too.",
                name ?? ""));
        }
    }

    /// <summary>Every address of the person, each with its token; the one that counts first.</summary>
    private List<(string Address, string Token)> Addresses(ProjectDirectory directory)
    {
        var person = directory.PiOf(asked);
        return
        [
            .. directory.Aliases.Where(of => of.Value == person).Select(of => of.Key).Order(Comparer<PiId>.Create(
                (one, other) => string.CompareOrdinal(one.Value, other.Value))).Prepend(person)
                .Append(ProjectDirectory.Spelled(asked)).Distinct()
                .Where(pi => !ErasedToken.IsOne(pi.Value))
                .Select(pi => (pi.Value, Known.GetValueOrDefault(pi.Value) ??
                    ErasedToken.Create(exchange.Institutions.DomainOf(pi.Value)))),
        ];
    }

    /// <summary>What the person is called, and where their invoices go.</summary>
    private async Task<IReadOnlyList<Personal>> Others(
        ProjectDirectory directory, List<(string Address, string Token)> people, CancellationToken ct)
    {
        var token = people[0].Token;
        var addresses = people.Select(one => one.Address).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var called = directory.Facts.Values.SelectMany(facts => facts)
            .Where(fact => fact is { Pi: not null, PiName: not null })
            .ToLookup(fact => addresses.Contains(directory.PiOf(fact.Pi!.Value).Value), fact => fact.PiName!);
        var facts = await exchange.Journal.State(DatedFacts.Fold, DatedFacts.Id, ct);
        var profiles = facts.Of(CustomerProfile.Facts)
            .Where(one => one.Key.Split(':', 2) is ["pi", var account] && addresses.Contains(account))
            .SelectMany(one => one.Value.Spans.Select(span => span.Value)).OfType<CustomerProfile>();
        return
        [
            .. names.Select(name => new Personal(name, token, true)),
            .. called[true].Distinct(StringComparer.Ordinal).Select(name => new Personal(
                name, token,
                name.Contains(' ', StringComparison.Ordinal) &&
                    !called[false].Contains(name, StringComparer.OrdinalIgnoreCase))),
            .. profiles.SelectMany(one => (string?[])[one.Name, one.TaxId, one.Text, .. one.Address]).OfType<string>()
                .Where(line => line.Length > 1).Distinct(StringComparer.Ordinal)
                .Select(line => new Personal(line, token, false)),
        ];
    }
}
