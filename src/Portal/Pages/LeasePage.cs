using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /leases/ID — one lease: its terms, what is sublet from it, what it came to by month, what was said, and what its
/// reader may say.
/// </summary>
public sealed partial class LeasePage
{
    /// <summary>A lease as its reader may see it, and what they may say of it.</summary>
    public sealed record Agreement(string Id, string State, string Because, string Asked, Terms Terms)
    {
        public required LeaseChart.Calendar? Calendar { get; init; }

        public required ITable Subleases { get; init; }

        public required bool MaySublet { get; init; }

        public required ITable Months { get; init; }

        public required ITable History { get; init; }

        /// <summary>Null where the reader has nothing to say of it.</summary>
        public required Side? May { get; init; }
    }

    /// <summary>Who holds which nodes of whom, and on what terms.</summary>
    public sealed record Terms(
        string Lessor, string Holder, IReadOnlyList<string> Nodes, string Landlord, string Cluster, Period Time)
    {
        public required string Price { get; init; }

        public required int NoticeDays { get; init; }
    }

    /// <summary>What a party of the lease may do, and the version that it was decided from.</summary>
    /// <param name="IsAgreed">Whether it is changed; a proposal is only answered.</param>
    public sealed record Side(string Edition, bool IsAgreed, IReadOnlyList<FormAct> Acts);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet($"{LeasesPage.Path}/{{id}}", Get).RequireAuthorization(Permissions.KeepLeases)
            .ExcludeFromDescription();
        app.MapPost($"{LeasesPage.Path}/{{id}}/answer", Answer).RequireAuthorization(Permissions.KeepLeases)
            .ChecksForm().Edits(
                http => $"lease {http.Request.RouteValues["id"]}",
                (http, exchange, ct) => LeasesFor.Edition(
                    exchange, Viewer.Needed(http), $"{http.Request.RouteValues["id"]}", ct))
            .ExcludeFromDescription();
    }

    public static string Href(string id) => $"{LeasesPage.Path}/{Uri.EscapeDataString(id)}";

    internal static string Price(LeaseRow lease) => lease.IsOwn ? "own use"
        : (lease.PerHour is { } rate ? Show.Rate(rate) : "list price") + string.Concat(
            lease.Repriced.Select(one => $", from {Show.Of(one.From)} {Show.Rate(one.PerHour)}"));

    /// <summary>What waits for an answer is not wrong yet.</summary>
    internal static string Tone(string state) => state switch
    {
        "agreed" or "over" => "good",
        "proposed" => "warn",
        _ => "bad",
    };

    private static Task<IResult> Get(HttpContext http, Composition exchange, string id, CancellationToken ct) =>
        Draw(http, exchange, id, Form.Empty, ct);

    private static async Task<IResult> Answer(
        HttpContext http, Composition exchange, string id, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var viewer = Viewer.Needed(http);
        if (form.IsRight && await LeasesFor.Find(exchange, viewer, id, ct) is { } found &&
            (found.IsLessor || found.IsLessee))
        {
            var word = Word(form);
            if (form.IsRight)
            {
                try
                {
                    await LeasesFor.Say(exchange, viewer, id, word, null, Actors.Of(http), ct);
                    return Results.Redirect(Href(id));
                }
                catch (RefusedException e)
                {
                    form.Wrong(e.Refusal.Code == "lease/no-reason" ? "because" : "at", e.Refusal.Message);
                }
            }
        }

        return await Draw(http, exchange, id, form, ct);
    }

    /// <summary>A form has one instant: until when to extend, and from when on for everything else.</summary>
    private static LeaseWord Word(Form form)
    {
        var act = form.Typed("do");
        var at = act is "accept" or "decline" ? null : LeaseForms.At(form, "at", "When");
        var project = act == "transfer" ? form.Value<ProjectId>("project", "The project") : null;
        var price = act == "reprice" ? LeaseForms.Price(form, form.Line("price", "The price")) : null;
        return new(act, at, at, project, form.Typed("because")) { PerHour = price };
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, string id, Form form, CancellationToken ct)
    {
        if (await LeasesFor.Find(exchange, Viewer.Needed(http), id, ct) is not { } found)
        {
            return new NotThere();
        }

        var lease = found.Lease;
        return Page.Of<LeasePage, Agreement>(http, $"Lease {id}", new(
            lease.Id, lease.State, lease.Because, lease.Asked,
            new(lease.Lessor, lease.Holder.Value, lease.Nodes, lease.Landlord.Value, lease.Cluster.Value,
                new(lease.From, lease.Until))
            {
                Price = Price(lease),
                NoticeDays = lease.NoticeDays,
            })
        {
            Calendar = LeaseChart.CalendarOf([lease, .. found.Subleases], exchange.Clock.GetCurrentInstant()),
            Subleases = Subleases(found),
            MaySublet = found.IsLessee && lease.State == "agreed" && !lease.IsOwn,
            Months = Months(found),
            History = History(found),
            May = (found.IsLessor || found.IsLessee) && lease.State is "agreed" or "proposed"
                ? new(lease.Version, lease.State == "agreed", [.. Acts(found)]) : null,
        }, form);
    }

    /// <summary>What is proposed is answered before anything else is; whoever lends may always reclaim.</summary>
    private static IEnumerable<FormAct> Acts(LeaseDetails found)
    {
        if (found.Lease.Asked.Length > 0)
        {
            FormAct[] answers = IsAsked(found)
                ? [new("accept", "Accept", IsMain: true), new("decline", "Decline")]
                : [new("decline", "Withdraw proposal")];
            foreach (var answer in answers)
            {
                yield return answer;
            }
        }
        else if (found.Lease.State == "agreed")
        {
            yield return new("extend", "Propose to extend");
            yield return new("end", "Propose to end");
            yield return new("transfer", "Propose to transfer");
            yield return new("reprice", "Propose another price");
        }

        if (found.Lease.State == "agreed" && found.IsLessor)
        {
            yield return new("reclaim", "Reclaim nodes");
        }
    }

    private static bool IsAsked(LeaseDetails found) =>
        (found.Lease.Asked.StartsWith("lessor", StringComparison.Ordinal) && found.IsLessor) ||
        (found.Lease.Asked.StartsWith("lessee", StringComparison.Ordinal) && found.IsLessee);

    private static TableOf<LeaseSaid> History(LeaseDetails found) => new("History", found.History,
    [
        Column<LeaseSaid>.Time("At", said => said.At),
        Column<LeaseSaid>.Words("Side", said => said.Side),
        Column<LeaseSaid>.Words("By", said => said.By),
        Column<LeaseSaid>.Words("What", said => said.What),
        Column<LeaseSaid>.Words("Reason", said => said.Why),
    ], "Nothing was said yet.");

    private static TableOf<LeaseRow> Subleases(LeaseDetails found) => new("Subleases", found.Subleases,
    [
        Column<LeaseRow>.Link("Lease", row => row.Id, row => Href(row.Id)),
        Column<LeaseRow>.Words("Sublet from", row => row.Parent),
        Column<LeaseRow>.Words("Lessor", row => row.Lessor),
        Column<LeaseRow>.Words("Holder", row => row.Holder.Value),
        Column<LeaseRow>.Words("Nodes", row => string.Join(", ", row.Nodes)),
        Column<LeaseRow>.Time("From", row => row.From),
        Column<LeaseRow>.Time("Until", row => row.Until),
        Column<LeaseRow>.Words("Per hour", Price),
        Column<LeaseRow>.State("Status", row => row.State, row => row.State is "agreed" or "over"),
    ], "Nothing that you may see is sublet from it.");

    /// <summary>Whoever holds it reads what is left of it; whoever lends it, what it earned.</summary>
    private static TableOf<LeaseMonth> Months(LeaseDetails found)
    {
        var isEarned = found.IsLessor && !found.IsLessee;
        var columns = new List<Column<LeaseMonth>>
        {
            Column<LeaseMonth>.Month("Month", row => row.Month),
            Column<LeaseMonth>.Number(
                "Quantity", row => row.Quantity is { } used ? Show.Usage(used) : "several units",
                row => row.Quantity?.Amount ?? 0),
            Column<LeaseMonth>.Amount(isEarned ? "Earned, gross" : "Charged, gross", row => row.Charged),
        };
        if (!isEarned)
        {
            columns.Add(Column<LeaseMonth>.Amount("Earned by subleases", row => row.Subleases));
            columns.Add(Column<LeaseMonth>.Amount("Net", row => row.Net));
        }

        Money[] totals =
        [
            Money.Sum(found.Months.Select(row => row.Charged)),
            Money.Sum(found.Months.Select(row => row.Subleases)), Money.Sum(found.Months.Select(row => row.Net)),
        ];
        return new(
            "What it came to, as months were last rated", found.Months, columns,
            "Nothing was charged for it yet: a month is rated once it has begun.")
        {
            Totals = Table.Foot("Total", 2, totals[..(columns.Count - 2)]),
        };
    }
}
