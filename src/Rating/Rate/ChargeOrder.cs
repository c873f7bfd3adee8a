namespace Exchange.Rating;

/// <summary>The order in which charges of a month are told, whoever works them out.</summary>
internal sealed class ChargeOrder : IComparer<Charge>
{
    public int Compare(Charge? x, Charge? y)
    {
        if (x is null || y is null)
        {
            throw new ArgumentNullException(x is null ? nameof(x) : nameof(y));
        }

        return string.CompareOrdinal(x.Landlord.Value, y.Landlord.Value) is var landlord and not 0 ? landlord
            : string.CompareOrdinal(x.Service, y.Service) is var service and not 0 ? service
            : string.CompareOrdinal(x.Cluster.Value, y.Cluster.Value) is var cluster and not 0 ? cluster
            : string.CompareOrdinal(x.Project.Value, y.Project.Value) is var project and not 0 ? project
            : string.CompareOrdinal(x.Sku.Value, y.Sku.Value) is var sku and not 0 ? sku
            : x.Period.Start.CompareTo(y.Period.Start) is var start and not 0 ? start
            : string.CompareOrdinal(x.Sheet, y.Sheet) is var sheet and not 0 ? sheet
            : string.CompareOrdinal(x.Step, y.Step);
    }
}
