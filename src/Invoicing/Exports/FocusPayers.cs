using Exchange.Invoicing.Published;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Exports;

/// <summary>
/// What invoices to institutions, payers and groups ask for, as rows of FOCUS 1.3 beside those of usage, so that all
/// costs of every invoice are in the data: each adds up to what it asks for. What an institution takes is not billed to
/// its PI; where its invoice is taken back, the PI owes again, and both stand in the month in which that happened.
/// </summary>
internal sealed class FocusPayers(Sources sources, Wanted wanted, string issuer)
{
    private readonly UnitOfWork _work = new(sources.Journal);

    public async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> Rows(CancellationToken ct)
    {
        var rows = new List<IReadOnlyDictionary<string, string>>();
        foreach (var number in await PartyList.ToldIn(sources.Database, wanted.Month, ct))
        {
            var history = await _work.Read<PartyEvent>(PartyInvoice.Fold.StreamOf(number), ct);
            var issued = history.OfType<PartyEvent.Issued>().Single();
            if (issued.IsTakenOver)
            {
                continue; // Its costs are in another system's data.
            }

            if (issued.Month == wanted.Month && IsKnown(issued.At))
            {
                rows.AddRange(issued.Lines.Select(line => Row(number, issued.Party, line, line.Amount)));
                rows.AddRange(issued.Replaces is null ? [] : await OfPis(issued, -1, ct));
            }

            if (history.OfType<PartyEvent.Voided>().SingleOrDefault() is { } gone && IsKnown(gone.At) &&
                BillingMonth.Of(gone.At) == wanted.Month)
            {
                rows.AddRange(issued.Lines.Select(line => Row(number, issued.Party, line, -line.Amount)));
                rows.AddRange(await OfPis(issued, 1, ct));
            }
        }

        if (wanted.AsOf is null && !await MonthLines.IsClosed(sources, wanted.Month, ct))
        {
            rows.AddRange((await MonthLines.Draft(sources, wanted, ct)).Parties.SelectMany(
                draft => draft.Lines.Select(line => Row(null, draft.Party, line, line.Amount))));
        }

        return rows;
    }

    /// <summary>
    /// What PIs owe no more, or owe again, of what an institution took: not of invoices that were issued with its own,
    /// for those never asked their PI for anything.
    /// </summary>
    private async Task<IEnumerable<IReadOnlyDictionary<string, string>>> OfPis(
        PartyEvent.Issued taking, int sign, CancellationToken ct)
    {
        var rows = new List<IReadOnlyDictionary<string, string>>();
        foreach (var history in await TakenInvoices.Known(_work, sources.Database, taking, ct))
        {
            var issued = history.OfType<InvoiceEvent.Issued>().Single();
            var isWith = history.SkipWhile(one => one is not InvoiceEvent.Issued).Skip(1).FirstOrDefault()
                is InvoiceEvent.BilledToInstitution taken && taken.Number == taking.Number;
            if (!issued.Owed.IsZero && (sign > 0 || !isWith))
            {
                rows.Add(OfPi(history.OfType<InvoiceEvent.Drafted>().Last(), issued, taking.Number, sign));
            }
        }

        return rows;
    }

    private Dictionary<string, string> OfPi(
        InvoiceEvent.Drafted draft, InvoiceEvent.Issued issued, string taking, int sign)
    {
        var pi = draft.Pi!.Value.Value;
        var row = FocusCredits.Own(wanted.Month, new Money(sign * issued.Owed.Cents), issuer, issued.Number);
        Mark(row, pi, "PI", draft.Month);
        row["InvoiceId"] = issued.Number;
        row["ChargeDescription"] = sign < 0
            ? $"{issued.Number}: taken by {draft.Institution} with {taking}"
            : $"{issued.Number}: owed again, for {taking} is void";
        row["x_Amount"] = "0";
        row["x_PaidFor"] = pi;
        return row;
    }

    private Dictionary<string, string> Row(string? number, BillTo party, PartyLine line, Money amount)
    {
        var owed = party.Kind == PartyKind.Group ? Money.Zero : amount;
        var row = FocusCredits.Own(wanted.Month, owed, issuer, number ?? party.ToString());
        Mark(row, party.Name, party.Kind.ToString(), line.Month);
        row["InvoiceId"] = number ?? FocusColumns.Null;
        row["ChargeDescription"] = party.Kind switch
        {
            PartyKind.Institution => $"{line.What} of {line.Pi}, taken by {party.Name}",
            PartyKind.Payer => $"{line.What} for {line.Pi}, paid by {party.Name}",
            PartyKind.Group => $"Prepaid money of {party.Name} for {line.Pi}",
        };
        row["x_Amount"] = Text.Of(amount.Amount);
        row["x_PaidFor"] = line.Pi.Value;
        row["x_CustomerCode"] = line.Code ?? FocusColumns.Null;
        if (party.Kind == PartyKind.Institution)
        {
            row["x_Institution"] = party.Name;
        }

        return row;
    }

    /// <summary>
    /// Whom it is billed to, and of which month; usage and its cost are told by the rows of usage, so that nothing but
    /// the billed cost stands here.
    /// </summary>
    private void Mark(Dictionary<string, string> row, string account, string kind, BillingMonth used)
    {
        row["BillingAccountId"] = account;
        row["BillingAccountName"] = account;
        row["BillingAccountType"] = kind;
        row["ChargeCategory"] = "Adjustment";
        row["ContractedCost"] = row["EffectiveCost"] = row["ListCost"] = row["PricingCurrencyEffectiveCost"] = "0";
        row["ServiceName"] = $"{issuer}: payers";
        if (used != wanted.Month)
        {
            row["ChargeClass"] = "Correction";
            (row["ChargePeriodStart"], row["ChargePeriodEnd"]) = FocusCredits.PeriodOf(used);
            row["x_CorrectedMonth"] = used.ToString();
        }
    }

    private bool IsKnown(Instant at) => wanted.AsOf is not { } before || at < before;
}
