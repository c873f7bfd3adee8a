using Exchange.Invoicing;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Reading;
using Exchange.Journal;

namespace Exchange.Simulation.Tests;

/// <summary>
/// What finance does between two closes, drawn from a seed: payments in whole and in part, refunds, credit notes, and
/// invoices taken back, to PIs and to parties. Whatever is drawn, the books allow it or say why not.
/// </summary>
internal sealed class Acts(Random random)
{
    /// <summary>How often each act was done.</summary>
    public SortedDictionary<string, int> Done { get; } = new(StringComparer.Ordinal);

    /// <summary>The acts of one month, each to be done whole, in this order.</summary>
    public async Task<IReadOnlyList<Func<Exchanges, Task>>> Draw(Exchanges exchange, CancellationToken ct)
    {
        List<Func<Exchanges, Task>> acts = [];
        foreach (var row in await InvoiceList.Run(exchange.Living.Database, new(), ct))
        {
            if (row.Number is { } number && row.Status is "issued" or "paid" && random.Next(3) == 0)
            {
                acts.Add(OnInvoice(row, row.Number!, ct));
            }
        }

        await using var connection = await exchange.Living.Database.OpenConnectionAsync(ct);
        foreach (var party in await PartyList.Run(connection, null, ct))
        {
            if (party.Status == "issued" && party.Owed > Money.Zero && random.Next(3) == 0)
            {
                acts.Add(OnParty(party, ct));
            }
        }

        return acts;
    }

    private Func<Exchanges, Task> OnInvoice(InvoiceRow row, string number, CancellationToken ct)
    {
        var (act, part, reference) = (random.Next(4), random.Next(1, 101), $"{number}/{random.Next()}");
        var name = ((string[])["payment", "refund", "credit note", "void"])[act];
        return exchange => Try(name, async () =>
        {
            var sources = exchange.Living.Sources;
            var invoice = (Invoice.Issued)await State(sources, row.Id, ct);
            Task work = act switch
            {
                0 => sources.Journal.Execute(
                    new PayInvoice(sources.Database, number, reference, Part(invoice.Open, part)), exchange.Time, ct),
                1 => sources.Journal.Execute(
                    new RefundInvoice(sources.Database, number, reference, Part(invoice.Paid, part)),
                    exchange.Time, ct),
                2 => sources.Journal.Execute(
                    new CreditInvoice(
                        sources.Database, number, Part(invoice.Terms.Owed - invoice.Credited, part), "agreed"),
                    exchange.Time, ct),
                _ => Void(exchange, number, part, ct),
            };
            await work;
        });
    }

    private Func<Exchanges, Task> OnParty(PartyRow party, CancellationToken ct)
    {
        var (isVoid, part, reference) = (random.Next(4) == 0, random.Next(1, 101), $"{party.Number}/{random.Next()}");
        return exchange => Try(isVoid ? "party void" : "party payment", async () =>
        {
            if (isVoid)
            {
                await Void(exchange, party.Number, part, ct);
                return;
            }

            await exchange.Living.Journal.Execute(
                new PayInvoice(
                    exchange.Living.Database, party.Number, reference, Part(party.Owed - party.Paid, part)),
                exchange.Time, ct);
        });
    }

    /// <summary>Half of what is taken back is issued again at once.</summary>
    private async Task Void(Exchanges exchange, string number, int part, CancellationToken ct)
    {
        var sources = TwoYears.SourcesOf(exchange);
        await sources.Journal.Execute(new VoidInvoice(sources, number, "wrong address"), exchange.Time, ct);
        if (part > 50)
        {
            await exchange.Living.Projections.CatchUp(ct);
            await sources.Journal.Execute(new ReissueInvoice(sources, number), exchange.Time, ct);
            Done["reissue"] = Done.GetValueOrDefault("reissue") + 1;
        }
    }

    /// <summary>A part of what is there; all of it for a hundred.</summary>
    private static Money Part(Money whole, int hundredths) => new(whole.Cents * hundredths / 100);

    private static async Task<Invoice> State(Sources sources, string id, CancellationToken ct) =>
        Invoice.Fold.Of(await sources.Journal.Read<InvoiceEvent>(Invoice.Fold.StreamOf(id), ct));

    private async Task Try(string name, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (RefusedException)
        {
            name = $"refused {name}";
        }

        Done[name] = Done.GetValueOrDefault(name) + 1;
    }
}
