using Exchange.Invoicing.Kept;
using Exchange.Rating;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// Puts together what is kept of each line of a close: charge, owner, funds and causes. One line is made when it is
/// asked for, so that a close does not hold all of them.
/// </summary>
internal sealed class LinesToKeep
{
    private readonly ClosePlan _plan;
    private readonly CloseInputs _inputs;
    private readonly Func<string, PublishedSheet?> _sheet;
    private readonly Func<string, int, IReadOnlyList<Cause>> _causes;

    /// <summary>Where a line of the plan is, by what lines are sorted, and what is left of its charge.</summary>
    public readonly record struct Place(
        BillingMonth Month, string Charge, Account Account, int Draft, int Line, OwnedCharge? Owned);

    public LinesToKeep(
        ClosePlan plan, CloseInputs inputs, Func<string, PublishedSheet?> sheet,
        Func<string, int, IReadOnlyList<Cause>> causes)
    {
        (_plan, _inputs, _sheet, _causes) = (plan, inputs, sheet, causes);
        Places =
        [
            .. Unsorted().OrderBy(place => place.Month).ThenBy(place => place.Charge, StringComparer.Ordinal)
                .ThenBy(place => place.Account.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>All lines, by the month of their usage, then by charge and account.</summary>
    public Place[] Places { get; }

    public InvoiceLine LineAt(Place place) => _plan.Drafts[place.Draft].Lines[place.Line];

    /// <summary>The line under which parts of a line's charge are found; null where nothing is left.</summary>
    public static string? PartsOf(Place place) => place.Owned is not { } owned ? null
        : owned.Charge.Step is null && owned.Billed is null ? place.Charge
        : owned.Charge.LineId;

    public KeptLine At(Place place)
    {
        var (draft, line) = (_plan.Drafts[place.Draft], LineAt(place));
        return new(ClosePlan.IdOf(draft), place.Line + 1, place.Account, line)
        {
            Charge = place.Owned is { } owned ? Kept(owned, _sheet(owned.Charge.Sheet)) : null,
            Funds = [.. _plan.Notes.About(place.Month, place.Account, line.ChargeId)],
            Before = line.Adjusts is null ? null : Money.Sum(_inputs.Billed(place.Month)[place.Account]
                .Where(billed => billed.ChargeId == line.ChargeId).Select(billed => billed.Amount)),
            Causes = line.Adjusts is null ? [] : [.. _causes(ClosePlan.IdOf(draft), place.Line + 1)],
        };
    }

    /// <summary>The lines with their charges; ids of charges are made one by one, none is held.</summary>
    private Place[] Unsorted()
    {
        Place[] places =
        [
            .. _plan.Drafts.SelectMany((draft, d) => draft.Lines.Select((line, i) => new Place(
                line.ServiceMonth(draft.Month), line.ChargeId, new Account(draft.Pi), d, i, null))),
        ];
        var found = new Dictionary<(BillingMonth, Account, string), List<int>>(places.Length);
        for (var i = 0; i < places.Length; i++)
        {
            var key = (places[i].Month, places[i].Account, places[i].Charge);
            if (!found.TryGetValue(key, out var same))
            {
                found[key] = same = new(1);
            }

            same.Add(i);
        }

        foreach (var (month, owned) in _inputs.Rated.SelectMany(
            rated => rated.Charges.Select(owned => (rated.Month, owned))))
        {
            foreach (var i in found.GetValueOrDefault((month, owned.Account, owned.ChargeId)) ?? [])
            {
                places[i] = places[i] with { Owned = owned };
            }
        }

        return places;
    }

    private static KeptCharge Kept(OwnedCharge owned, PublishedSheet? sheet) => new(
        owned.Charge.LineId, owned.Charge.Quantity, owned.Charge.Amount, owned.Charge.Policies, sheet?.Sha256 ?? "",
        owned.Owner.Pi, owned.Owner.Institution, owned.Owner.Code);
}
