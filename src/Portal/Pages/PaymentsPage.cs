using System.Globalization;
using System.Security.Cryptography;
using System.Text;
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
    /// <param name="Seen">What tells this list, matched like this, from any other.</param>
    public sealed record Matches(string List, IReadOnlyList<MatchedLine> Lines, string Seen)
    {
        public long Matched => Lines.LongCount(line => line.Match.Payment is not null);

        public Money Amount => Money.Sum(Lines.Select(line => line.Match.Movement.Amount));
    }

    /// <summary>A movement of the list beside what it pays.</summary>
    /// <param name="Account">What was typed where nothing fits.</param>
    public sealed record MatchedLine(string Place, MatchedPayment Match, bool IsTaken, string Account);

    /// <summary>What was recorded.</summary>
    /// <param name="Refused">Why payments were not, each with its reference.</param>
    public sealed record Recorded(ITable Payments, IReadOnlyList<string> Refused);

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
            var asked = form.Typed("do") == "record" ? Read(form, matched) : [];
            return form.Typed("do") == "record" && form.IsRight
                ? Done(http, await Record(http, exchange, asked, ct))
                : Review(http, text, matched, form);
        }
        catch (RefusedException e)
        {
            form.Wrong("list", e.Refusal.Message);
            return Upload(http, form);
        }
    }

    /// <summary>What is checked: as it was matched, or on the account that was typed beside it.</summary>
    private static List<PaymentToRecord> Read(Form form, IReadOnlyList<MatchedPayment> matched)
    {
        if (form.Typed("seen") != Seen(matched))
        {
            form.Wrong("list", "This list, matched with what is open now, was not looked at yet. Look at it below, " +
                "then record the payments.");
        }

        List<PaymentToRecord> asked = [];
        foreach (var (match, place) in matched.Select((match, i) => (match, Place(i)))
            .Where(of => form.All("take").Contains(of.Item2)))
        {
            if (match.Payment is { } payment)
            {
                asked.Add(payment);
            }
            else if (AccountName.TryParse(form.Typed($"account-{place}").Trim(), null, out var account))
            {
                asked.Add(new(account, match.Movement.Reference, match.Movement.Amount, match.Movement.Day, []));
            }
            else
            {
                form.Wrong($"account-{place}", $"Give the account of payment {match.Movement.Reference}, like " +
                    "'ada@bu.edu' or 'institution:Harvard University', or leave its box unchecked.");
            }
        }

        return asked;
    }

    /// <summary>Records one after the other; what is refused does not stop the others, and is said.</summary>
    private static async Task<IReadOnlyList<PaymentOfList>> Record(
        HttpContext http, Composition exchange, IReadOnlyList<PaymentToRecord> asked, CancellationToken ct)
    {
        var recorded = new List<PaymentOfList>();
        foreach (var payment in asked)
        {
            try
            {
                recorded.Add(new(payment, await exchange.Commands.Execute(
                    new RecordPayment(exchange.Database, payment), Actors.Of(http), ct), null));
            }
            catch (RefusedException e)
            {
                recorded.Add(new(payment, null, e.Refusal.Message));
            }
        }

        return recorded;
    }

    /// <summary>The matches as they were shown: what somebody else recorded meanwhile changes them.</summary>
    private static string Seen(IReadOnlyList<MatchedPayment> matched) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Join('\n', matched.Select(match => string.Join('\t',
        [
            AsOf.Text(match.Movement.Day), $"{match.Movement.Amount}", match.Movement.Reference, match.Movement.Text,
            match.Why, $"{match.Payment?.Account}",
            .. match.Payment?.Invoices.Select(one => $"{one.Number} {one.Amount}") ?? [],
        ]))))));

    private static string Place(int i) => (i + 1).ToString(CultureInfo.InvariantCulture);

    private static IResult Upload(HttpContext http, Form form) =>
        Page.Of<PaymentsPage, Import>(http, "Import bank file", new(), form);

    private static IResult Review(
        HttpContext http, string text, IReadOnlyList<MatchedPayment> matched, Form form) =>
        Page.Of<MatchedPayments, Matches>(
            http, "Review matched payments",
            new(text, [.. matched.Select((match, i) => Line(match, Place(i), form))], Seen(matched)), form);

    private static MatchedLine Line(MatchedPayment match, string place, Form form) => new(
        place, match, form.Typed("do") == "record"
            ? form.All("take").Contains(place) : match.Payment is not null, form.Typed($"account-{place}"));

    /// <summary>A payment of the list, and what became of it.</summary>
    private sealed record PaymentOfList(PaymentToRecord Payment, PaymentRecorded? Done, string? Refused)
    {
        public string Reference => Payment.Reference;
    }

    private static IResult Done(HttpContext http, IReadOnlyList<PaymentOfList> payments) =>
        Page.Of<RecordedPayments, Recorded>(http, "Payments recorded", new(
            new TableOf<PaymentOfList>("Payments recorded", [.. payments.Where(of => of.Done is not null)],
            [
                Column<PaymentOfList>.Link(
                    "Account", of => of.Payment.Account.ToString(), of => CustomersPage.Href(of.Payment.Account)),
                Column<PaymentOfList>.Words("Reference", of => of.Reference),
                Column<PaymentOfList>.Amount("Amount", of => of.Payment.Amount),
                Column<PaymentOfList>.Words("Pays", of => of.Done!.IsNew
                    ? string.Join(", ", of.Done.Paid.Select(one => $"{one.Number} {one.Amount}"))
                    : "recorded before"),
                Column<PaymentOfList>.Amount("Unapplied", of => of.Done!.Unapplied),
            ], payments.Count == 0 ? "Nothing was checked, so nothing was recorded." : "No payment was recorded."),
            [.. payments.Where(of => of.Refused is not null).Select(of => $"{of.Reference}: {of.Refused}")]));
}
