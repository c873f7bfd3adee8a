using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Metering.Collectors.Live;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// Everything that a close reads, at one time: the journal and the meter, and no read model. Whoever writes meanwhile
/// makes the append of the close conflict.
/// </summary>
internal sealed class ReadForClose
{
    private readonly Sources _sources;
    private readonly Dictionary<BillingMonth, ILookup<Account, InvoiceLine>> _billed = [];

    private ReadForClose(Sources sources, IReadOnlyList<MonthEvent> history, RatingNow rating)
    {
        (_sources, Rating) = (sources, rating);
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

    /// <summary>What the charges of each rated month rest on.</summary>
    public Dictionary<BillingMonth, PartsOfMonth> Parts { get; } = [];

    public static async Task<ReadForClose> Begin(Sources sources, CancellationToken ct)
    {
        var history = await sources.Journal.Read<MonthEvent>(Months.Fold.StreamOf(Months.Id), ct);
        return new(sources, history, await RatingNow.Read(sources, ct));
    }

    public async Task<CloseInputs> Inputs(
        BillingMonth month, string policies, IReadOnlySet<string> accepted, Instant now, CancellationToken ct)
    {
        var rated = new List<MonthCharges>();
        foreach (var before in Months.Before(month))
        {
            rated.Add(await Rate(before, Months.Closed.GetValueOrDefault(before)?.Policies ?? policies, ct));
            _billed[before] = (await Billed.Of(before, ct)).Following(Rating.Directory.PiOf);
        }

        rated.Add(await Rate(month, policies, ct));
        Meter = await _sources.Meter.Head(ct);
        var funds = await Funds(ct);
        var prepaid = await _sources.Journal.Read<PrepaidEvent>(
            PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id), ct);
        PrepaidVersion = prepaid.Count;
        return new(
            month, policies, Months, rated, m => _billed[m], funds, _sources.Institutions, _sources.Landlords,
            accepted)
        {
            Prepaid = PrepaidGroups.Fold.Of(prepaid),
            Told = await ToldSoFar.Read(_sources.Journal, Months, now, ct),
            BilledBefore = (await _sources.Journal.State(OpeningBalances.Fold, OpeningBalances.Id, ct)).Billed,
            CodeOf = line => Rating.Attribution.Of(line.Cluster, line.Project, line.ServicePeriod.Start).Code,
        }.Following(Rating.Directory.PiOf);
    }

    public async Task<IReadOnlyList<Check>> Checks(CloseInputs inputs, CancellationToken ct) => Checklist.Run(
        inputs.Rated[^1], await EarlierOpen(inputs, ct), (await _sources.Meter.Quarantine(10_000, ct)).Count,
        await new CollectorLog(_sources.Database).All(ct));

    /// <summary>Earlier months with charges that can still be closed: none before the last that was.</summary>
    private async Task<IReadOnlyList<BillingMonth>> EarlierOpen(CloseInputs inputs, CancellationToken ct)
    {
        var open = new List<BillingMonth>();
        if (await _sources.Meter.Extent(ct) is { } used)
        {
            for (var one = Months.Last?.Next ?? BillingMonth.Of(used.From); one < inputs.Month; one = one.Next)
            {
                if ((await Rating.Rate(one, inputs.Policies, ct)).Charges.Count > 0)
                {
                    open.Add(one);
                }
            }
        }

        return open;
    }

    private async Task<MonthCharges> Rate(BillingMonth month, string policies, CancellationToken ct)
    {
        (var charges, Parts[month]) = await Rating.RateWithParts(month, policies, ct);
        return charges;
    }

    private async Task<IReadOnlyList<FundOf>> Funds(CancellationToken ct)
    {
        var funds = new List<FundOf>();
        foreach (var programme in _sources.Programmes)
        {
            var events = await _sources.Journal.Read<FundEvent>(Fund.Fold.StreamOf(programme.Id), ct);
            funds.Add(new(programme, Fund.Fold.Of(events)));
            FundVersions[programme.Id] = events.Count;
        }

        return funds;
    }
}
