using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;

namespace Exchange.Invoicing.Explaining;

/// <summary>
/// Adds up again everything that was ever issued, from the journal alone: each invoice, each entry, each month's
/// settlements, and that no number is missing.
/// </summary>
public sealed class VerifyBooks
{
    private readonly List<string> _wrong = [];
    private readonly Dictionary<BillingMonth, Money> _billed = [];
    private readonly Dictionary<BillingMonth, Money> _settled = [];
    private readonly Dictionary<BillingMonth, Money> _closed = [];
    private readonly Dictionary<string, Money> _voided = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Money> _reissued = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Money> _corrected = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Money Total, string? Number, string? Replaces)> _drafted = [];
    private readonly Dictionary<string, Money> _owed = [];
    private readonly Dictionary<string, SortedSet<int>> _numbers = [];
    private readonly Dictionary<string, int> _from = new(StringComparer.Ordinal);

    public int Invoices { get; private set; }

    /// <summary>The billing months as the journal has them.</summary>
    public Months Months { get; private set; } = Months.Fold.Initial;

    /// <summary>The lines of each invoice, by the name of its stream within its category, as their hash.</summary>
    public Dictionary<string, byte[]> LinesOf { get; } = new(StringComparer.Ordinal);

    public void Add(Recorded recorded)
    {
        switch (recorded.Category)
        {
            case "invoice":
                Add(recorded.Stream, recorded.Event.As<InvoiceEvent>(Upcasts.None));
                break;
            case "settlement" when recorded.Event.As<SettlementEvent>(Upcasts.None) is SettlementEvent.Drawn e:
                _settled[e.Month] = _settled.GetValueOrDefault(e.Month) + e.Gross;
                Expect(Money.Sum(e.Lines.Select(line => line.Amount)) == e.Gross,
                    $"{recorded.Stream}: its lines do not add up to {e.Gross}");
                break;
            case "settlement" when recorded.Event.As<SettlementEvent>(Upcasts.None) is SettlementEvent.Corrected e:
                _corrected[e.Number] = _corrected.GetValueOrDefault(e.Number) + e.Gross;
                break;
            case "ledger" when recorded.Event.As<LedgerEvent>(Upcasts.None) is LedgerEvent.Posted e:
                Expect(Money.Sum(e.Postings.Select(p => p.Amount)).IsZero,
                    $"{recorded.Stream}, version {recorded.Version}: debits and credits differ");
                break;
            case "party" when recorded.Event.As<PartyEvent>(Upcasts.None) is PartyEvent.Issued { IsTakenOver: false } e:
                Expect(e.Party.Kind == PartyKind.Group || Money.Sum(e.Lines.Select(line => line.Amount)) == e.Owed,
                    $"{e.Number}: its lines do not add up to {e.Owed}");
                Number(e.Number);
                break;
            case "party" when recorded.Event.As<PartyEvent>(Upcasts.None) is PartyEvent.Credited e:
                Number(e.Number);
                break;
            case "series" when recorded.Event.As<NumberEvent>(Upcasts.None) is NumberEvent.Continued e:
                _from[recorded.Stream["series-".Length..]] = e.Last;
                break;
            case "months":
                var happened = recorded.Event.As<MonthEvent>(Upcasts.None);
                Months = Months.Fold.Evolve(Months, happened);
                if (happened is MonthEvent.Closed closed)
                {
                    _closed[closed.Month] = closed.Total;
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Every place that is wrong; none when all is well.</summary>
    public IReadOnlyList<string> Finish()
    {
        foreach (var (month, total) in _closed.OrderBy(of => of.Key))
        {
            Expect(_billed.GetValueOrDefault(month) == total,
                $"{month}: its invoices come to {_billed.GetValueOrDefault(month)}, and it was closed with {total}");
            Expect(_settled.GetValueOrDefault(month) == total,
                $"{month}: its settlements come to {_settled.GetValueOrDefault(month)}, and it was closed with " +
                $"{total}");
        }

        foreach (var number in _voided.Keys.Union(_corrected.Keys).Union(_reissued.Keys).Order(StringComparer.Ordinal))
        {
            var expected = _reissued.GetValueOrDefault(number) - _voided.GetValueOrDefault(number);
            Expect(_corrected.GetValueOrDefault(number) == expected,
                $"{number}: settlements were corrected by {_corrected.GetValueOrDefault(number)}, and not by " +
                $"{expected}");
        }

        foreach (var (series, numbers) in _numbers.OrderBy(of => of.Key, StringComparer.Ordinal))
        {
            var given = numbers.Max - _from.GetValueOrDefault(series);
            Expect(given == numbers.Count, $"{series}: of {given} numbers, {numbers.Count} were used");
        }

        return _wrong;
    }

    private void Add(string stream, InvoiceEvent happened)
    {
        switch (happened)
        {
            case InvoiceEvent.Drafted { Lines.IsEmpty: true }: // What another system issued has no line here.
                break;
            case InvoiceEvent.Drafted e:
                var total = Money.Sum(e.Lines.Select(line => line.Amount));
                _drafted[stream] = (total, null, e.Replaces);
                LinesOf[stream[(stream.IndexOf('-', StringComparison.Ordinal) + 1)..]] = VerifyKept.Hash(e.Lines);
                _owed[stream] = Money.Sum(e.Lines.Select(line => line.PiBalance));
                if (e.Replaces is null)
                {
                    _billed[e.Month] = _billed.GetValueOrDefault(e.Month) + total;
                }

                foreach (var line in e.Lines.Where(line => line.Adjusts is null && !IsPriced(line)))
                {
                    Expect(false, $"{stream}: {line.ChargeId} is not {line.Quantity} at {line.Rate}");
                }

                break;
            case InvoiceEvent.Issued { IsTakenOver: false } e:
                Invoices++;
                Expect(_drafted.GetValueOrDefault(stream).Total == e.Total && _owed.GetValueOrDefault(stream) == e.Owed,
                    $"{e.Number} ({stream}): its lines do not add up to {e.Total}, of which {e.Owed} are owed");
                Number(e.Number);
                Numbered(stream, e.Number);
                break;
            case InvoiceEvent.Credited e:
                Number(e.Number);
                break;
            case InvoiceEvent.Voided:
                var (billed, number, _) = _drafted[stream];
                _voided[number!] = billed;
                break;
            default:
                break;
        }
    }

    private void Numbered(string stream, string number)
    {
        var draft = _drafted.GetValueOrDefault(stream);
        _drafted[stream] = draft with { Number = number };
        if (draft.Replaces is not null)
        {
            _reissued[number] = draft.Total;
        }
    }

    private static bool IsPriced(InvoiceLine line) => Money.Round(line.Rate.Of(line.Quantity)) == line.Amount;

    private void Number(string number)
    {
        var dash = number.LastIndexOf('-');
        var series = number[..dash];
        if (!_numbers.TryGetValue(series, out var used))
        {
            _numbers[series] = used = [];
        }

        Expect(used.Add(int.Parse(number.AsSpan(dash + 1), provider: null)), $"{number} was given twice");
    }

    private void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            _wrong.Add(otherwise);
        }
    }
}
