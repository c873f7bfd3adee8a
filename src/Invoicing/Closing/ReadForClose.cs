using System.Collections.Immutable;
using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Metering.Collectors.Live;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// Everything that a close reads, at one time: the journal and the meter, and no read model. Whoever writes meanwhile
/// makes the append of the close conflict.
/// </summary>
internal sealed partial class ReadForClose
{
    private readonly Sources _sources;
    private readonly bool _keepsParts;
    private readonly Dictionary<string, IReadOnlyList<FundEvent>> _fundEvents = new(StringComparer.Ordinal);
    private readonly Dictionary<BillingMonth, ILookup<Account, InvoiceLine>> _billed = [];

    private ReadForClose(
        Sources sources, IReadOnlyList<MonthEvent> history, RatingNow rating, bool keepsParts)
    {
        (_sources, Rating, _keepsParts) = (sources, rating, keepsParts);
        (Months, MonthsVersion) = (Months.Fold.Of(history), history.Count);
        Billed = new(sources.Journal, sources.Database, Months);
    }

    public Months Months { get; }
    public int MonthsVersion { get; }
    public RatingNow Rating { get; }
    public BilledSoFar Billed { get; }
    public Dictionary<string, int> FundVersions { get; } = new(StringComparer.Ordinal);
    public int PrepaidVersion { get; private set; }

    /// <summary>The block of readings up to which the meter had been read at least.</summary>
    public long Meter { get; private set; }

    /// <summary>How far everything was read before it was rated.</summary>
    public Seen? Seen { get; private set; }

    /// <summary>The months that were worked out again, and the month itself.</summary>
    public HashSet<BillingMonth> Looked { get; } = [];

    /// <summary>Until when usage of the month itself counts: it may not be over.</summary>
    public Instant AsOf { get; private set; }

    /// <summary>What the charges of each rated month rest on, where the close is to be written.</summary>
    public Dictionary<BillingMonth, PartsOfMonth> Parts { get; } = [];

    /// <param name="keepsParts">Whether the close is written, so that what charges rest on is kept.</param>
    public static async Task<ReadForClose> Begin(Sources sources, bool keepsParts, CancellationToken ct)
    {
        var history = await sources.Journal.Read<MonthEvent>(Months.Fold.StreamOf(Months.Id), ct);
        return new(sources, history, await RatingNow.Read(sources, ct), keepsParts);
    }

    /// <param name="reach">Which months are worked out.</param>
    public async Task<CloseInputs> Inputs(
        BillingMonth month, string policies, IReadOnlySet<string> accepted, Instant now, CancellationToken ct,
        CloseReach reach = CloseReach.All)
    {
        var funds = await Funds(ct);
        var prepaid = await _sources.Journal.Read<PrepaidEvent>(
            PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id), ct);
        PrepaidVersion = prepaid.Count;
        var opening = await _sources.Journal.Read<OpeningEvent>(
            OpeningBalances.Fold.StreamOf(OpeningBalances.Id), ct);
        Seen = new(
            await _sources.Meter.Progress.Head(ct), await _sources.Meter.Progress.LastBill(ct),
            Rating.DirectoryEvents.Count,
            ChangedMonths.TermsOf(_sources), FundVersions.ToImmutableSortedDictionary(StringComparer.Ordinal),
            prepaid.Count, ChangedMonths.TermsOfMonths(_sources, Rating.Books, Months.Closed.Keys.Append(month)), [])
        {
            Opening = opening.Count,
            Rules = Seen.RulesNow,
        };
        var changed = await new ChangedMonths(_sources, Months, Rating, Billed.Kept)
            .Find(Seen, _fundEvents, prepaid, ct);
        var decided = accepted.Select(HardClose.MonthIn).OfType<BillingMonth>();
        var forGood = Horizon.First(month, _sources.Profiles.IssuerOn(now.InUtc().Date)?.HardCloseMonths);
        var rated = await Rate(
            month, policies, changed.Union(decided)
                .Where(one => reach != CloseReach.Late || IsLate(one, forGood)).ToHashSet(), now, reach, ct);
        Meter = await _sources.Meter.Progress.Head(ct);
        var inputs = new CloseInputs(
            month, policies, Months, rated, BilledOf, funds, _sources.Institutions, _sources.Landlords, accepted)
        {
            Prepaid = PrepaidGroups.Fold.Of(prepaid),
            Stated = await ToldSoFar.Read(_sources.Journal, Months, now, ct),
            BilledBefore = OpeningBalances.Fold.Of(opening).Billed,
            HardClosedBefore = forGood,
            CodeOf = line => Rating.Attribution.Of(line.Cluster, line.Project, line.ServicePeriod.Start).Code,
            InstitutionOf = InstitutionOf,
        }.Following(Rating.Directory.PiOf);
        var known = new Dictionary<BillingMonth, ILookup<Account, InvoiceLine>>();
        return inputs with
        {
            Billed = of => known.TryGetValue(of, out var billed) ? billed : known[of] = inputs.Billed(of),
        };
    }

    /// <summary>The closed months that changed as they stand now, and after them the month itself.</summary>
    private async Task<IReadOnlyList<MonthCharges>> Rate(
        BillingMonth month, string policies, HashSet<BillingMonth> changed, Instant now, CloseReach reach,
        CancellationToken ct)
    {
        var rated = new List<MonthCharges>();
        foreach (var before in changed.Where(one => one < Months.First).Order().Concat(Months.Before(month).Where(
            before => changed.Contains(before) || (!Months.IsClosed(before) && reach == CloseReach.All))))
        {
            rated.Add(await Rate(before, PoliciesOf(before) ?? policies, now, ct));
            _billed[before] = (await Billed.Of(before, ct)).Following(Rating.Directory.PiOf);
        }

        if (reach != CloseReach.All)
        {
            return rated;
        }

        rated.AddRange(await AsTheyWereBilled(rated, month, ct));
        rated.Sort((left, right) => left.Month.CompareTo(right.Month));
        rated.Add(await Rate(month, policies, now, ct));
        // What lines are compared with before they are billed.
        foreach (var last in rated.Select(one => one.Month.Previous).Where(
            last => Months.IsClosed(last) && !_billed.ContainsKey(last)).ToList())
        {
            _billed[last] = (await Billed.Of(last, ct)).Following(Rating.Directory.PiOf);
        }

        return rated;
    }

    /// <summary>The months after one that changed, of whoever it changed for, while their grants last.</summary>
    private async Task<IReadOnlyList<MonthCharges>> AsTheyWereBilled(
        IReadOnlyList<MonthCharges> changed, BillingMonth month, CancellationToken ct)
    {
        var accounts = changed.SelectMany(one => Due.Changed(one, _billed[one.Month])).ToHashSet();
        var months = new List<MonthCharges>();
        if (accounts.Count == 0)
        {
            return months;
        }

        foreach (var later in AsBilled.Later(Months, changed, month, _sources.Programmes))
        {
            _billed[later.Month] = (await Billed.Of(later.Month, ct)).Following(Rating.Directory.PiOf);
            months.Add(AsBilled.Of(
                later.Month, later.Policies, _billed[later.Month], accounts,
                InstitutionOf));
        }

        return months;
    }

    /// <summary>For whom a PI worked when what a line billed was used.</summary>
    private string? InstitutionOf(PiId pi, InvoiceLine line) =>
        Rating.Attribution.InstitutionOf(pi, line.Cluster, line.Project, line.ServicePeriod.Start);

    private ILookup<Account, InvoiceLine> BilledOf(BillingMonth month) => _billed.TryGetValue(month, out var billed)
        ? billed
        : throw new InvalidOperationException($"What was billed of {month} was not read.");

    public async Task<IReadOnlyList<Check>> Checks(CloseInputs inputs, Instant now, CancellationToken ct)
    {
        var sources = (await _sources.Journal.State(SourceBook.Fold, SourceBook.Id, ct))
            .With(await _sources.Meter.Heard(ct));
        var setAside = (await _sources.Meter.Quarantine(10_000, ct)).Count;
        return
        [
            .. Checklist.Run(
                inputs.Rated[^1], await EarlierOpen(inputs, now, ct), setAside,
                await new CollectorLog(_sources.Database).All(ct)),
            .. Checklist.OfSources(sources, inputs.Month, now),
            .. Checklist.OfDamage(_sources.Meter.Unfolded),
            .. Checklist.OfFallbacks(inputs.Rated[^1], Rating.Books),
            .. Checklist.OfReportedTwice(
                await _sources.Meter.ReportedTwice(inputs.Month.Period, ct), inputs.Month),
        ];
    }

    /// <summary>Earlier months with charges that can still be closed: none before the last that was.</summary>
    private async Task<IReadOnlyList<BillingMonth>> EarlierOpen(
        CloseInputs inputs, Instant now, CancellationToken ct)
    {
        var open = new List<BillingMonth>();
        if (await Rating.Extent(ct) is { } used)
        {
            for (var one = Months.Last?.Next ?? BillingMonth.Of(used.From); one < inputs.Month; one = one.Next)
            {
                if ((await Rating.SoFar(one, inputs.Policies, now, ct)).Charges.Charges.Count > 0)
                {
                    open.Add(one);
                }
            }
        }

        return open;
    }

    private async Task<MonthCharges> Rate(BillingMonth month, string policies, Instant now, CancellationToken ct)
    {
        Looked.Add(month);
        if (!_keepsParts)
        {
            var soFar = await Rating.SoFar(month, policies, now, ct);
            AsOf = soFar.AsOf;
            return soFar.Charges;
        }

        AsOf = month.End;
        (var charges, Parts[month]) = await Rating.RateWithParts(month, policies, ct);
        return charges;
    }

    /// <summary>Lets go of what months were worked out from, once everything is planned and kept.</summary>
    public void LetGo()
    {
        foreach (var parts in Parts.Values)
        {
            parts.Dispose();
        }

        Parts.Clear();
        _billed.Clear();
        _fundEvents.Clear();
    }

    private async Task<IReadOnlyList<FundOf>> Funds(CancellationToken ct)
    {
        var funds = new List<FundOf>();
        foreach (var programme in _sources.Programmes)
        {
            var events = await _sources.Journal.Read<FundEvent>(Fund.Fold.StreamOf(programme.Id), ct);
            _fundEvents[programme.Id] = events;
            funds.Add(new(programme, Fund.Fold.Of(events)));
            FundVersions[programme.Id] = events.Count;
        }

        return funds;
    }
}
