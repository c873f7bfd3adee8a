namespace Exchange.Portal.Costs.Changes;

/// <summary>
/// Divides what a line changed by into causes. The price is what it costs more than its quantity would have cost
/// before; the rest is what each resource has of it: new, ended, for other hours, or as something else.
/// </summary>
/// <param name="isRepriced">Whether prices of a line changed between the periods.</param>
/// <param name="isMoved">Whether its project came from, or went to, somebody else.</param>
internal sealed class ChangesOfUsage(Func<UsedKey, bool> isRepriced, Func<UsedKey, bool> isMoved)
{
    public IEnumerable<ChangeStep> Between(IReadOnlyList<UsedLine> before, IReadOnlyList<UsedLine> after)
    {
        var (was, known) = (before.ToDictionary(line => line.Key), ResourcesOf(before));
        var now = ResourcesOf(after);
        foreach (var line in after)
        {
            var earlier = was.Remove(line.Key, out var found) ? found : UsedLine.Nothing(line.Key);
            foreach (var step in Of(earlier, line, known, now))
            {
                yield return step;
            }
        }

        foreach (var step in was.Values.SelectMany(gone => Of(gone, UsedLine.Nothing(gone.Key), known, now)))
        {
            yield return step;
        }
    }

    private IEnumerable<ChangeStep> Of(
        UsedLine before, UsedLine after, HashSet<string> known, HashSet<string> now)
    {
        var charge = after.Charge ?? before.Charge;
        if (isMoved(after.Key))
        {
            return [Step(ChangeCause.Owner, after.Amount - before.Amount)];
        }

        var atOldPrice = before.Quantity > 0 && after.Quantity > 0 && isRepriced(after.Key)
            ? Money.Round(before.Amount.Amount * after.Quantity.Value / before.Quantity.Value)
            : after.Amount;
        return ((ChangeStep[])[Step(ChangeCause.Price, after.Amount - atOldPrice)])
            .Concat(before.Resources.Count + after.Resources.Count > 0 &&
                IsShared(before.Amount, before.Resources) && IsShared(atOldPrice, after.Resources)
                ? ByResource(before, after with { Amount = atOldPrice }, known, now)
                : [Step(
                    before is { Quantity: 0, Amount.IsZero: true } ? ChangeCause.New
                    : after is { Quantity: 0, Amount.IsZero: true } ? ChangeCause.Ended : ChangeCause.Usage,
                    atOldPrice - before.Amount)]);

        ChangeStep Step(ChangeCause cause, Money amount) => new(
            cause, amount, amount.IsZero ? [] : [new(after.Key.What, amount, charge?.Month, charge?.Id)]);
    }

    /// <summary>Whether all of an amount lies on resources.</summary>
    private static bool IsShared(Money amount, IReadOnlyList<UsedResource> resources) =>
        amount.IsZero || resources.Any(resource => !resource.Amount.IsZero);

    private static IEnumerable<ChangeStep> ByResource(
        UsedLine before, UsedLine after, HashSet<string> known, HashSet<string> now)
    {
        var (was, are) = (Shared(before), Shared(after));
        foreach (var name in was.Keys.Union(are.Keys).Order(StringComparer.Ordinal))
        {
            var (old, cost) = (was.GetValueOrDefault(name), are.GetValueOrDefault(name));
            var charge = cost is null ? before.Charge : after.Charge;
            if (old is null || cost is null)
            {
                // What is there in both periods, under another SKU, is not new: it became something else.
                var cause = old is null ? known.Contains(name) ? ChangeCause.Shape : ChangeCause.New
                    : now.Contains(name) ? ChangeCause.Shape : ChangeCause.Ended;
                yield return Step(cause, (cost?.Amount ?? Money.Zero) - (old?.Amount ?? Money.Zero));
                continue;
            }

            var asBefore = old.Shape == cost.Shape || old.Hours <= 0 ? cost.Amount
                : Money.Round(old.Amount.Amount * cost.Hours / old.Hours);
            yield return Step(ChangeCause.Hours, asBefore - old.Amount);
            yield return Step(ChangeCause.Shape, cost.Amount - asBefore);

            ChangeStep Step(ChangeCause cause, Money amount) => new(
                cause, amount, amount.IsZero ? [] : [new(
                    $"{name}, {after.Key.What}", amount, charge?.Month, charge?.Id)]);
        }
    }

    /// <summary>A line's amount over its resources as they share it, to the cent.</summary>
    private static Dictionary<string, UsedResource> Shared(UsedLine line)
    {
        if (line.Resources.Count == 0)
        {
            return [];
        }

        var of = line.Resources.GroupBy(resource => resource.Name, StringComparer.Ordinal)
            .Select(one => new UsedResource(
                one.Key, Money.Sum(one.Select(part => part.Amount)), one.Sum(part => part.Hours), one.Last().Shape))
            .ToList();
        int[] weights = [.. of.Select(one => (int)Math.Min(Math.Abs(one.Amount.Cents), int.MaxValue))];
        var amounts = weights.Any(weight => weight > 0)
            ? DaysOfCharge.Share(line.Amount.Cents, weights) : new long[of.Count];
        return of.Select((one, i) => one with { Amount = new(amounts[i]) })
            .ToDictionary(one => one.Name, StringComparer.Ordinal);
    }

    private static HashSet<string> ResourcesOf(IEnumerable<UsedLine> lines) =>
        [.. lines.SelectMany(line => line.Resources).Select(resource => resource.Name)];
}
