using System.Collections.Immutable;
using Exchange.Metering.Collectors;

namespace Exchange.Invoicing.Kept;

/// <summary>Where the blocks of a close are, and what proves them.</summary>
/// <param name="Id">What the blocks are found by.</param>
/// <param name="Root">The hash of the last block, in hexadecimal: it follows from all that was kept.</param>
/// <param name="Meter">Up to which block of readings the meter had been read.</param>
public sealed record KeptRun(string Id, int Blocks, string Root, long Meter);

/// <summary>What a charge came to when a line about it was billed, and who answered for it.</summary>
/// <param name="LineId">What all steps of the charge share: parts are kept under it.</param>
/// <param name="SheetSha256">The text of the price sheet, by its hash.</param>
public sealed record KeptCharge(
    string LineId, Quantity Quantity, Money Amount, string Policies, string SheetSha256, PiId? Pi,
    string? Institution, string? Code);

/// <summary>What made a line of a closed month: a reading, an owner, a price, an outage, a void invoice.</summary>
/// <param name="Kind">late-reading, owner, price, outage, void or first-billed.</param>
/// <param name="What">In words, with what names it.</param>
public sealed record Cause(string Kind, string What);

/// <summary>A line of an invoice as it was billed, with all that explains it. It never changes.</summary>
/// <param name="Invoice">The invoice, as its stream is called: '2026-10:ada@bu.edu'.</param>
/// <param name="Place">From 1, as the invoice lists it.</param>
public sealed record KeptLine(string Invoice, int Place, Account Account, InvoiceLine Line)
{
    /// <summary>Null where nothing is left of the charge: all that was billed of it goes back.</summary>
    public KeptCharge? Charge { get; init; }

    /// <summary>Which funds paid, in what order, by which rule, and what they had left.</summary>
    public ImmutableArray<FundNote> Funds { get; init; } = [];

    /// <summary>Of an adjustment: what had been billed of the charge to this account before.</summary>
    public Money? Before { get; init; }

    public ImmutableArray<Cause> Causes { get; init; } = [];
}

/// <summary>A part of a charge as it was kept: how long a resource was what, and what that adds.</summary>
/// <param name="Line">The line of charges that it belongs to.</param>
/// <param name="Units">Units at each moment; of a meter, what was counted.</param>
/// <param name="Hours">How long it counted, without outages; null for what has no length.</param>
/// <param name="Step">The one step of the line that it belongs to; null where all share it.</param>
public sealed record KeptPart(
    string Line, ResourceId Resource, Period Period, string State, string Shape, string? Outage, decimal Units,
    decimal? Hours, string Arithmetic, string? Step, FocusRow? Row)
{
    /// <summary>Whether it is a part of the charge with this id.</summary>
    public bool IsOf(string chargeId) => Step is null
        ? chargeId == Line || chargeId.StartsWith($"{Line}:", StringComparison.Ordinal)
        : chargeId == $"{Line}:{Step}";
}
