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
public sealed partial class PaymentsPage
{
    /// <summary>The form into which a bank's list goes.</summary>
    public sealed record Import;

    /// <summary>What was matched, before it is recorded.</summary>
    public sealed record Matches(string List, IReadOnlyList<MatchedLine> Lines)
    {
        public long Matched => Lines.LongCount(line => line.Match.Payment is not null);

        public Money Amount => Money.Sum(Lines.Select(line => line.Match.Movement.Amount));
    }

    /// <summary>A movement of the list beside what it pays.</summary>
    /// <param name="Account">What was typed where nothing fits.</param>
    public sealed record MatchedLine(string Place, MatchedPayment Match, bool IsTaken, string Account);

    /// <summary>What was recorded.</summary>
    public sealed record Recorded(ITable Payments);

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

    private static IResult Upload(HttpContext http, Form form) =>
        Page.Of<PaymentsPage, Import>(http, "Import bank file", new(), form);

    private static IResult Review(
        HttpContext http, string text, IReadOnlyList<MatchedPayment> matched, Form form) =>
        Page.Of<MatchedPayments, Matches>(
            http, "Review matched payments",
            new(text, [.. matched.Select((match, i) => Line(match, Place(i), form))]), form);

    private static MatchedLine Line(MatchedPayment match, string place, Form form) => new(
        place, match, form.Typed("do") == "record"
            ? form.All("take").Contains(place) : match.Payment is not null, form.Typed($"account-{place}"));

    private static IResult Done(
        HttpContext http, IReadOnlyList<(PaymentToRecord Payment, PaymentRecorded Done)> recorded) =>
        Page.Of<RecordedPayments, Recorded>(http, "Payments recorded", new(
            new TableOf<(PaymentToRecord Payment, PaymentRecorded Done)>("Payments recorded", recorded,
            [
                Column<(PaymentToRecord Payment, PaymentRecorded Done)>.Link(
                    "Account", of => of.Payment.Account.ToString(), of => CustomersPage.Href(of.Payment.Account)),
                Column<(PaymentToRecord Payment, PaymentRecorded Done)>.Words("Reference", of => of.Payment.Reference),
                Column<(PaymentToRecord Payment, PaymentRecorded Done)>.Amount("Amount", of => of.Payment.Amount),
                Column<(PaymentToRecord Payment, PaymentRecorded Done)>.Words("Pays", of => of.Done.IsNew
                    ? string.Join(", ", of.Done.Paid.Select(one => $"{one.Number} {one.Amount}"))
                    : "recorded before"),
                Column<(PaymentToRecord Payment, PaymentRecorded Done)>.Amount("Unapplied", of => of.Done.Unapplied),
            ], "Nothing was checked, so nothing was recorded.")));
}
