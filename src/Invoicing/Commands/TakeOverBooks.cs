using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>What was new of the books of another system.</summary>
public sealed record BooksTakenOver(int Receivables, int Series);

/// <summary>
/// 'exchange directory opening' — takes over what another system of bills left open, and its last numbers: what is owed
/// stands on its account, is paid, reminded of and written off like any other, and numbers go on after the last. All of
/// it, or nothing; what is known adds nothing.
/// </summary>
public sealed class TakeOverBooks(
    NpgsqlDataSource database, IReadOnlyList<OpenReceivable> receivables, IReadOnlyList<LastNumber> numbers, string by)
    : ICommand<BooksTakenOver>
{
    private readonly Dictionary<string, int> _last = new(StringComparer.Ordinal);

    public string Act => "take over books";
    public string Target => $"{receivables.Count} receivables, {numbers.Count} series";
    public string Permission => InvoicingPermissions.CorrectInvoices;

    public async Task<BooksTakenOver> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var series = 0;
        foreach (var one in numbers)
        {
            series += await Continue(work, one, ct) ? 1 : 0;
        }

        var months = Months.Fold.Of(await work.Read<MonthEvent>(Months.Fold.StreamOf(Months.Id), ct));
        var taken = 0;
        foreach (var same in receivables.GroupBy(one => one.Number, StringComparer.Ordinal))
        {
            var one = same.Count() == 1 ? same.Single() : throw Refused(
                "opening/number-taken", $"{same.Key} stands in the file twice.", same.Last().Where);
            if (months.Closed.Keys.FirstOrDefault() is var first && !months.Closed.IsEmpty && one.Month >= first)
            {
                throw Refused("opening/closed-month",
                    $"{one.Number} is of {one.Month}, and this exchange bills since {first}. What it billed stands " +
                    "here already; take over what is older.", one.Where);
            }

            taken += await Take(work, one, ct) ? 1 : 0;
        }

        await Know(work, months, now, ct);
        return new(taken, series);
    }

    /// <returns>False where the series goes on from there already.</returns>
    private async Task<bool> Continue(UnitOfWork work, LastNumber one, CancellationToken ct)
    {
        var stream = NumberSeries.Fold.StreamOf(one.Series);
        var known = NumberSeries.Fold.Of(await work.Read<NumberEvent>(stream, ct));
        _last[one.Series] = int.Max(known.Last, one.Last);
        if (known.From >= one.Last)
        {
            return false;
        }

        if (known.Last > known.From)
        {
            throw Refused("opening/series-used",
                $"{NumberSeries.Number(one.Series, known.Last)} was given here, so {one.Series} cannot go on after " +
                $"{one.Last}: numbers would be missing. Say so before the first close.", one.Where);
        }

        work.Append<NumberEvent>(stream, [new NumberEvent.Continued(one.Last)]);
        return true;
    }

    /// <returns>False where it was taken over before.</returns>
    private async Task<bool> Take(UnitOfWork work, OpenReceivable one, CancellationToken ct)
    {
        if (LastNumber.Of(one.Number) is var (series, place) && place > await LastOf(work, series, ct))
        {
            throw Refused("opening/number-ahead",
                $"{one.Number} is a number that this exchange would give itself. Say up to which {series} goes " +
                "first: a file with the columns series,last.", one.Where);
        }

        var at = one.Issued.AtMidnight().InUtc().ToInstant();
        var stream = one.Account.Kind == "pi"
            ? Invoice.Fold.StreamOf($"{one.Month}:{one.Account.Name}={one.Number}")
            : PartyInvoice.Fold.StreamOf(one.Number);
        var before = one.Account.Kind == "pi" ? await OfPi(work, stream, ct) : await OfParty(work, stream, ct);
        if (before is { } known)
        {
            return known == (one.Amount, one.Due) ? false : throw Refused("opening/differs",
                $"{one.Number} was taken over with {known.Amount}, due {known.Due:uuuu-MM-dd}, and now says " +
                "otherwise. Correct it by a credit note or a write-off.", one.Where);
        }

        if (await IsKnown(one.Number, ct))
        {
            throw Refused("opening/number-taken", $"There is an invoice {one.Number} already.", one.Where);
        }

        Append(work, one, stream, at);
        var ledger = $"ledger-opening:{one.Number}";
        _ = await work.Read<LedgerEvent>(ledger, ct);
        work.Append<LedgerEvent>(ledger,
        [
            Entry.Of(stream, $"{one.Number}: open when it was taken over",
                [new(one.Account.Receivable, one.Amount), new(Entry.Opening, -one.Amount)], at) with
            {
                Period = one.Month,
            },
        ]);
        return true;
    }

    private static void Append(UnitOfWork work, OpenReceivable one, string stream, Instant at)
    {
        if (one.Account.Kind == "pi")
        {
            work.Append<InvoiceEvent>(stream,
            [
                new InvoiceEvent.Drafted(one.Month, new PiId(one.Account.Name), null, [], at),
                new InvoiceEvent.Issued(one.Number, one.Amount, one.Amount, one.Due, at) { IsTakenOver = true },
            ]);
            return;
        }

        var kind = one.Account.Kind == "payer" ? PartyKind.Payer : PartyKind.Institution;
        work.Append<PartyEvent>(stream,
        [
            new PartyEvent.Issued(one.Number, one.Month, new(kind, one.Account.Name), [], one.Amount, one.Due, at)
            {
                IsTakenOver = true,
            },
        ]);
    }

    /// <summary>Whoever owes from before was billed before.</summary>
    private async Task Know(UnitOfWork work, Months months, Instant now, CancellationToken ct)
    {
        var stream = OpeningBalances.Fold.StreamOf(OpeningBalances.Id);
        var known = OpeningBalances.Fold.Of(await work.Read<OpeningEvent>(stream, ct)).Billed;
        var here = months.FirstBilled();
        work.Append<OpeningEvent>(stream, receivables.Where(one => one.Account.Kind == "pi")
            .GroupBy(one => new PiId(one.Account.Name))
            .Where(of => !known.ContainsKey(of.Key) && !here.ContainsKey(of.Key))
            .Select(of => new OpeningEvent.BilledBefore(of.Key, of.Min(one => one.Month), by, now)));
    }

    private static async Task<(Money Amount, LocalDate Due)?> OfPi(
        UnitOfWork work, string stream, CancellationToken ct) =>
        (await work.Read<InvoiceEvent>(stream, ct)).OfType<InvoiceEvent.Issued>().FirstOrDefault() is { } issued
            ? (issued.Owed, issued.Due)
            : null;

    private static async Task<(Money Amount, LocalDate Due)?> OfParty(
        UnitOfWork work, string stream, CancellationToken ct) =>
        (await work.Read<PartyEvent>(stream, ct)).OfType<PartyEvent.Issued>().FirstOrDefault() is { } issued
            ? issued.IsTakenOver ? (issued.Owed, issued.Due) : (issued.Owed, LocalDate.MinIsoValue)
            : null;

    private async Task<bool> IsKnown(string number, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return (await InvoiceList.Run(connection, new(Number: number, Limit: 1), ct)).Count > 0 ||
            await PartyList.Find(connection, number, ct) is not null;
    }

    private async Task<int> LastOf(UnitOfWork work, string series, CancellationToken ct)
    {
        if (!_last.TryGetValue(series, out var last))
        {
            _last[series] = last = (await work.State(NumberSeries.Fold, series, ct)).Last;
        }

        return last;
    }

    private static RefusedException Refused(string code, string message, string where) =>
        new(new(code, message, where));
}
