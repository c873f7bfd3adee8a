namespace Exchange.Nerc;

/// <summary>A line of a month as it goes through NERC's pipeline; each step fills in what it decides.</summary>
public sealed record NercLine
{
    /// <summary>File and line that it came from: what an explanation leads back to.</summary>
    public required string Source { get; init; }
    public string? Month { get; init; }

    /// <summary>The project's name on its cluster, with its allocation behind the last '-'; at first its id.</summary>
    public required string Allocation { get; init; }
    public string? AllocationId { get; init; }

    /// <summary>Null when nobody is known to answer for it; empty text is somebody without a name.</summary>
    public string? Pi { get; init; }
    public string? Cluster { get; init; }
    public string? Email { get; init; }
    public string? Address { get; init; }
    public string? Institution { get; init; }
    public string? Code { get; init; }
    public decimal? Hours { get; init; }
    public required string SuType { get; init; }
    public decimal? Rate { get; init; }
    public required Money Cost { get; init; }
    public bool IsCourse { get; init; }

    /// <summary>What Lenovo gets an hour, in dollars, and in all.</summary>
    public decimal SuCharge { get; init; }
    public Money LenovoCharge { get; init; }

    public bool IsBillable { get; init; }
    public Money? Credit { get; init; }
    public string? CreditCode { get; init; }
    public Money Subsidy { get; init; }

    /// <summary>What the PI owes.</summary>
    public Money PiBalance { get; init; }

    /// <summary>What the exchange is owed: a subsidy does not change it.</summary>
    public Money Balance { get; init; }

    public string? Group { get; init; }
    public string? GroupInstitution { get; init; }
    public bool? GroupManaged { get; init; }
    public Money? GroupBalance { get; init; }
    public Money? GroupUsed { get; init; }

    /// <summary>The project: its allocation's name up to the last '-'.</summary>
    public string Project => Allocation.LastIndexOf('-') is var dash and >= 0 ? Allocation[..dash] : Allocation;

    /// <summary>Whether it is billed to somebody.</summary>
    public bool IsBilled(Fix fixes) => IsBillable && (Pi is not null || fixes.HasFlag(Fix.KeepLinesWithoutPi));
}
