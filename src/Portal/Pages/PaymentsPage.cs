using System.Globalization;
using Exchange.Invoicing;
using Exchange.Invoicing.Accounts;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /finance/payments — a bank's list is matched with open invoices, looked at, and recorded line by line.
/// </summary>
internal static class PaymentsPage
{
    public const string Path = "/finance/payments";
    private const string NameOfList = "the bank's list";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();
        app.MapPost(Path, Post).RequireAuthorization(Permissions.NotePayments).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    private static IResult Get(HttpContext http) => Upload(http, Form.Empty);

    private static async Task<IResult> Post(
        HttpContext http, View view, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var text = form.Typed("list");
        try
        {
            await exchange.Projections.CatchUp(ct);
            var matched = await MatchPayments.Run(
                await view.Connection(ct), BankFile.Parse(text, NameOfList), ct);
            if (form.Typed("do") != "record")
            {
                return Review(http, text, matched, form);
            }

            var recorded = await Record(http, exchange, matched, form, ct);
            return form.IsRight ? Done(http, recorded) : Review(http, text, matched, form);
        }
        catch (RefusedException e)
        {
            form.Wrong("list", e.Refusal.Message);
            return Upload(http, form);
        }
    }

    /// <summary>Records what is checked: as it was matched, or on the account that was typed beside it.</summary>
    private static async Task<IReadOnlyList<(PaymentToRecord Payment, PaymentRecorded Done)>> Record(
        HttpContext http, Composition exchange, IReadOnlyList<MatchedPayment> matched, Form form, CancellationToken ct)
    {
        var recorded = new List<(PaymentToRecord, PaymentRecorded)>();
        foreach (var (match, place) in matched.Select((match, i) => (match, Place(i)))
            .Where(of => form.All("take").Contains(of.Item2)))
        {
            var typed = form.Typed($"account-{place}").Trim();
            var payment = match.Payment;
            if (payment is null)
            {
                if (!AccountName.TryParse(typed, null, out var account))
                {
                    form.Wrong($"account-{place}", $"Give the account of payment {match.Movement.Reference}, like " +
                        "'ada@bu.edu' or 'institution:Harvard University', or leave its box unchecked.");
                    continue;
                }

                payment = new(account, match.Movement.Reference, match.Movement.Amount, match.Movement.Day, []);
            }

            try
            {
                recorded.Add((payment, await exchange.Commands.Execute(
                    new RecordPayment(exchange.Database, payment), Actors.Of(http), ct)));
            }
            catch (RefusedException e)
            {
                form.Wrong($"account-{place}", $"{match.Movement.Reference}: {e.Refusal.Message}");
            }
        }

        return recorded;
    }

    private static string Place(int i) => (i + 1).ToString(CultureInfo.InvariantCulture);

    private static IResult Upload(HttpContext http, Form form) => Layout.Page(http, "Import bank file", Html.Of($"""
        <p class="crumbs"><a href="{CustomersPage.Path}">Customer accounts</a></p>
        {form.Summary()}
        <p class="lead">CSV with the columns date, amount, reference and text, or camt.053 (XML). Nothing is recorded
        before you have looked at what was matched.</p>
        {Form.Post(http, Path, Html.Of($"""
        <div class="field"><label for="list">Bank file</label>
        <input id="list" name="list" type="file" accept=".csv,.xml,text/csv,text/xml,application/xml"></div>
        <p><button class="main" name="do" value="review">Review matches</button></p>
        """), holdsFiles: true)}
        """), form.Status);

    private static IResult Review(
        HttpContext http, string text, IReadOnlyList<MatchedPayment> matched, Form form) => Layout.Page(
            http, "Review matched payments", Html.Of($"""
            <p class="crumbs"><a href="{Path}">Import bank file</a></p>
            {form.Summary()}
            {Card.Row(
                Card.Of("Payments", Show.Of((long)matched.Count)),
                Card.Of("Matched", Show.Of((long)matched.Count(m => m.Payment is not null))),
                Card.Of("Amount", Show.Of(Money.Sum(matched.Select(m => m.Movement.Amount)))))}
            {Form.Post(http, Path, Html.Of($"""
            {Table.Of("Payments of the bank file", [.. matched.Select((m, i) => (Match: m, Place: Place(i)))],
            [
                new("Record", of => Box(of.Match, of.Place, form)),
                new("Day", of => Html.Of($"{AsOf.Text(of.Match.Movement.Day)}")),
                new("Amount", of => Html.Of($"{Show.Of(of.Match.Movement.Amount)}"), IsNumber: true),
                new("Reference", of => Html.Of($"{of.Match.Movement.Reference}")),
                new("Text", of => Html.Of($"{of.Match.Movement.Text}")),
                new("Account", of => Account(of.Match, of.Place, form)),
                new("Invoices", of => Html.Of($"""
                    {string.Join(", ", of.Match.Payment?.Invoices.Select(one => one.Number) ?? [])}
                    """)),
                new("Reason", of => Html.Of($"{of.Match.Why}")),
            ], "No money came in this file.")}
            {Form.Reviewed("list", "The bank file", text, 6)}
            {Html.If(matched.Count > 0, () => Html.Of($"""
            <p><button class="main" name="do" value="record">Record payments</button></p>
            """))}
            """))}
            """), form.Status);

    private static Html Box(MatchedPayment match, string place, Form form)
    {
        var isChecked = form.Typed("do") == "record"
            ? form.All("take").Contains(place) : match.Payment is not null;
        var (label, isSet) = ($"Record {match.Movement.Reference}", Html.Attribute("checked", isChecked));
        return Html.Of($"""
            <input type="checkbox" name="take" value="{place}" aria-label="{label}"{isSet}>
            """);
    }

    private static Html Account(MatchedPayment match, string place, Form form) => match.Payment is { } payment
        ? Html.Of($"""<a href="{CustomersPage.Href(payment.Account)}">{payment.Account}</a>""")
        : Html.Of($"""
            <input id="account-{place}" name="account-{place}" maxlength="300" value="{form.Typed($"account-{place}")}"
            aria-label="Account of {match.Movement.Reference}">
            """);

    private static IResult Done(
        HttpContext http, IReadOnlyList<(PaymentToRecord Payment, PaymentRecorded Done)> recorded) => Layout.Page(
            http, "Payments recorded", Html.Of($"""
            <p class="crumbs"><a href="{CustomersPage.Path}">Customer accounts</a>
            <a href="{Path}">Import bank file</a></p>
            {Table.Of("Payments recorded", recorded,
            [
                Column<(PaymentToRecord Payment, PaymentRecorded Done)>.Link(
                    "Account", of => of.Payment.Account.ToString(), of => CustomersPage.Href(of.Payment.Account)),
                Column<(PaymentToRecord Payment, PaymentRecorded Done)>.Words("Reference", of => of.Payment.Reference),
                Column<(PaymentToRecord Payment, PaymentRecorded Done)>.Amount("Amount", of => of.Payment.Amount),
                Column<(PaymentToRecord Payment, PaymentRecorded Done)>.Words("Pays", of => of.Done.IsNew
                    ? string.Join(", ", of.Done.Paid.Select(one => $"{one.Number} {one.Amount}"))
                    : "recorded before"),
                Column<(PaymentToRecord Payment, PaymentRecorded Done)>.Amount("Unapplied", of => of.Done.Unapplied),
            ], "Nothing was checked, so nothing was recorded.")}
            """));
}
