namespace Exchange.Rating;

/// <summary>What one owner adds to a scale: a quantity, and the line that a model may look at.</summary>
internal readonly record struct OnScale(Exact Quantity, PricedLine Line);

/// <summary>
/// Prices the quantities of several on one scale: steps are looked up for the sum, and each has its share of each step
/// in proportion to its quantity. What is owed used or not is owed by whoever it is promised to, for their time.
/// </summary>
internal static class Scale
{
    /// <summary>The steps of each, in the order in which they were given.</summary>
    public static IEnumerable<(int Of, Step Step)> Price(PriceModel model, decimal rate, IReadOnlyList<OnScale> on)
    {
        if (on is [var only])
        {
            foreach (var step in model.Price(only.Quantity, rate, only.Line))
            {
                yield return (0, step);
            }

            yield break;
        }

        var total = Exact.Sum(on.Select(one => one.Quantity));
        List<Step> steps = [.. model.Price(total, rate, Whole(on)).Where(step => !step.IsStanding)];
        for (var of = 0; of < on.Count; of++)
        {
            foreach (var step in model.Price(Exact.Zero, rate, on[of].Line).Where(step => step.IsStanding))
            {
                yield return (of, step);
            }

            var share = total.IsZero ? Exact.Zero : on[of].Quantity / total;
            foreach (var step in steps)
            {
                yield return (of, step with { Quantity = step.Quantity * share });
            }
        }
    }

    /// <summary>The line of all: the owners of a project follow each other.</summary>
    private static PricedLine Whole(IReadOnlyList<OnScale> on) => on[0].Line with
    {
        Period = new(on.Min(one => one.Line.Period.Start), on.Max(one => one.Line.Period.End)),
    };
}
