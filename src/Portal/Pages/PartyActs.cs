using System.Collections.Immutable;
using Exchange.Invoicing;
using Exchange.Portal.Web;

namespace Exchange.Portal.Pages;

/// <summary>What happened to an invoice to a party, and the forms for what finance may do with it.</summary>
public sealed partial class PartyActs
{
    internal static ITable[] Moved(string href, PartyInvoice.Issued invoice) =>
    [
        Moved("Payments", invoice.Payments), Moved("Refunds", invoice.Refunds),
        new TableOf<PartyEvent.Credited>("Credit notes", [.. invoice.Credits.Values],
        [
            Column<PartyEvent.Credited>.Link("Number", c => c.Number, c => $"{href}/credits/{c.Number}.pdf"),
            Column<PartyEvent.Credited>.Words("Reason", c => c.Reason),
            Column<PartyEvent.Credited>.Amount("Amount", c => c.Amount),
        ], ""),
    ];

    /// <summary>Money that came or went back, by its reference.</summary>
    internal static ITable Moved(string title, ImmutableDictionary<string, Money> money) =>
        new TableOf<KeyValuePair<string, Money>>(
            title, money.OrderBy(p => p.Key, StringComparer.Ordinal).ToList(),
            [
                Column<KeyValuePair<string, Money>>.Words("Reference", p => p.Key),
                Column<KeyValuePair<string, Money>>.Amount("Amount", p => p.Value),
            ], "");
}
