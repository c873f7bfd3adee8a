using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Exchange.Invoicing.Settlements;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Ledger;

/// <summary>One side of an entry: money on an account; debits are above zero, credits below.</summary>
public sealed record Posting(string Account, Money Amount);

/// <summary>Everything that can happen to the ledger. The quoted name is stored for ever.</summary>
[JsonDerivedType(typeof(Posted), "entry-posted/1")]
public abstract record LedgerEvent
{
    private LedgerEvent() { }

    /// <summary>Something was issued, adjusted, paid or taken back; its postings add up to nothing.</summary>
    /// <param name="Reference">What it belongs to: an invoice's stream, a settlement, a payment.</param>
    public sealed record Posted(
        string Reference, string What, ImmutableArray<Posting> Postings, Instant At) : LedgerEvent
    {
        /// <summary>
        /// The period that it belongs to; null for the month of the close that made it, or else the month of its day.
        /// </summary>
        public BillingMonth? Period { get; init; }

        /// <summary>The day under which it is posted, where that is not the day on which it was made.</summary>
        public LocalDate? On { get; init; }

        [JsonIgnore]
        public LocalDate PostingDate => On ?? At.InUtc().Date;
    }
}

/// <summary>What of a landlord's part is not the landlord's.</summary>
public readonly record struct SettledParts(
    Money Share, ImmutableArray<HardwareDue> Hardware, ImmutableArray<Transfer> Transfers);

/// <summary>The names of accounts, and the entries that the exchange makes.</summary>
public static class Entry
{
    public const string ExchangeRevenue = "revenue:exchange";
    public const string Cash = "cash";

    /// <summary>What the exchange bears itself by credit notes.</summary>
    public const string Credits = "credits:exchange";

    /// <summary>What another system had open when its books were taken over.</summary>
    public const string Opening = "opening:exchange";

    /// <summary>What was owed and is not expected any more.</summary>
    public const string WrittenOff = "written-off:exchange";

    public static string Receivable(PiId? pi) => pi is { } person ? $"receivable:pi:{person}" : "receivable:suspense";

    /// <summary>What a party owes; a payer owes it since its subsidy paid, whether it has an invoice or not.</summary>
    public static string Receivable(BillTo party) => party.Kind switch
    {
        PartyKind.Institution => $"receivable:institution:{party.Name}",
        PartyKind.Payer => Payer(party.Name),
        PartyKind.Group => throw new InvalidOperationException("A group paid before; it owes nothing."),
    };

    public static string Payer(string payer) => $"receivable:payer:{payer}";
    public static string Promotion(string payer) => $"promotion:{payer}";

    /// <summary>What is owed to a group of the money that it paid in.</summary>
    public static string Prepaid(string group) => $"prepaid:{group}";

    public static string Payable(LandlordId seller) =>
        Seller.IsProject(seller.Value) ? $"payable:{seller}" : $"payable:landlord:{seller}";

    public static string Hardware(string owner) => $"payable:hardware:{owner}";

    /// <summary>An entry from postings that may name an account often; each account stands in it once.</summary>
    /// <exception cref="InvalidOperationException">Debits and credits differ: our own code is wrong.</exception>
    public static LedgerEvent.Posted Of(string reference, string what, IEnumerable<Posting> postings, Instant at)
    {
        ImmutableArray<Posting> summed =
        [
            .. postings.GroupBy(p => p.Account, StringComparer.Ordinal)
                .Select(same => new Posting(same.Key, Money.Sum(same.Select(p => p.Amount))))
                .Where(p => !p.Amount.IsZero).OrderBy(p => p.Account, StringComparer.Ordinal),
        ];
        var sum = Money.Sum(summed.Select(p => p.Amount));
        return sum.IsZero
            ? new(reference, what, summed, at)
            : throw new InvalidOperationException($"The entry of {reference} is out of balance by {sum}.");
    }

    private static string AccountOf(FundShare fund) =>
        fund.Group is { } group ? Prepaid(group) : fund.IsSubsidy ? Payer(fund.Payer) : Promotion(fund.Payer);

    /// <summary>
    /// What of a landlord's part goes to the exchange, to owners of hardware and to sellers behind it; what comes from
    /// sellers before it stands in their entries.
    /// </summary>
    public static LedgerEvent.Posted OfSettlement(
        LandlordId landlord, BillingMonth month, string what, SettledParts parts, Instant at)
    {
        var (share, hardware, transfers) = parts;
        List<Posting> others =
        [
            new(ExchangeRevenue, -share), .. hardware.Select(due => new Posting(Hardware(due.Owner), -due.Amount)),
            .. transfers.Where(one => one.Pays).Select(one => new Posting(Payable(one.With), one.Amount)),
        ];
        return Of(
            Settle.StreamOf(landlord, month), hardware.IsEmpty ? what : $"{what}, and owners of hardware",
            others.Append(new(Payable(landlord), -Money.Sum(others.Select(posting => posting.Amount)))), at);
    }

    /// <summary>What follows from the lines of one account: who owes what, and to whom it is passed on.</summary>
    public static LedgerEvent.Posted OfInvoice(string reference, InvoiceEvent.Drafted draft, Instant at) =>
        Of(reference, $"Usage billed with {draft.Month}", draft.Lines.SelectMany(line => line.Funds
            .Select(fund => new Posting(AccountOf(fund), fund.Amount))
            .Append(new(Receivable(draft.Pi), line.PiBalance))
            .Append(new(Payable(line.Landlord), -line.Amount))), at);
}
