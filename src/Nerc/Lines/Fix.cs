namespace Exchange.Nerc;

/// <summary>
/// What is put right of NERC's present pipeline. None of them is how its reports are today ('nerc-compatible'); all of
/// them is 'corrected'; any one more tells which difference it makes.
/// </summary>
[Flags]
public enum Fix
{
    None = 0,

    /// <summary>A project that ColdFront does not know is billed without a PI, part of an hour as it is.</summary>
    NothingStops = 1 << 0,

    /// <summary>Costs are read as the decimals that they are, and half a cent rounds up.</summary>
    ReadDecimals = 1 << 1,

    /// <summary>An address is one person however its letters are cased.</summary>
    OnePersonPerAddress = 1 << 2,

    /// <summary>An alias in the list of PIs that are not billed is the person behind it.</summary>
    AliasesAreNotBilled = 1 << 3,

    /// <summary>Two entries for one project and cluster do not move the answers of later lines.</summary>
    EntriesDoNotShift = 1 << 4,

    /// <summary>'is_billable: true' without a cluster makes the project billable, and not free.</summary>
    OverridesWithoutCluster = 1 << 5,

    /// <summary>An end without a start, and the period of a cluster within that of its project, count.</summary>
    EveryPeriodCounts = 1 << 6,

    /// <summary>A billable line without a PI stays in the reports.</summary>
    KeepLinesWithoutPi = 1 << 7,

    /// <summary>A line that owes less than nothing takes no credit and gives none to others.</summary>
    NegativeLinesTakeNothing = 1 << 8,

    /// <summary>A line that owes nothing gets no credit code.</summary>
    NothingOwedNothingCredited = 1 << 9,

    /// <summary>GPUs that the credit excludes are excluded on bare metal too.</summary>
    ExcludeBareMetalGpus = 1 << 10,

    /// <summary>Prepaid money is spent only on what is billed.</summary>
    PrepayOnlyBilled = 1 << 11,

    /// <summary>Which line is paid first follows from the lines, not from the order of the files.</summary>
    OrderOfLines = 1 << 12,

    /// <summary>Projects of one name stay apart when they are of two PIs.</summary>
    ProjectsOfTwoPisStayApart = 1 << 13,

    /// <summary>What a project used of prepaid money is the sum over its lines.</summary>
    SumPrepaidUse = 1 << 14,

    /// <summary>Every line on Lenovo's hardware is in its report, counted by GPU.</summary>
    AllOfLenovo = 1 << 15,

    /// <summary>A debit of this month that no longer arises is taken out of the ledger.</summary>
    DropStaleDebits = 1 << 16,

    /// <summary>Whether a group is managed is read in any case of letters, in every report.</summary>
    ManagedInAnyCase = 1 << 17,

    All = (1 << 18) - 1,
}

/// <summary>The fixes in the order in which differences are explained, and what each is called in a report.</summary>
public static class Fixes
{
    public static IReadOnlyList<(Fix Fix, string Cause)> InOrder { get; } =
    [
        (Fix.NothingStops, "month-stopped: a project that ColdFront does not know, or part of an hour, stops it today"),
        (Fix.ReadDecimals, "binary-load: the amount was read through binary floating point"),
        (Fix.OnePersonPerAddress, "pi-letter-case: one PI written in two cases counted as two"),
        (Fix.AliasesAreNotBilled, "alias-not-seen: an alias among the PIs that are not billed was not recognised"),
        (Fix.EntriesDoNotShift, "duplicate-entries: two entries for one project moved the answers of other lines"),
        (Fix.OverridesWithoutCluster, "override-without-cluster: 'is_billable: true' for all clusters made it free"),
        (Fix.EveryPeriodCounts, "period-ignored: a period of an entry was not looked at"),
        (Fix.KeepLinesWithoutPi, "line-without-pi: a billable line without a PI was in no report"),
        (Fix.NegativeLinesTakeNothing, "negative-line: a negative line raised what was left for others"),
        (Fix.NothingOwedNothingCredited, "zero-line: a line that owed nothing was credited 0.00"),
        (Fix.ExcludeBareMetalGpus, "bare-metal-credit: bare-metal GPUs were credited although these GPUs are excluded"),
        (Fix.PrepayOnlyBilled, "prepaid-nonbillable: prepaid money was spent on lines that nobody is billed for"),
        (Fix.OrderOfLines, "row-order: the order of the files decided which line was paid first"),
        (Fix.ProjectsOfTwoPisStayApart, "bu-merged: projects of one name were shown as one project of the first PI"),
        (Fix.SumPrepaidUse, "bu-unsummed: prepaid use was that of the first line alone"),
        (Fix.AllOfLenovo, "lenovo-hardware: lines on Lenovo's hardware were left out, or nodes counted as one GPU"),
        (Fix.DropStaleDebits, "stale-debit: a debit of an earlier run was left standing"),
        (Fix.ManagedInAnyCase, "managed-case: a managed group was missed because 'Yes' was written otherwise"),
    ];

    /// <summary>The fixes behind the name of a policy.</summary>
    /// <exception cref="RefusedException">There is no policy of this name.</exception>
    public static Fix Of(string policies) => policies switch
    {
        "nerc-compatible" => Fix.None,
        "corrected" => Fix.All,
        _ => throw new RefusedException(new(
            "nerc/unknown-policies", $"'{policies}' is not known here. Write nerc-compatible or corrected.")),
    };
}
