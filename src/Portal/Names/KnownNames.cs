using Exchange.Invoicing.Funds;
using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Names;

/// <summary>
/// Which names there are, for whoever asks: those that are published for everybody, those of the directory and of usage
/// for whoever sees all, and those of charges that are the viewer's own. To narrow by another one answers nothing, and
/// nothing is no answer about what is not there: it is refused. What is another's is refused in the same words.
/// </summary>
internal sealed class KnownNames(Composition exchange, Viewer viewer, View view)
{
    private bool SeesAll => viewer.Sees == "money";

    /// <exception cref="RefusedException">Nothing has the name that the viewer may know of.</exception>
    public async Task Check(NameKind kind, string name, string where, CancellationToken ct)
    {
        if (await Refusal(kind, name, where, ct) is { } refusal)
        {
            throw new RefusedException(refusal);
        }
    }

    /// <summary>Why the name is refused; null where something has it.</summary>
    public async Task<Refusal?> Refusal(NameKind kind, string name, string where, CancellationToken ct)
    {
        if (kind == NameKind.Landlord && exchange.Landlords.All.Any(one => one.Id.Value == name))
        {
            return null; // Nothing need be read for most.
        }

        var known = await Published(kind, ct);
        known.UnionWith(await OfDirectory(kind, ct));
        var spelled = kind switch
        {
            NameKind.Pi => ProjectDirectory.Spelled(new(name)).Value,
            NameKind.Project => name.Split(':')[0], // A part that labels divide a project into.
            _ => name,
        };
        return known.Contains(name) || known.Contains(spelled) ||
            (kind != NameKind.Class && await IsCharged(kind, name, ct)) ||
            (SeesAll && await IsUsed(kind, spelled, ct))
            ? null
            : kind.Refuse(name, known, where);
    }

    /// <summary>What is there for everybody to see.</summary>
    private async Task<HashSet<string>> Published(NameKind kind, CancellationToken ct)
    {
        if (kind == NameKind.Class)
        {
            return new(["usage", "correction", "credit"], StringComparer.Ordinal);
        }

        var known = new HashSet<string>(StringComparer.Ordinal);
        if (kind is NameKind.Service or NameKind.Sku && !SeesAll)
        {
            // An offer for a few is no name for others: what they may see is what the catalogue shows them.
            var offered = await CatalogFor.All(exchange, await CatalogFor.Viewer(viewer, exchange, ct), ct);
            known.UnionWith(offered.Select(item => kind == NameKind.Sku ? item.Sku.Value : item.Service));
        }
        else if (kind is NameKind.Landlord or NameKind.Service or NameKind.Sku or NameKind.Cluster)
        {
            var sheets = (await exchange.Prices.Get(ct)).List().Select(one => one.Sheet);
            known.UnionWith(kind switch
            {
                NameKind.Landlord => sheets.Select(sheet => sheet.Landlord.Value)
                    .Concat(exchange.Landlords.All.Select(one => one.Id.Value)),
                NameKind.Service => sheets.Select(sheet => sheet.Service),
                NameKind.Sku => sheets.SelectMany(sheet => sheet.Skus.Select(sku => sku.Id.Value)),
                _ => sheets.SelectMany(sheet => sheet.Clusters.Select(cluster => cluster.Value)),
            });
        }

        var own = kind switch
        {
            NameKind.Landlord => viewer.Landlord?.Value,
            NameKind.Pi => viewer.Pi?.Value,
            NameKind.Payer => viewer.Payer,
            _ => null,
        };
        if (own is not null)
        {
            known.Add(own);
        }

        return known;
    }

    /// <summary>What people told the exchange: all of it for whoever sees all, their own projects for a PI.</summary>
    private async Task<IEnumerable<string>> OfDirectory(NameKind kind, CancellationToken ct)
    {
        if (!SeesAll && !(viewer.Pi is not null && kind is NameKind.Project or NameKind.Cluster))
        {
            return [];
        }

        var directory = await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var own = directory.Facts.Where(of => viewer.Pi is not { } pi ||
            of.Value.Exists(fact => fact.Pi is { } owner && directory.PiOf(owner) == pi)).ToList();
        return kind switch
        {
            NameKind.Project => own.Select(of => of.Key.Project.Value),
            NameKind.Cluster => own.Select(of => of.Key.Cluster.Value),
            NameKind.Pi => await People(directory, ct),
            NameKind.Institution => exchange.Institutions.All.Select(one => one.Name),
            NameKind.Fund => exchange.Programmes.Select(one => one.Id),
            NameKind.Payer => exchange.Programmes.SelectMany(
                one => one.Terms.Select(terms => terms.Payer).OfType<string>().Append(one.Payer)),
            _ => [],
        };
    }

    private async Task<IEnumerable<string>> People(ProjectDirectory directory, CancellationToken ct)
    {
        var found = new HashSet<PiId>(directory.Affiliations.Keys);
        found.UnionWith(directory.Aliases.Keys);
        found.UnionWith(directory.Aliases.Values);
        found.UnionWith(directory.Facts.Values.SelectMany(facts => facts).Select(fact => fact.Pi).OfType<PiId>()
            .Select(ProjectDirectory.Spelled));
        foreach (var program in exchange.Programmes)
        {
            found.UnionWith((await exchange.Kept.State(Fund.Fold, program.Id, ct)).Known());
        }

        return found.Select(pi => pi.Value);
    }

    /// <summary>Whether a charge or credit of the viewer's has the name: found by an index or in few rows.</summary>
    private async Task<bool> IsCharged(NameKind kind, string name, CancellationToken ct)
    {
        var column = kind.ToString().ToLowerInvariant();
        var isCoarse = viewer.Pi is null && kind is not (NameKind.Project or NameKind.Pi);
        var ofCharges = kind is NameKind.Fund or NameKind.Payer
            ? "false" : $"exists (select from exchange.charge where month = any($2) and {column} = $1{Own})";
        await using var command = await view.Command(
            isCoarse
                ? $"select exists (select from exchange.cost_sum where {column} = $1)"
                : $"select {ofCharges} or " +
                    $"exists (select from exchange.credit where month = any($2) and {column} = $1{Own})", ct);
        command.Parameters.Add(new() { Value = name });
        if (!isCoarse)
        {
            command.Parameters.Add(new()
            {
                Value = (await MonthSpend.Months(view, ct)).Select(one => one.Month.ToString()).ToArray(),
            });
            if (viewer.Pi is { } pi)
            {
                command.Parameters.Add(new() { Value = pi.Value });
            }
        }

        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>What the second wall says too: said here, an index serves it.</summary>
    private string Own => viewer.Pi is null ? "" : " and pi = $3";

    /// <summary>Whether usage was reported of it, priced or not.</summary>
    private Task<bool> IsUsed(NameKind kind, string name, CancellationToken ct) => kind switch
    {
        NameKind.Landlord => exchange.Meter.HasUsageOf(new LandlordId(name), ct),
        NameKind.Cluster => exchange.Meter.HasUsageOf(new ClusterId(name), ct),
        NameKind.Project => exchange.Meter.HasUsageOf(new ProjectId(name), ct),
        _ => Task.FromResult(false),
    };
}
