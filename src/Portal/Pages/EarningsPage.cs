using Exchange.Invoicing.Payouts;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /pi/statements — what the projects of a PI earned by subletting nodes, as each close settled it: looked at, accepted
/// or disputed like the statement of a landlord.
/// </summary>
internal static class EarningsPage
{
    public const string Path = "/pi/statements";

    /// <summary>As what projects that sublet were settled with by older versions.</summary>
    private const string Before = "landlord";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.SeeSpending).ExcludeFromDescription();
        app.MapGet($"{Path}/{{payee}}/{{month}}", One).RequireAuthorization(Permissions.SeeSpending)
            .ExcludeFromDescription();
        app.MapPost($"{Path}/{{payee}}/{{month}}", Answer).RequireAuthorization(Permissions.AnswerStatements)
            .ChecksForm().Makes().ExcludeFromDescription();
    }

    public static string Href(PayeeName payee, BillingMonth month) =>
        $"{Path}/{Uri.EscapeDataString(payee.Kind == Before ? $"{payee}" : payee.Name)}/{month}";

    private static async Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct) =>
        await StatementsPage.All(http, exchange, await Payees(http, exchange, ct), ct);

    private static async Task<IResult> One(
        HttpContext http, Composition exchange, string payee, BillingMonth month, CancellationToken ct) =>
        await Named(http, exchange, payee, ct) is { } mine
            ? await StatementsPage.Draw(http, exchange, mine, month, Form.Empty, ct) : new NotThere();

    private static async Task<IResult> Answer(
        HttpContext http, Composition exchange, string payee, BillingMonth month, CancellationToken ct) =>
        Viewer.Needed(http).Pi is not null && await Named(http, exchange, payee, ct) is { } mine
            ? await StatementsPage.Answer(http, exchange, mine, month, ct) : new NotThere();

    /// <summary>The payee of an address, where it is the reader's.</summary>
    private static async Task<PayeeName?> Named(
        HttpContext http, Composition exchange, string payee, CancellationToken ct) =>
        (await Payees(http, exchange, ct)).Where(one => (one.Kind == Before ? $"{one}" : one.Name) == payee)
            .Select(one => (PayeeName?)one).FirstOrDefault();

    /// <summary>
    /// The reader's projects that sublet something, or did. Before they were paid as projects they were settled with as
    /// a landlord of their name: that is theirs where no landlord has it.
    /// </summary>
    private static async Task<IReadOnlyList<PayeeName>> Payees(
        HttpContext http, Composition exchange, CancellationToken ct)
    {
        var books = await exchange.Prices.Get(ct);
        var leases = books.Agreements.Leases;
        var above = leases.Select(lease => lease.Parent).ToHashSet(StringComparer.Ordinal);
        var mine = await AuctionsFor.Owned(exchange, Viewer.Needed(http), ct);
        var sellers = books.List().Select(sheet => sheet.Sheet.Landlord)
            .Concat(exchange.Landlords.All.Select(one => one.Id)).ToHashSet();
        return
        [
            .. leases.Where(lease => above.Contains(lease.Id)).SelectMany(lease => lease.Holders)
                .Select(holder => holder.Project).Distinct().Where(mine)
                .OrderBy(one => one.Value, StringComparer.Ordinal)
                .SelectMany(project => sellers.Contains(new(project.Value))
                    ? [PayeeName.Of(project)]
                    : new[] { PayeeName.Of(project), new(Before, project.Value) }),
        ];
    }
}
