using Exchange.Invoicing.Accounts;
using Exchange.Portal.Web;

namespace Exchange.Portal.Pages;

/// <summary>The forms of a customer account: a payment over several invoices, and what becomes of credit.</summary>
internal static class CustomerForms
{
    private const int Offered = 24;

    public static Html Payment(
        HttpContext http, string href, IReadOnlyList<OpenInvoice> open, Form form) => Html.Of($"""
        <h2>Record payment</h2>
        <p class="lead">It pays the invoices that are checked, in this order, otherwise the oldest first. What is more
        than that is kept on the account and pays the next invoice.</p>
        {Form.Post(http, $"{href}/payments", Html.Of($"""
        {form.Input("reference", "Reference", "As the bank gives it; the same reference counts once.", longest: 100)}
        {form.Input("amount", "Amount", "What came, in US dollars.", longest: 30)}
        {form.Input("date", "Value date", "The day on which the bank counted it; today when left empty.", "date")}
        {Html.Join(open.Where(one => one.Open > Money.Zero).Take(Offered), one => Html.Of($"""
        {form.Box("pay", one.Number, $"{one.Number}, due {AsOf.Text(one.Due)}, {Show.Of(one.Open)} open")}
        {form.Input($"part-{one.Number}", $"Amount for {one.Number}", "All that is open when left empty.", longest: 30)}
        """))}
        <p><button class="main">Record payment</button></p>
        """))}
        """);

    public static Html Credit(HttpContext http, string href, Money credit, bool keeps, Form form) => Html.Of($"""
        <h2>Credit</h2>
        <p class="lead">{(keeps
            ? "Credit of this account is kept until it is applied or refunded."
            : "A close uses credit of this account for the invoices that it issues.")}</p>
        {Form.Post(http, $"{href}/credit", Html.Of($"""
        <p id="do">{Html.If(credit > Money.Zero, () => Html.Of($"""
        <button name="do" value="apply">Apply credit</button>
        """))} {(keeps
            ? Html.Of($"""<button name="do" value="use">Use credit automatically</button>""")
            : Html.Of($"""<button name="do" value="keep">Keep credit</button>"""))}</p>
        """))}
        {Html.If(credit > Money.Zero, () => Html.Of($"""
        <h2>Record refund</h2>
        {Form.Post(http, $"{href}/credit", Html.Of($"""
        {form.Input("back_reference", "Reference of the refund", "As the bank gives it; the same one counts once.",
            longest: 100)}
        {form.Input("back", "Amount", $"What went back, {Show.Of(credit)} at most.", longest: 30)}
        {form.Input("back_date", "Value date", "Today when left empty.", "date")}
        <p><button name="do" value="refund">Record refund</button></p>
        """))}
        """))}
        """);
}
