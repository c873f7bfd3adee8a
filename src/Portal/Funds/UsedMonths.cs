using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Spend;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Funds;

/// <summary>
/// What people used by now and what was billed of it, read once, whatever is asked about it: of an open month its
/// charges, of a closed one what was billed or, where something came to it, what it comes to now.
/// </summary>
/// <param name="own">Whose charges are read as a page sees them, so that all of its figures are of one instant.</param>
internal sealed class UsedMonths(
    Composition exchange, FundVersions known, Instant now, IReadOnlyList<LateUsage> late, (PiId Pi, View View)? own)
{
    public Composition Exchange => exchange;
    public FundVersions Known => known;
    public Instant Now => now;

    private readonly Dictionary<(People, BillingMonth), IReadOnlyList<ShownCharge>> _charges = [];
    private readonly Dictionary<People, IReadOnlyList<BillingMonth>> _open = [];
    private readonly Dictionary<
        (People, BillingMonth), IReadOnlyDictionary<BillingMonth, ILookup<Account, InvoiceLine>>> _billed = [];

    private readonly Attribution _owners = new(known.Directory, exchange.Institutions, exchange.Facts.Billability);

    /// <summary>For whom a PI works at an instant.</summary>
    public string? WorksFor(PiId pi, Instant at) => _owners.InstitutionOf(pi, at);

    /// <summary>For whom a PI worked when what a line billed was used.</summary>
    public string? WorkedFor(PiId pi, InvoiceLine line) =>
        _owners.InstitutionOf(pi, line.Cluster, line.Project, line.ServicePeriod.Start);

    public static async Task<UsedMonths> Read(
        Composition exchange, FundVersions known, Instant now, CancellationToken ct,
        (PiId Pi, View View)? own = null) =>
        new(exchange, known, now, await exchange.Late.Of(known.Version, now, ct), own);

    /// <summary>People by their addresses, in order; the same people are equal.</summary>
    public readonly record struct People(string Names)
    {
        public static People Of(IEnumerable<PiId> pis) =>
            new(string.Join('\n', pis.Select(pi => pi.Value).Distinct().Order(StringComparer.Ordinal)));

        public string[] All => Names.Split('\n');
    }

    /// <summary>The closed months that the next close looks at, whatever is planned.</summary>
    public IEnumerable<BillingMonth> Late => late.Select(one => one.Month);

    /// <summary>For whom they changed.</summary>
    public IEnumerable<PiId> LateFor =>
        late.SelectMany(one => one.Accounts).Select(account => account.Pi).OfType<PiId>().Distinct();

    /// <summary>
    /// These people and whoever uses prepaid money of the same groups, and of groups that those use: what one of them
    /// used is gone for the others.
    /// </summary>
    /// <param name="looked">Closed months that are looked at.</param>
    public async Task<People> Sharing(
        IEnumerable<PiId> pis, IEnumerable<ShownCharge> plan, IEnumerable<BillingMonth> looked, CancellationToken ct)
    {
        var people = pis.ToHashSet();
        var covered = known.Prepaid.Groups.Values.SelectMany(group => group.Projects, (group, one) => (
            group.Name, one.Project)).ToLookup(of => of.Project, of => of.Name, StringComparer.Ordinal);
        if (covered.Count > 0)
        {
            var uses = (await Covered([.. covered.Select(of => of.Key)], looked, ct))
                .Concat(plan.Select(charge => (charge.Pi!.Value, charge.Project, charge.ProjectName)))
                .Concat(late.SelectMany(one => one.Charges).Where(owned => owned.Owner.Pi is not null).Select(
                    owned => (owned.Owner.Pi!.Value, owned.Charge.Project, owned.Owner.Name)))
                .SelectMany(one => PrepaidGroup.NamesOf(one.Item2, one.Item3).SelectMany(name => covered[name]).Select(
                    group => (Pi: one.Item1, Group: group)))
                .Distinct().ToLookup(one => one.Pi, one => one.Group);
            for (var before = 0; before != people.Count;)
            {
                before = people.Count;
                var groups = people.SelectMany(pi => uses[pi]).ToHashSet(StringComparer.Ordinal);
                people.UnionWith(uses.Where(of => of.Any(groups.Contains)).Select(of => of.Key));
            }
        }

        return People.Of(people);
    }

    /// <summary>Whoever used something of projects in open months, or was billed it in those that are looked at.
    /// </summary>
    private async Task<List<(PiId Pi, ProjectId Project, string Name)>> Covered(
        string[] names, IEnumerable<BillingMonth> looked, CancellationToken ct)
    {
        const string Sql = """
            select distinct pi, project, project_name
            from (
              select pi, project, project_name
              from exchange.charge join exchange.rated using (month)
              where not closed
              union all
              select account, project, project_name
              from invoicing.line
              where service_month = any($2)
            ) used
            where project = any($1) or project_name = any($1)
              or regexp_replace(project_name, '^(.+)-[^-]*$', '\1') = any($1)
            """;
        await using var command = exchange.Database.Statement(
            Sql, [names, looked.Select(month => month.ToString()).ToArray()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var uses = new List<(PiId, ProjectId, string)>();
        while (await rows.ReadAsync(ct))
        {
            if (rows.GetString(0) is { Length: > 0 } account && Account.Named(account).Pi is { } pi)
            {
                uses.Add((known.Directory.PiOf(pi), new(rows.GetString(1)), rows.GetString(2)));
            }
        }

        return uses;
    }

    /// <summary>
    /// The months that are not closed in which any of them used something. Months without usage are not gone through,
    /// however many there are between.
    /// </summary>
    public async Task<IReadOnlyList<BillingMonth>> Open(People people, CancellationToken ct)
    {
        const string Sql = """
            select month
            from exchange.rated r
            where exists (select from exchange.charge c where c.month = r.month and c.pi = any($1))
            order by month
            """;
        if (!_open.TryGetValue(people, out var months))
        {
            await using var command = exchange.Database.Statement(Sql, [people.All]);
            _open[people] = months =
            [
                .. (await command.Texts(ct)).Select(one => BillingMonth.Parse(one))
                    .Where(month => !known.Months.IsClosed(month)),
            ];
        }

        return months;
    }

    /// <summary>What a month comes to now.</summary>
    /// <param name="since">From when on it was read what was billed.</param>
    public async Task<IReadOnlyList<ShownCharge>> Of(
        People people, BillingMonth month, BillingMonth since, CancellationToken ct)
    {
        if (_charges.TryGetValue((people, month), out var kept))
        {
            return kept;
        }

        if (known.Months.IsClosed(month))
        {
            var came = late.FirstOrDefault(one => one.Month == month);
            var billed = (await Billed(people, since, ct))[month];
            return _charges[(people, month)] =
            [
                .. people.All.Select(pi => new Account(new PiId(pi))).SelectMany(
                    account => came?.Accounts.Contains(account) == true
                        ? came.Charges.Where(owned => owned.Account == account).Select(owned => ShownCharge.Of(
                            owned.Charge, owned.Owner.Name, owned.Owner.Pi, owned.Owner.Institution))
                        : ShownCharge.Billed(month, account, billed[account], WorkedFor)),
            ];
        }

        if (!(await Open(people, ct)).Contains(month))
        {
            return [];
        }

        var all = people.All.ToHashSet(StringComparer.Ordinal);
        var charges = new List<ShownCharge>();
        if (own is { } viewer && all.Remove(viewer.Pi.Value))
        {
            charges.AddRange(
                await Charges.Of(await viewer.View.Connection(ct), month, [viewer.Pi.Value], ct));
        }

        if (all.Count > 0)
        {
            await using var connection = await exchange.Database.OpenConnectionAsync(ct);
            charges.AddRange(await Charges.Of(connection, month, [.. all], ct));
        }

        return _charges[(people, month)] = charges;
    }

    /// <summary>What was billed to them of months that were closed, under all their addresses.</summary>
    public async Task<IReadOnlyDictionary<BillingMonth, ILookup<Account, InvoiceLine>>> Billed(
        People people, BillingMonth since, CancellationToken ct)
    {
        if (!_billed.TryGetValue((people, since), out var billed))
        {
            var pis = people.All.Select(pi => new PiId(pi)).ToHashSet();
            var accounts = pis.Concat(known.Directory.Aliases.Where(of => pis.Contains(of.Value)).Select(of => of.Key))
                .Select(pi => new Account(pi)).ToHashSet();
            List<BillingMonth> months = [];
            for (var month = since; month <= known.Months.Last; month = month.Next)
            {
                months.Add(month);
            }

            var lines = await BilledLines.Of(exchange.Database, months, accounts, ct);
            _billed[(people, since)] = billed = months.ToDictionary(
                month => month, month => lines.Where(one => one.Month == month)
                    .ToLookup(one => one.Account, one => one.Line).Following(known.Directory.PiOf));
        }

        return billed;
    }
}
