using Exchange.Market.Peers;
using Exchange.Portal.Commands;
using Exchange.Portal.Peers;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Components;

namespace Exchange.Portal.Pages;

/// <summary>On the page of a peer: lines that either exchange disputes, and a form to dispute one.</summary>
public sealed partial class PeerDisputesBox
{
    private const int MaxChoices = 500;
    private const char Between = '|';

    /// <summary>What is disputed between two exchanges.</summary>
    /// <param name="Month">The month that is looked at; empty where there is none.</param>
    public sealed record Disputes(string Peer, string Month, ITable? All)
    {
        /// <summary>Those of the other exchange that wait for an answer, and the month of the first.</summary>
        public required IReadOnlyList<(string Value, string Text)> Open { get; init; }

        public required string OpenMonth { get; init; }

        /// <summary>Lines of the month that can be disputed.</summary>
        public required IReadOnlyList<(string Value, string Text)> Lines { get; init; }
    }

    internal static Disputes DisputesOf(Peer peer, BillingMonth? month, IReadOnlyList<PeerDifference> lines)
    {
        var (rows, name) = (PeersFor.Disputes(peer), peer.Terms!.Name);
        var open = rows.Where(row => !row.IsOurs && row.State == "open").ToList();
        return new(name, $"{month}", rows.Count == 0 ? null : All(name, rows))
        {
            Open = [.. open.Select(row => (
                $"{row.Number}", $"{row.Month} {row.Project} {row.What}: {row.Reason}"))],
            OpenMonth = open.Count == 0 ? "" : $"{open[0].Month}",
            Lines = month is { } of && peer.ReceivedOf(of) is not null
                ? [.. lines.OrderBy(line => line.Asked == line.Here).Take(MaxChoices).Select(line => (
                    $"{line.Project}{Between}{line.What}", $"{line.Project} {line.What}: {Show.Of(line.Asked)}"))]
                : [],
        };
    }

    private static TableOf<DisputeRow> All(string name, IReadOnlyList<DisputeRow> rows) => new(
        "Disputed lines", rows,
        [
            Column<DisputeRow>.Words("By", row => row.IsOurs ? "this exchange" : name),
            Column<DisputeRow>.Month("Month", row => row.Month),
            Column<DisputeRow>.Words("Project", row => row.Project.Value),
            Column<DisputeRow>.Words("Line", row => row.What),
            Column<DisputeRow>.Amount("Statement", row => row.Asked),
            Column<DisputeRow>.Amount("Where it is disputed", row => row.Here),
            Column<DisputeRow>.Words("Reason", row => row.Reason),
            Column<DisputeRow>.Words("Answer", row => row.Answer),
            Column<DisputeRow>.State("Status", row => row.State, row => row.State is "answered" or "withdrawn"),
            new("Actions", row => Cell.If(
                row.IsOurs && row.State is ("open" or "waiting"), () => Cell.Of<WithdrawDispute>(
                    nameof(WithdrawDispute.Of),
                    new WithdrawDispute.Dispute(name, $"{row.Month}", $"{row.Number}")))),
        ], "");

    /// <exception cref="RefusedException">There is no such line, or nothing to dispute or to withdraw.</exception>
    internal static async Task Say(
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
