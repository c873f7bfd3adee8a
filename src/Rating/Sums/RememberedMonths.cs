using NodaTime;

namespace Exchange.Rating;

/// <summary>What a month came to, of which version of all; and the rater that can change it, where one can.</summary>
internal sealed class RememberedMonth(
    BillingMonth month, string policies, long version, long bill, string world, Instant asOf, Rated rated, Rater? rater)
{
    private readonly Lock _turn = new();
    private Rated? _rated = rated;
    private long _version = version;

    public BillingMonth Month => month;
    public string Policies => policies;
    public int Charges { get; } = rated.Charges.Count;

    public bool IsOf(long of, string ofWorld)
    {
        lock (_turn)
        {
            return (_version, world) == (of, ofWorld) && _rated is not null;
        }
    }

    /// <summary>What it comes to at a version, a bill and an end of usage; null where it is of others.</summary>
    public Rated? At(long of, long lastBill, Instant until)
    {
        lock (_turn)
        {
            return (_version, bill, asOf) == (of, lastBill, until) ? _rated : null;
        }
    }

    /// <summary>Some pages add something else from a version on. Usage of another end is another month.</summary>
    public void Change(long next, Instant until, IEnumerable<byte[]> gone, IEnumerable<byte[]> come)
    {
        lock (_turn)
        {
            var canChange = rater is not null && _rated is not null && until == asOf && next == _version + 1;
            try
            {
                _rated = canChange ? rater!.Change(_rated!, gone, come) : null;
            }
            catch
            {
                _rated = null; // Half of it is changed: it is added up again.
                throw;
            }

            _version = next;
        }
    }
}

/// <summary>The latest months that were added up, as many as there is room for.</summary>
internal sealed class RememberedMonths
{
    private const int MaxMonths = 2;
    private const int MaxCharges = 200_000; // Some 100 MiB.
    private readonly Lock _turn = new();
    private readonly List<RememberedMonth> _months = [];

    public RememberedMonth? Of(BillingMonth month, string policies, long version, string world)
    {
        lock (_turn)
        {
            return _months.Find(one => one.Month == month && one.Policies == policies &&
                one.IsOf(version, world));
        }
    }

    public void Remember(RememberedMonth month)
    {
        lock (_turn)
        {
            _months.RemoveAll(one => one.Month == month.Month && one.Policies == month.Policies);
            _months.Add(month);
            while (_months.Count > MaxMonths || (_months.Count > 0 && _months.Sum(one => one.Charges) > MaxCharges))
            {
                _months.RemoveAt(0);
            }
        }
    }
}
