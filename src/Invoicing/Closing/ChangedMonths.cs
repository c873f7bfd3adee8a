using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Exchange.Facts;
using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Published;
using Exchange.Rating;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// Which closed months a close looks at again: those to which readings, bills, prices, outages, levels, owners,
/// programs or void invoices came since the close before. The others cost nothing, however many there are.
/// </summary>
internal sealed class ChangedMonths
{
    private readonly Sources _sources;
    private readonly Months _months;
    private readonly RatingNow _rating;
    private readonly KeptCharges _kept;
    private readonly SortedSet<BillingMonth> _changed = [];
    private readonly IReadOnlyList<BillingMonth> _closed;
    private readonly Seen? _before;

    public ChangedMonths(Sources sources, Months months, RatingNow rating, KeptCharges kept)
    {
        (_sources, _months, _rating, _kept) = (sources, months, rating, kept);
        (_closed, _before) = ([.. months.Closed.Keys], months.LastSeen);

        // An older version closed last: nobody knows what it had seen.
        _changed.UnionWith(_before is null ? _closed : _before.Rest);
    }

    /// <param name="now">What is seen now; what stays to be looked at is not part of it yet.</param>
    /// <param name="funds">The events of each program.</param>
    public async Task<IReadOnlySet<BillingMonth>> Find(
        Seen now, IReadOnlyDictionary<string, IReadOnlyList<FundEvent>> funds, IReadOnlyList<PrepaidEvent> prepaid,
        CancellationToken ct)
    {
        _changed.UnionWith(_months.Late.Values.Where(decided => decided.At >= _months.LastClosedAt)
            .Select(decided => decided.Month));
        if (_before is not { } before)
        {
            return _changed;
        }

        _changed.UnionWith(_months.VoidedSince);
        if (now.Opening != before.Opening)
        {
            _changed.UnionWith(_closed); // Who was billed elsewhere before is not new here.
        }

        Touch(await _sources.Meter.Progress.TouchedSince(before.Block, before.Bill, ct));
        Prices(now);
        Rules();
        Funds(funds);
        Prepaid(prepaid);
        await Owners(ct);
        return _changed;
    }

    /// <summary>A hash of what was given without being published; nothing where all is published.</summary>
    public static string TermsOf(Sources sources) => sources.Facts is not null ? "" : Hash(
        JsonSerializer.Serialize(sources.Programmes, Text.Json) +
        JsonSerializer.Serialize(sources.Institutions.All, Text.Json));

    /// <summary>What decides each closed month: sheets, for how long, outages, and versions of facts.</summary>
    public static ImmutableSortedDictionary<string, string> TermsOfMonths(
        Sources sources, PriceBooks books, IEnumerable<BillingMonth> months)
    {
        var sheets = books.List();
        return months.ToImmutableSortedDictionary(
            month => month.ToString(),
            month => Hash(string.Join('\n', sheets
                .Select(sheet => (sheet.Published.Id, Part: sheet.Period.Clip(month.Period)))
                .Where(of => of.Part is not null).Select(of => $"{of.Id} {of.Part}")
                .Concat(books.Outages.Where(outage => outage.From < month.End && !(outage.Until <= month.Start))
                    .Select(outage => JsonSerializer.Serialize(outage, Text.Json)))
                .Concat(books.Agreements.TermsIn(month))
                .Concat(books.Levels.Where(level => books.LevelIn(level.Landlord, level.Service, month) == level)
                    .Select(level => level.Terms))
                .Concat(FactsOf(sources, month)).Order(StringComparer.Ordinal))),
            StringComparer.Ordinal);
    }

    private static IEnumerable<string> FactsOf(Sources sources, BillingMonth month)
    {
        var end = month.End.InUtc().Date;
        return (sources.Facts?.Facts.Versions ?? ImmutableDictionary<FactName, ImmutableList<FactVersion>>.Empty)
            .Where(of => FactFiles.DecideMoney(of.Key.Kind))
            .Select(of => (of.Key, Last: of.Value.FindLast(version => version.From < end)))
            .Where(of => of.Last is not null).Select(of => $"{of.Key} {of.Last!.Number}");
    }

    private static string Hash(string text) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];

    /// <summary>The closed months of what came, and those before the first that was closed.</summary>
    private void Touch(IReadOnlyList<Period> touched)
    {
        _changed.UnionWith(_closed.Where(
            month => touched.Any(period => period.Start < month.End && period.End >= month.Start)));
        foreach (var early in touched.Where(period => period.Start < _months.First?.Start))
        {
            for (var one = BillingMonth.Of(early.Start); one < _months.First && one.Start <= early.End; one = one.Next)
            {
                _changed.Add(one);
            }
        }
    }

    private void Prices(Seen now) => _changed.UnionWith(_closed.Where(month =>
        _before!.Prices.GetValueOrDefault(month.ToString()) != now.Prices.GetValueOrDefault(month.ToString())
        || _before.Terms != now.Terms));

    /// <summary>The months that other rules rate otherwise than those by which they were looked at last.</summary>
    private void Rules()
    {
        if (_before!.Rules < Seen.RulesNow)
        {
            var sheets = _rating.Books.List();
            _changed.UnionWith(_closed.Where(month => sheets.Where(sheet => sheet.Period.Overlaps(month.Period))
                .SelectMany(sheet => sheet.Sheet.Skus.Select(sku => (sheet.Sheet.BookName, Sku: sku)))
                .GroupBy(one => (one.BookName, one.Sku.Id)).Any(
                    of => of.Count() > 1 && of.Any(one => one.Sku.MinimumCharge > Money.Zero))));
        }
    }

    private void Funds(IReadOnlyDictionary<string, IReadOnlyList<FundEvent>> funds)
    {
        foreach (var happened in funds.SelectMany(
            of => of.Value.Skip(_before!.Funds.GetValueOrDefault(of.Key))))
        {
            Since(happened switch
            {
                FundEvent.Capped e => e.From ?? default,
                FundEvent.Suspended e => e.From,
                FundEvent.Resumed e => e.From,
                FundEvent.Enrolled e => e.From,
                FundEvent.Freed e => e.From,
                _ => null, // What closes themselves granted and used.
            });
        }
    }

    private void Prepaid(IReadOnlyList<PrepaidEvent> prepaid)
    {
        foreach (var happened in prepaid.Skip(_before!.Prepaid))
        {
            Since(happened switch
            {
                PrepaidEvent.PaidIn e => e.Month,
                PrepaidEvent.Covered e => e.From,
                _ => null,
            });
        }
    }

    /// <summary>A project that was told of since then is looked for in what was billed of each month.</summary>
    private async Task Owners(CancellationToken ct)
    {
        var since = _rating.DirectoryEvents.Skip(_before!.Directory).ToList();
        if (since.OfType<DirectoryEvent.PisMerged>().Any())
        {
            _changed.UnionWith(_closed);
        }

        foreach (var affiliated in since.OfType<DirectoryEvent.Affiliated>())
        {
            _changed.UnionWith(_closed.Where(month => affiliated.From < month.End));
        }

        var told = since.OfType<DirectoryEvent.ProjectTold>().Select(happened => happened.Fact).ToList();
        foreach (var month in _closed.Where(month => !_changed.Contains(month)).ToList())
        {
            var facts = told.Where(fact => fact.From < month.End).ToList();
            if (facts.Count == 0)
            {
                continue;
            }

            var billed = await _kept.ProjectsOf(month, ct);
            if (facts.Exists(fact => billed.Contains($"{fact.Cluster}/{fact.Project}")))
            {
                _changed.Add(month);
            }
        }
    }

    /// <summary>Marks the closed months from one on; none where nothing counts from anywhere.</summary>
    private void Since(BillingMonth? first) => _changed.UnionWith(_closed.Where(month => month >= first));
}
