using Exchange.Metering;
using Exchange.Rating;

namespace Exchange.Portal.Spend;

/// <summary>A resource among those that cost a PI most in a month, and the charge that it has this share of.</summary>
internal sealed record CostlyResource(PiId Pi, ResourceId Resource, string ProjectName, string Charge, Money Amount);

/// <summary>What first pages show of a month's resources.</summary>
internal sealed record MonthUse(IReadOnlyList<CostlyResource> Costly, IReadOnlyList<GpuSpend> Gpus)
{
    public static MonthUse None { get; } = new([], []);
}

/// <summary>
/// Which resources cost each PI most, and how long GPUs were held, kept while a month is rated, so that no first page
/// rates it again. It comes to what ResourceSpend works out for all of a PI's resources.
/// </summary>
internal sealed class Costliest
{
    public const int MaxShown = 5;
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);

    /// <summary>Contributions come resource by resource, as rating tells them.</summary>
    public void Add(Contribution part)
    {
        var id = part.Step is null ? part.ChargeId : $"{part.ChargeId}:{part.Step}";
        if (!_lines.TryGetValue(id, out var line))
        {
            _lines[id] = line = new();
        }

        line.Add(part);
    }

    public async Task<MonthUse> Of(
        Meter meter, BillingMonth month, IReadOnlyList<ShownCharge> charges, CancellationToken ct)
    {
        var costly = new List<CostlyResource>();
        var gpus = new List<GpuSpend>();
        foreach (var charge in charges.Where(c => c.Pi is not null))
        {
            if (Find(charge.Id) is { } line)
            {
                var (resources, held, amount) = line.Of(charge.Amount);
                costly.AddRange(resources.Select(r => new CostlyResource(
                    charge.Pi!.Value, r.Resource, charge.ProjectName, charge.Id, r.Amount)));
                if (held > 0)
                {
                    gpus.Add(new(
                        charge.Pi!.Value, charge.Landlord, charge.Cluster, charge.Project, charge.ProjectName, held,
                        null, amount));
                }
            }
        }

        return new([.. costly.GroupBy(r => r.Pi).SelectMany(FirstOf)], await GpuSpend.Measured(meter, month, gpus, ct));
    }

    private static IEnumerable<CostlyResource> FirstOf(IEnumerable<CostlyResource> ofOne) => ofOne
        .OrderByDescending(r => r.Amount.Cents).ThenBy(r => r.Resource.ToString(), StringComparer.Ordinal)
        .Take(MaxShown);

    private Line? Find(string charge) =>
        _lines.GetValueOrDefault(charge) ?? _lines.GetValueOrDefault(charge[..charge.LastIndexOf(':')]);

    /// <summary>What one line of a bill is shared over: the use of every resource, and the names of a few.</summary>
    private sealed class Line
    {
        private readonly List<(decimal Weight, decimal GpuHours)> _uses = [];
        private readonly List<(int At, ResourceId Resource)> _most = [];
        private readonly List<Contribution> _parts = [];

        public void Add(Contribution part)
        {
            if (_parts.Count > 0 && _parts[0].Resource != part.Resource)
            {
                Settle();
            }

            _parts.Add(part);
        }

        public (IEnumerable<(ResourceId Resource, Money Amount)> Resources, decimal Held, Money OfGpus) Of(Money amount)
        {
            Settle();
            if (_uses.Count == 0)
            {
                return ([], 0, Money.Zero);
            }

            // As ResourceSpend does it: the most first, and of those that are alike by name.
            var names = _most.ToDictionary(one => one.At, one => one.Resource.ToString());
            int[] order = [.. Enumerable.Range(0, _uses.Count).OrderByDescending(at => _uses[at].Weight)
                .ThenBy(at => !names.ContainsKey(at))
                .ThenBy(at => names.GetValueOrDefault(at), StringComparer.Ordinal)];
            var shared = ResourceSpend.Share(amount, [.. order.Select(at => _uses[at].Weight)]);
            var shares = order.Zip(shared).ToDictionary(of => of.First, of => of.Second);
            return (
                _most.Select(one => (one.Resource, shares[one.At])), _uses.Sum(use => use.GpuHours),
                Money.Sum(shares.Where(of => _uses[of.Key].GpuHours > 0).Select(of => of.Value)));
        }

        private void Settle()
        {
            var weight = ResourceSpend.Weight(_parts);
            if (weight > 0)
            {
                _most.Add((_uses.Count, _parts[0].Resource));
                _uses.Add((weight, ResourceSpend.GpuHoursOf(_parts)));
                if (_most.Count > MaxShown)
                {
                    _most.Remove(_most.OrderBy(one => _uses[one.At].Weight)
                        .ThenByDescending(one => one.Resource.ToString(), StringComparer.Ordinal).First());
                }
            }

            _parts.Clear();
        }
    }
}
