using Exchange.Metering;

namespace Exchange.Rating;

/// <summary>Leases that both sides agreed on: usage by agreement, whatever a meter sees of it.</summary>
public sealed partial class Rater
{
    /// <summary>Leases that were agreed on, by the usage that they are; what-if questions have their own.</summary>
    private Dictionary<ResourceId, Lease> AgreedLeases()
    {
        var agreed = new Dictionary<ResourceId, Lease>();
        foreach (var lease in _request.Policies == Policies.NercCompatible ? [] : _books.Books.Agreements.Leases)
        {
            if ((_request.Landlord ?? lease.Landlord) != lease.Landlord || !_request.Binds(lease.Cluster, lease.Holder))
            {
                continue;
            }

            foreach (var segment in lease.Segments().Where(one => one.Period.Overlaps(_period)))
            {
                _leases.Add(segment, lease.IsOwn);
                agreed[segment.Resource] = lease;
            }
        }

        return agreed;
    }

    /// <summary>At the price that was agreed, else at that of the sheet; on lines that name the lease.</summary>
    private void UseLeased(in Segment segment, ProjectId? lessor, Lease lease, Priced priced, long start, long end)
    {
        foreach (var part in lease.Priced(start, end))
        {
            var agreed = part.PerHour is not { } rate ? priced : priced with
            {
                Sku = priced.Sku!.At(rate),
            };
            Use(segment, _lines.Leased(
                agreed.Sheet!, agreed.Policies!, agreed.Sku!, segment, lessor,
                part.Number == 1 ? lease.Id : $"{lease.Id}{Charge.NextPrice}{part.Number}"),
                agreed, part.Start, part.End);
        }
    }
}
