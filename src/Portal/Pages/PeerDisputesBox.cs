using Exchange.Market.Peers;
using Exchange.Portal.Commands;
using Exchange.Portal.Peers;
using Exchange.Portal.Web;

namespace Exchange.Portal.Pages;

/// <summary>On the page of a peer: lines that either exchange disputes, and a form to dispute one.</summary>
internal static class PeerDisputesBox
{
    private const int MaxChoices = 500;
    private const char Between = '|';

    public static Html Of(
        HttpContext http, Form form, Peer peer, BillingMonth? month, IReadOnlyList<PeerDifference> lines)
    {
        var (rows, name) = (PeersFor.Disputes(peer), peer.Terms!.Name);
        return Html.Of($"""
            {Html.If(rows.Count > 0, () => Table.Of("Disputed lines", rows, [
                Column<DisputeRow>.Words("By", row => row.IsOurs ? "this exchange" : name),
                Column<DisputeRow>.Month("Month", row => row.Month),
                Column<DisputeRow>.Words("Project", row => row.Project.Value),
                Column<DisputeRow>.Words("Line", row => row.What),
                Column<DisputeRow>.Amount("Statement", row => row.Asked),
                Column<DisputeRow>.Amount("Where it is disputed", row => row.Here),
                Column<DisputeRow>.Words("Reason", row => row.Reason),
                Column<DisputeRow>.Words("Answer", row => row.Answer),
                Column<DisputeRow>.State("Status", row => row.State, row => row.State is "answered" or "withdrawn"),
                new("Actions", row => Html.If(row.IsOurs && row.State is ("open" or "waiting"), () => Form.Post(
                    http, $"{PeersPage.Path}/{name}", Html.Of($"""
                    {Form.Hidden("month", $"{row.Month}")}{Form.Hidden("number", $"{row.Number}")}
                    {Form.Hidden("because", "withdrawn")}
                    <button name="do" value="withdraw" aria-label="Withdraw dispute {row.Number}">Withdraw</button>
                    """)))),
            ], ""))}
            {Answering(http, form, name, rows)}
            {Html.If(month is { } of && peer.ReceivedOf(of) is not null && lines.Count > 0, () => Html.Of($"""
            <h2>Dispute a line</h2>
            {Form.Post(http, $"{PeersPage.Path}/{name}", Html.Of($"""
            {Form.Hidden("month", $"{month}")}
            {form.Choice("line", "Line", lines.OrderBy(line => line.Asked == line.Here).Take(MaxChoices).Select(
                line => (
                    $"{line.Project}{Between}{line.What}", $"{line.Project} {line.What}: {Show.Of(line.Asked)}")), "")}
            {form.Input("because", "Reason", $"{name} reads it, signed, with the next statements.",
                longest: PeerDispute.MaxReason)}
            <p><button name="do" value="dispute">Dispute line</button></p>
            """))}
            """))}
            """);
    }

    /// <summary>A form by which a dispute of the other is over, and its month can be settled.</summary>
    private static Html Answering(HttpContext http, Form form, string name, IReadOnlyList<DisputeRow> rows)
    {
        var open = rows.Where(row => !row.IsOurs && row.State == "open").ToList();
        return Html.If(open.Count > 0, () => Html.Of($"""
            <h2>Answer a dispute</h2>
            {Form.Post(http, $"{PeersPage.Path}/{name}", Html.Of($"""
            {Form.Hidden("month", $"{open[0].Month}")}
            {form.Choice("number", "Dispute", open.Select(row => (
                $"{row.Number}", $"{row.Month} {row.Project} {row.What}: {row.Reason}")), "")}
            {form.Input("answer", "Answer", $"What came of it; {name} reads it, signed, with the next statements.",
                longest: PeerDispute.MaxReason)}
            <p><button name="do" value="answer">Answer dispute</button></p>
            """))}
            """));
    }

    /// <exception cref="RefusedException">There is no such line, or nothing to dispute or to withdraw.</exception>
    public static async Task Say(
        HttpContext http, Composition exchange, string peer, BillingMonth month, Form form, CancellationToken ct)
    {
        var actor = Actors.Of(http);
        if (form.Typed("do") == "dispute" && form.Typed("line").Split(Between, 2) is [var project, var what] &&
            Name.IsOne(project))
        {
            await PeersFor.Dispute(
                exchange, peer, new(month, new(project), what, form.Typed("because")), actor, ct);
            return;
        }

        _ = long.TryParse(form.Typed("number"), out var number);
        await (form.Typed("do") == "answer"
            ? PeersFor.Answer(exchange, peer, number, form.Typed("answer"), actor, ct)
            : PeersFor.Withdraw(exchange, peer, number, form.Typed("because"), actor, ct));
    }
}
