using System.Collections.Immutable;
using System.Text;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Metering.Collectors;
using Exchange.Rating;
using NodaTime;
using ClosedMonths = Exchange.Invoicing.Kept.Months;

namespace Exchange.Nerc;

/// <summary>Where the files of a month are, as 'import nerc' is told; what is not named does not exist.</summary>
public sealed record NercPaths
{
    /// <summary>The service invoices, in the order in which their lines follow each other.</summary>
    public required IReadOnlyList<string> Services { get; init; }
    public required string ColdFront { get; init; }
    public string? PiLedger { get; init; }
    public string? Aliases { get; init; }
    public string? NonbillablePis { get; init; }
    public string? NonbillableProjects { get; init; }
    public string? PrepayCredits { get; init; }
    public string? PrepayDebits { get; init; }
    public string? PrepayProjects { get; init; }
    public string? PrepayContacts { get; init; }
}

/// <summary>'exchange import nerc' — keeps a month's files in the journal, and the rules of their day.</summary>
/// <param name="pricing">The product's 'pricing' folder: what is there of programmes is kept too.</param>
public sealed class ImportNercMonth(BillingMonth month, NercPaths paths, string pricing, string by)
    : ICommand<ImportNercMonth.NercImported>
{
    /// <summary>The program whose ledger NERC keeps.</summary>
    private const string NewPiCredit = "nerc-new-pi-credit";

    /// <param name="Version">Which version of the month's inputs this is, from 1.</param>
    /// <param name="Changed">False when exactly these files had been imported before.</param>
    /// <param name="Notes">What finance should look at, as sentences.</param>
    public sealed record NercImported(int Version, bool Changed, int Files, int Lines, IReadOnlyList<string> Notes);

    public string Act => "import nerc";
    public string Target { get; private set; } = $"{month}";
    public string Permission => Actor.HasTheMachine;

    /// <exception cref="RefusedException">A file cannot be understood, or the month is closed.</exception>
    public async Task<NercImported> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var files = await Read(paths, pricing, ct);
        var sources = NercSources.Parse(month, files);
        var isClosed = (await work.State(ClosedMonths.Fold, ClosedMonths.Id, ct)).IsClosed(month);
        var known = await work.State(NercMonth.Fold, month, ct);
        var events = NercMonth.Import(known, month, files, isClosed, by, now).OrThrow();
        work.Append(NercMonth.Fold.StreamOf(month), events);
        _ = await OpenBalances.Decide(work, BalancesOf(sources.Ledger), by, now, ct);
        var version = events.Aggregate(known, NercMonth.Fold.Evolve).Versions.Count;
        Target = $"{month} version {version}";
        return new(
            version, events.Count > 0, files.Count, sources.Services.Sum(table => table.Rows.Count),
            NercNotes.Of(sources));
    }

    /// <summary>Whoever is in the ledger of new PIs was billed before, and has used what stands there.</summary>
    private static List<OpeningBalance> BalancesOf(PiLedger ledger)
    {
        var balances = new List<OpeningBalance>();
        foreach (var entry in ledger.Entries.Where(entry => Name.IsOne(entry.Pi)))
        {
            var first = Months.Parse(entry.FirstMonth);
            balances.Add(new(
                ProjectDirectory.Spelled(new(entry.Pi!)), first, NewPiCredit, entry.Initial ?? Money.Zero,
                ImmutableSortedDictionary<BillingMonth, Money>.Empty
                    .Add(first, entry.FirstUsed ?? Money.Zero).Add(first.Next, entry.SecondUsed ?? Money.Zero)));
        }

        return balances;
    }

    private static async Task<IReadOnlyList<NercFile>> Read(NercPaths paths, string pricing, CancellationToken ct)
    {
        List<(NercRole Role, string? Path)> named =
        [
            .. paths.Services.Select(path => (NercRole.Service, (string?)path)),
            (NercRole.ColdFront, paths.ColdFront),
            (NercRole.PiLedger, paths.PiLedger),
            (NercRole.Aliases, paths.Aliases),
            (NercRole.NonbillablePis, paths.NonbillablePis),
            (NercRole.NonbillableProjects, paths.NonbillableProjects),
            (NercRole.PrepayCredits, paths.PrepayCredits),
            (NercRole.PrepayDebits, paths.PrepayDebits),
            (NercRole.PrepayProjects, paths.PrepayProjects),
            (NercRole.PrepayContacts, paths.PrepayContacts),
            (NercRole.Institutions, Path.Combine(pricing, "institutions.yaml")),
            .. Directory.EnumerateFiles(Path.Combine(pricing, "programmes"), "*.yaml")
                .Order(StringComparer.Ordinal).Select(path => (NercRole.Programme, (string?)path)),
        ];

        List<NercFile> files = [];
        foreach (var (role, path) in named)
        {
            if (path is not null)
            {
                files.Add(new(role, Path.GetFileName(path), await Text(path, ct)));
            }
        }

        return files;
    }

    private static async Task<string> Text(string path, CancellationToken ct)
    {
        await using var stream = InputFile.Open(path);
        using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
        try
        {
            return await reader.ReadToEndAsync(ct);
        }
        catch (DecoderFallbackException)
        {
            throw new RefusedException(new("nerc/not-utf8", "The file is not UTF-8 text. Save it as UTF-8.", path));
        }
        catch (InvalidDataException e)
        {
            throw new RefusedException(new(
                "file/broken-gzip", $"The gzip stream is broken ({e.Message}). Copy the file again and repeat.", path));
        }
    }
}
