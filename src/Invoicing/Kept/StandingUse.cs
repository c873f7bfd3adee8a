using System.Collections.Immutable;

namespace Exchange.Invoicing.Kept;

/// <summary>Somebody's usage of a month.</summary>
public sealed record UseOf(PiId Pi, BillingMonth Month);

/// <summary>
/// Whose usage of which months stands billed since a close, and of whom nothing does any more: it was somebody else's,
/// or its invoice was taken back. Who is new is decided by it.
/// </summary>
public sealed record StandingUse(ImmutableArray<UseOf> Came, ImmutableArray<UseOf> Gone);
