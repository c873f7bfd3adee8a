using System.Collections.Immutable;
using Exchange.Invoicing;
using Exchange.Portal.Web;

namespace Exchange.Portal.Pages;

/// <summary>What happened to an invoice to a party, and the forms for what finance may do with it.</summary>
internal static class PartyActs
{
    public static Html Of(HttpContext http, string href, PartyInvoice.Issued invoice, Form form,
        ETag edition)
    {
        var (number, owed) = (invoice.Content.Number, invoice.Content.Owed);
        return Html.Of($"""
            {Moved("Payments", invoice.Payments)}
            {Moved("Refunds", invoice.Refunds)}
            {Html.If(invoice.Credits.Count > 0, () => Table.Of("Credit notes", [.. invoice.Credits.Values], [
                Column<PartyEvent.Credited>.Link("Number", c => c.Number, c => $"{href}/credits/{c.Number}.pdf"),
                Column<PartyEvent.Credited>.Words("Reason", c => c.Reason),
                Column<PartyEvent.Credited>.Amount("Amount", c => c.Amount)], ""))}
            {Html.If(invoice.Open > Money.Zero, () => Html.Of($"""
            <h2>Note a payment</h2>
            {Form.Post(http, $"{href}/payments", Html.Of($"""
            {form.Input("reference", "Reference", "As the bank gives it; the same reference counts once.",
                longest: 100)}
            {form.Input("amount", "Amount", $"{Show.Of(invoice.Open)} is open.", longest: 30)}
            {edition.Hidden}<p><button class="main">Record payment</button></p>
            """))}
            """))}
            {Html.If(invoice.Paid > Money.Zero, () => Html.Of($"""
            <h2>Note a refund</h2>
            {Form.Post(http, $"{href}/refunds", Html.Of($"""
            {form.Input("back_reference", "Reference of the refund", "As the bank gives it; the same one counts once.",
                longest: 100)}
            {form.Input("back", "Refund amount", $"{Show.Of(invoice.Paid)} was paid and kept.", longest: 30)}
            {edition.Hidden}<p><button>Record refund</button></p>
            """))}
            """))}
            {Html.If(owed > invoice.Credited, () => Html.Of($"""
            <h2>Issue credit note</h2>
            {Form.Post(http, $"{href}/credits", Html.Of($"""
            {form.Input("credit", "Credit", $"What the exchange bears, {Show.Of(owed - invoice.Credited)} at most.",
                longest: 30)}
            {form.Input("reason", "Reason", "Stands on the credit note.", longest: 500)}
            {edition.Hidden}<p><button>Issue a credit note</button>
            <button name="do" value="write-off">Write off balance due</button></p>
            """))}
            """))}
            {Html.If(invoice.Paid.IsZero && invoice.Credits.Count == 0, () => Html.Of($"""
            <h2>Void invoice</h2>
            <p class="lead">What an institution took from its PIs, they owe again; a payer is billed again by the next
            close, or each of them at once under a new number.</p>
            {Form.Post(http, $"{href}/void", Html.Of($"""
            {form.Input("because", "Reason", "Stands on the document.", longest: 500)}
            {form.Input("confirm", "Confirm", $"Type {number}.", longest: 40)}
            {edition.Hidden}<p><button name="do" value="void">Void the invoice</button>
            <button name="do" value="reissue">Void and reissue</button></p>
            """))}
            """))}
            """);
    }

    /// <summary>Money that came or went back, by its reference; nothing where there is none.</summary>
    public static Html Moved(string title, ImmutableDictionary<string, Money> money) =>
        Html.If(money.Count > 0, () => Table.Of(title, money.OrderBy(p => p.Key, StringComparer.Ordinal).ToList(), [
            Column<KeyValuePair<string, Money>>.Words("Reference", p => p.Key),
            Column<KeyValuePair<string, Money>>.Amount("Amount", p => p.Value)], ""));
}
