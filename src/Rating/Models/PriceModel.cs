using NodaTime;

namespace Exchange.Rating;

/// <summary>A part of a quantity that has one price: a line of its own, rounded once.</summary>
/// <param name="Name">What tells it from the other parts; null when there is only this.</param>
/// <param name="Unit">Null when it is the SKU's.</param>
/// <param name="Payee">Which of those behind a composite service did it; null for one that nobody is behind.</param>
public readonly record struct Step(
    string? Name, Exact Quantity, decimal Rate, Unit? Unit = null, string? Payee = null)
{
    /// <summary>Owed used or not, for the time that the line is about.</summary>
    public bool IsStanding { get; init; }

    /// <summary>The agreement in which it was promised; null where the sheet itself says so.</summary>
    public string? Agreement { get; init; }

    /// <summary>The same of a base price, said to be beyond what was promised.</summary>
    internal Step Beyond(string what) => IsStanding ? this
        : this with { Name = Name is null ? $"above the {what}" : $"{Name}, above the {what}" };
}

/// <summary>What a model may know of the line that it prices, beside the quantity.</summary>
/// <param name="Period">The part of the billing month in which the sheet holds.</param>
/// <param name="Month">All of the month.</param>
/// <param name="UnitTime">The time of one unit in microseconds: an hour for GiB-hours; 0 for meters.</param>
public readonly record struct PricedLine(
    ClusterId Cluster, ProjectId Project, Period Period, Period Month, long UnitTime)
{
    /// <summary>How many ticks of a period were an outage; null where that is of no account.</summary>
    public Func<Period, long>? OutOfService { get; init; }

    /// <summary>The share of the month in which the sheet holds.</summary>
    public Exact ShareOfMonth => Exact.Of(
        (Period.Clip(Month)?.Length ?? Duration.Zero).BclCompatibleTicks, Month.Length.BclCompatibleTicks);
}

/// <summary>How a quantity of a SKU becomes steps that have a price. Models are pure, and one file each.</summary>
public abstract record PriceModel
{
    /// <summary>The steps of what a line used; those of nothing are left out.</summary>
    /// <param name="rate">The SKU's own rate.</param>
    public abstract IEnumerable<Step> Price(Exact quantity, decimal rate, PricedLine line);

    /// <summary>Who pays even in a month in which nothing is used.</summary>
    public virtual IEnumerable<(ClusterId Cluster, ProjectId Project)> Bound => [];

    /// <summary>Every price in it, to be checked; the SKU's own is not among them.</summary>
    public virtual IEnumerable<decimal> Rates => [];
}

/// <summary>Whose usage is added up before it is priced.</summary>
public enum Scope
{
    /// <summary>Each project's in a cluster.</summary>
    Project,

    /// <summary>That of all projects of a PI, as far as they are known.</summary>
    Pi,

    /// <summary>That of all projects: every customer of the landlord profits from the others.</summary>
    Landlord,
}
