using System.Collections.Immutable;

namespace Exchange.Invoicing.Kept;

/// <summary>
/// How far a close had read everything that decides money: what came later is looked at by the next close, and a
/// closed month to which nothing came is not worked out again.
/// </summary>
/// <param name="Block">The last block of readings before the month was rated.</param>
/// <param name="Bill">The last bill of another cloud.</param>
/// <param name="Directory">How many events of the directory of projects.</param>
/// <param name="Terms">A hash of programs and institutions that were given and not published.</param>
/// <param name="Funds">How many events each program had.</param>
/// <param name="Prepaid">How many events prepaid groups had.</param>
/// <param name="Prices">A hash of the sheets, outages and facts of each closed month, by month.</param>
/// <param name="Rest">Months of which somebody was left out: they are looked at until all of it is billed.</param>
public sealed record Seen(
    long Block, long Bill, int Directory, string Terms, ImmutableSortedDictionary<string, int> Funds, int Prepaid,
    ImmutableSortedDictionary<string, string> Prices, ImmutableArray<BillingMonth> Rest)
{
    /// <summary>How many people were told of who were billed elsewhere before; 0 of older closes.</summary>
    public int Opening { get; init; }

    /// <summary>By which rules of rating; 0 of closes before they were counted.</summary>
    public int Rules { get; init; }

    /// <summary>
    /// The rules of now. 1: a minimum charge is of the month, whatever sheets hold in it; each asked for it before.
    /// </summary>
    public const int RulesNow = 1;
}
