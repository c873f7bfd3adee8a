using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>What issuing a void invoice again reads: as much of a close as concerns that invoice.</summary>
internal sealed partial class ReadForClose
{
    /// <summary>
    /// What is due of the months that a void invoice billed, of whoever it was to and whoever owns that usage now:
    /// what a close would find of them. What came late to a month that no close bills by itself, and nobody decided to
    /// bill, is left out: of such a month that is due which the void invoice billed.
    /// </summary>
    /// <param name="month">The month in which it is issued again.</param>
    public async Task<CloseInputs> Again(
        InvoiceEvent.Drafted gone, string number, BillingMonth month, Instant now, CancellationToken ct)
    {
        var settledIn = gone.SettledIn ?? gone.Month;
        var policies = Months.Closed[settledIn].Policies;
        var funds = await Funds(ct);
        var prepaid = await _sources.Journal.Read<PrepaidEvent>(
            PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id), ct);
        var rated = new List<MonthCharges>();
        foreach (var again in gone.Lines.Select(line => line.ServiceMonth(gone.Month)).Distinct())
        {
            rated.Add(await Rate(again, PoliciesOf(again) ?? policies, now, ct));
            _billed[again] = (await Billed.Of(again, ct)).Following(Rating.Directory.PiOf);
        }

        rated.AddRange(await AsTheyWereBilled(rated, month, ct));
        rated.Sort((left, right) => left.Month.CompareTo(right.Month));
        Meter = await _sources.Meter.Progress.Head(ct);
        var concerned = Concerned(gone, rated);
        var forGood = Horizon.First(month, _sources.Profiles.IssuerOn(now.InUtc().Date)?.HardCloseMonths);
        List<MonthCharges> theirs =
        [
            .. rated.Select(one => IsLeft(one.Month, forGood)
                ? BilledOnce(gone, one.Month, policies, concerned)
                : one with
            {
                Charges = [.. one.Charges.Where(owned => concerned.Contains(owned.Account))],
                NotBilled = [],
            }),
            new(month, [], []),
        ];
        return new CloseInputs(
            month, policies, Months, theirs, BilledOf, funds, _sources.Institutions, _sources.Landlords,
            new HashSet<string> { BillingHolds.All })
        {
            Prepaid = PrepaidGroups.Fold.Of(prepaid),
            Stated = await ToldSoFar.Read(_sources.Journal, Months, now, ct),
            BilledBefore = (await _sources.Journal.State(OpeningBalances.Fold, OpeningBalances.Id, ct)).Billed,
            CodeOf = line => Rating.Attribution.Of(line.Cluster, line.Project, line.ServicePeriod.Start).Code,
            InstitutionOf = InstitutionOf,
            Reissues = (number, settledIn),
        }.Following(Rating.Directory.PiOf).Only(concerned);
    }

    /// <summary>By what a month is rated, whoever asks; null of one that was left out between closed ones.</summary>
    private string? PoliciesOf(BillingMonth month) =>
        Months.Closed.GetValueOrDefault(month < Months.First ? Months.First.Value : month)?.Policies;

    /// <summary>Whether what comes late to a month is billed by no close until somebody decides so.</summary>
    private bool IsLeft(BillingMonth of, BillingMonth? forGood) =>
        IsLate(of, forGood) && !Months.Accepted.Contains(of);

    /// <summary>Whether no close bills what comes to a month by itself.</summary>
    private bool IsLate(BillingMonth of, BillingMonth? forGood) =>
        (of < forGood && Months.IsClosed(of)) || of < Months.First;

    /// <summary>A month as it was billed before the invoice was void, and as funds paid of it.</summary>
    private MonthCharges BilledOnce(
        InvoiceEvent.Drafted gone, BillingMonth of, string policies, HashSet<Account> concerned)
    {
        var to = new Account(Rating.Directory.PiOf(gone.Pi!.Value));
        var billed = _billed[of].SelectMany(same => same.Select(line => (Account: same.Key, Line: line)))
            .Concat(gone.Lines.Where(line => line.ServiceMonth(gone.Month) == of)
                .Select(line => (Account: to, Line: line)))
            .ToLookup(one => one.Account, one => one.Line);
        return AsBilled.Of(
            of, PoliciesOf(of) ?? policies, billed, concerned, InstitutionOf, keepsFunds: true);
    }

    private HashSet<Account> Concerned(InvoiceEvent.Drafted gone, IEnumerable<MonthCharges> rated)
    {
        var projects = gone.Lines.Select(line => (line.Cluster, line.Project)).ToHashSet();
        return
        [
            new(Rating.Directory.PiOf(gone.Pi!.Value)),
            .. rated.SelectMany(one => one.Charges)
                .Where(owned => projects.Contains((owned.Charge.Cluster, owned.Charge.Project)) &&
                    owned.Account != Account.Suspense)
                .Select(owned => owned.Account),
        ];
    }
}
