using Exchange.Rating;

namespace Exchange.Market.Peers;

/// <summary>What no statement between exchanges may say, whoever signed it.</summary>
internal static class PeerRules
{
    private const int MaxText = 500;

    public static Refusal? Wrong(PeerStatement statement)
    {
        foreach (var (line, number) in statement.Lines.Select((line, i) => (line, i + 1)))
        {
            if (line.Charge is null || !Name.IsOne(line.Project.Value) || !Name.IsOne(line.Sku.Value) ||
                !Name.IsOne(line.Cluster.Value) || line.Quantity.Unit.Name is null)
            {
                return new(
                    "peer/line", $"Line {number} lacks its charge, project, cluster, SKU or unit. Nothing of the " +
                    "statement is taken.", statement.From);
            }

            var isFree = line.Amount.IsZero && line.Due.IsZero;
            if (!isFree && (line.IsEgress || Egress.IsNamedBy(line.Sku.Value) || Egress.IsNamedBy(line.Step ?? "") ||
                Egress.IsNamedBy(line.Quantity.Unit.Name) || Egress.IsNamedBy(line.Meter ?? "")))
            {
                return new(
                    "peer/egress", $"Line {number} asks {line.Due} for {line.What}, which is egress. No exchange " +
                    "charges for what leaves. Nothing of the statement is taken.", statement.From);
            }

            if (!isFree && line.NotEgress is not { Length: > 0 and <= MaxText } &&
                EgressDisguise.Of(line.Sku, line.Step, line.Quantity.Unit, line.Meter) is { } disguise)
            {
                return new(
                    "peer/maybe-egress", $"Line {number} asks {line.Due} for {line.What}, which may be what left: " +
                    $"{disguise}. If it is something else, have {statement.From} say what in its price sheet " +
                    "(not_egress: \"…\"). Nothing of the statement is taken.", statement.From);
            }

            if (line.Month > statement.Month)
            {
                return new(
                    "peer/line", $"Line {number} is for {line.Month}, after the statement's {statement.Month}. " +
                    "Nothing of the statement is taken.", statement.From);
            }
        }

        return null;
    }
}
