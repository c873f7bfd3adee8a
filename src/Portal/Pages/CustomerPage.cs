using System.Collections.Immutable;
using Exchange.Invoicing;
using Exchange.Invoicing.Accounts;
using Exchange.Journal;
using Exchange.Portal.Api;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /finance/customers/ACCOUNT — the statement of one account, what is open on it, and what finance does with it: record
/// a payment, apply, keep or refund credit.
/// </summary>
public sealed partial class CustomerPage
{
    private const int MaxOffered = 24;

    /// <summary>The statement of an account, what is open on it, and its credit.</summary>
    public sealed record Account(AccountName Name, AccountStatement Statement, Money Owed, Money Unapplied)
    {
        public required Money Credit { get; init; }

        public required bool KeepsCredit { get; init; }

        /// <summary>Whether the reader may record payments.</summary>
        public required bool MayPay { get; init; }

        /// <summary>What a payment may be for, the oldest first.</summary>
        public required IReadOnlyList<OpenInvoice> Payable { get; init; }

        public required IListing Open { get; init; }

        public required IListing Lines { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        const string One = $"{CustomersPage.Path}/{{account}}";
        app.MapGet(One, Get).RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();
        app.MapGet($"{One}/statement.pdf", Pdf).RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();
        app.MapGet($"{One}/statement.csv", Csv).RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();
        app.MapPost($"{One}/payments", Pay).RequireAuthorization(Permissions.NotePayments).ChecksForm().Makes()
            .ExcludeFromDescription();
        app.MapPost($"{One}/credit", Credit).RequireAuthorization(Permissions.NotePayments).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, AccountName account, DateOnly? from, DateOnly? until,
        CancellationToken ct) => await ShownAccount.IsKnown(view, account, ct)
            ? await Draw(http, view, exchange, account, ((from, until), Form.Empty), ct)
            : new NotThere();

    private static async Task<IResult> Pdf(
        View view, IClock clock, AccountName account, DateOnly? from, DateOnly? until, CancellationToken ct) =>
        await ShownAccount.IsKnown(view, account, ct)
            ? StatementFiles.Pdf(await ShownAccount.Read(view, clock, account, (from, until), ct)) : new NotThere();

    private static async Task<IResult> Csv(
        View view, IClock clock, AccountName account, DateOnly? from, DateOnly? until, CancellationToken ct) =>
        await ShownAccount.IsKnown(view, account, ct)
            ? StatementFiles.Csv(await ShownAccount.Read(view, clock, account, (from, until), ct)) : new NotThere();

    private static async Task<IResult> Pay(
        HttpContext http, View view, Composition exchange, AccountName account, CancellationToken ct)
    {
        if (!await ShownAccount.IsKnown(view, account, ct))
        {
            return new NotThere();
        }

        var form = await Form.Read(http, ct);
        var reference = form.Line("reference", "The reference", 100);
        var amount = form.Amount("amount", "The amount");
        var date = FormDay.Optional(form, "date", "The value date");
        var invoices = form.All("pay").Select(number => new InvoiceToPay(
            number, form.Typed($"part-{number}").Trim().Length == 0
                ? null : form.Amount($"part-{number}", $"The amount for {number}"))).ToImmutableArray();
        return await Act(http, view, exchange, account, (form,
            () => new RecordPayment(exchange.Database, new(account, reference, amount!.Value, date, invoices)),
            refusal => refusal.Code is "invoice/payment-differs" or "payment/no-reference" ? "reference"
                : refusal.Code == "payment/value-date" ? "date" : "amount"), ct);
    }

    private static async Task<IResult> Credit(
        HttpContext http, View view, Composition exchange, AccountName account, CancellationToken ct)
    {
        if (!await ShownAccount.IsKnown(view, account, ct))
        {
            return new NotThere();
        }

        var form = await Form.Read(http, ct);
        switch (form.Typed("do"))
        {
            case "keep" or "use":
                var keep = form.Typed("do") == "keep";
                return await Act(http, view, exchange, account, (form,
                    () => new KeepCredit(exchange.Database, account, keep, Viewer.Needed(http).Actor), _ => "do"), ct);
            case "refund":
                var reference = form.Line("back_reference", "The reference", 100);
                var amount = form.Amount("back", "The refund");
                var date = FormDay.Optional(form, "back_date", "The value date");
                return await Act(http, view, exchange, account, (form,
                    () => new RefundCredit(exchange.Database, account, reference, amount!.Value, date), _ => "back"),
                    ct);
            default:
                return await Act(http, view, exchange, account, (form,
                    () => new ApplyCredit(exchange.Database, account, []), _ => "do"), ct);
        }
    }

    private static async Task<IResult> Act<TResult>(
        HttpContext http, View view, Composition exchange, AccountName account,
        (Form Form, Func<ICommand<TResult>> Command, Func<Refusal, string> Field) asked, CancellationToken ct)
    {
        var (form, command, field) = asked;
        if (form.IsRight)
        {
            if (await exchange.Commands.Try(command(), http, ct) is not { } refusal)
            {
                return Results.Redirect(CustomersPage.Href(account));
            }

            form.Wrong(field(refusal), refusal.Message);
        }

        return await Draw(http, view, exchange, account, ((null, null), form), ct);
    }

    private static async Task<IResult> Draw(
        HttpContext http, View view, Composition exchange, AccountName account,
        ((DateOnly?, DateOnly?) Days, Form Form) shown, CancellationToken ct)
    {
        var form = shown.Form;
        var statement = await ShownAccount.Read(view, exchange.Clock, account, shown.Days, ct);
        var open = await OpenInvoices.Run(await view.Connection(ct), account, ct);
        var (unapplied, keeps) = await Cash(view, exchange, account, ct);
        var owing = open.Where(one => one.Open > Money.Zero).ToList();
        var (invoices, lines) = (Open(open), Lines(statement));
        return invoices.Answer(http) ?? lines.Answer(http) ?? Page.Of<CustomerPage, Account>(
            http, $"Account of {statement.Account.Name}",
            new(statement.Account, statement, Money.Sum(owing.Select(one => one.Open)), unapplied)
            {
                Credit = unapplied - Money.Sum(open.Where(one => one.Open < Money.Zero).Select(one => one.Open)),
                KeepsCredit = keeps,
                MayPay = Permissions.Allows(Permissions.NotePayments, Viewer.Needed(http).Role),
                Payable = [.. owing.Take(MaxOffered)],
                Open = invoices,
                Lines = lines,
            }, form);
    }

    /// <summary>What pays no invoice yet and whether credit is kept, under every address of the person.</summary>
    private static async Task<(Money Unapplied, bool KeepsCredit)> Cash(
        View view, Composition exchange, AccountName account, CancellationToken ct)
    {
        var (unapplied, keeps) = (Money.Zero, false);
        foreach (var name in (await OneAccount.Of(await view.Connection(ct), account, ct)).Names)
        {
            var cash = await exchange.Journal.State(CashAccount.Fold, name, ct);
            (unapplied, keeps) = (unapplied + cash.Unapplied, keeps || cash.KeepsCredit);
        }

        return (unapplied, keeps);
    }

    private static Listing<OpenInvoice> Open(IReadOnlyList<OpenInvoice> open) => new(
        "open", "Open invoices and credit notes, the oldest first", open,
        [
            Column<OpenInvoice>.Link("Number", o => o.Number, HrefOf),
            Column<OpenInvoice>.Month("Month", o => o.Month),
            Column<OpenInvoice>.Day("Due", o => o.Due),
            Column<OpenInvoice>.Amount("Owed", o => o.Owed), Column<OpenInvoice>.Amount("Open", o => o.Open),
        ], "Nothing is open on this account.");

    private static string HrefOf(OpenInvoice invoice) => invoice.Number[..2] is "PI" or "CN"
        ? InvoiceRows.Href(invoice.Number) : PartiesPage.Href(invoice.Number);

    private static Listing<StatementLine> Lines(AccountStatement statement) => new(
        "statement", "Statement of account", statement.Lines,
        [
            Column<StatementLine>.Day("Day", l => l.Day),
            Column<StatementLine>.Words("Document", l => l.Document),
            Column<StatementLine>.Words("Description", l => l.What),
            Column<StatementLine>.Amount("Amount", l => l.Amount),
            Column<StatementLine>.Amount("Balance", l => l.Balance),
        ], "Nothing changed on this account in these days.");
}
