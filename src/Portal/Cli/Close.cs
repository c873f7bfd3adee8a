using System.CommandLine;
using Exchange.Invoicing.Closing;
using Exchange.Portal.Commands;
using Exchange.Rating;

namespace Exchange.Portal.Cli;

/// <summary>exchange close — bills a month: says what would be issued, and issues it with --commit.</summary>
internal static class Close
{
    public static Command Command()
    {
        var month = Settings.Month();
        var commit = new Option<bool>("--commit")
        {
            Description = "Issue the invoices; without it, nothing is " +
            "written."
        };
        var policies = new Option<string>("--policies")
        {
            Description = "The rounding policies that the month is rated under, for good.",
            HelpName = "P",
            DefaultValueFactory = _ => Policies.Corrected,
        };
        policies.AcceptOnlyFromAmong(Policies.Corrected, Policies.NercCompatible);
        var accept = new Option<string[]>("--accept")
        {
            Description = "A check that stands in the way and that you take upon yourself, as close/unpriced.",
            HelpName = "CHECK",
        };
        var command = new Command("close", "Bills a month; a dry run unless " +
            "--commit.") { month, commit, policies, accept };
        return command.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var accepted = (verb.Get(accept) ?? []).ToHashSet(StringComparer.Ordinal);
            var request = new CloseAndWrite.Request(
                verb.Get(month), verb.Get(policies), accepted, Actors.Local(Verb.By));
            var summary = await verb.Terminal.Progress("Rating …", async step => verb.Get(commit)
                ? await CloseAndWrite.Run(exchange, request, step, ct)
                : CloseSummary.Of(await CloseAndWrite.Plan(exchange, request, ct)));
            return new(Document(summary, verb.Get(month), verb.Get(commit)),
                terminal => Tell(terminal, summary, verb.Get(month), verb.Get(commit)),
                summary.Checks.Any(check => check.Stops(accepted)) ? ExitCode.Refused : ExitCode.Done);
        });
    }

    private static object Document(CloseSummary summary, BillingMonth month, bool commit) =>
        summary.AlreadyClosed is not { } before
        ? new
        {
            month,
            committed = commit,
            closed = commit,
            policies = summary.Policies,
            total = summary.Total,
            invoices = summary.Invoices,
            settlements = summary.Settlements,
            checks = summary.Checks,
        }
        : new
        {
            month,
            committed = false,
            closed = true,
            closedAt = before.At,
            closedBy = before.By,
            total = before.Total,
            invoices = Array.Empty<object>(),
            settlements = Array.Empty<object>(),
            checks = Array.Empty<Check>(),
        };

    private static void Tell(Terminal terminal, CloseSummary summary, BillingMonth month, bool committed)
    {
        if (summary.AlreadyClosed is { } before)
        {
            terminal.Say($"{month} was closed at {Exchange.Text.Of(before.At)} by {before.By}. There is nothing to " +
                "do; what comes late is billed by the next close.");
            return;
        }

        terminal.Table(
            ["invoice", "account", "institution", "lines", "amount", "funds", "PI owes"],
            summary.Invoices.Select(row => (IReadOnlyList<string>)[
                row.Number ?? (row.Account == "suspense" ? "-" : "to issue"), row.Account, row.Institution ?? "",
                row.Lines.ToString(provider: null), row.Total.ToString(), row.Funds.ToString(), row.Owed.ToString()]));
        terminal.Say();
        terminal.Table(
            ["landlord", "gross", "share", "hardware", "payable"],
            summary.Settlements.Select(s => (IReadOnlyList<string>)[
                s.Landlord.Value, s.Gross.ToString(), s.Share.ToString(), s.Hardware.ToString(),
                s.Payable.ToString()]));
        terminal.Say();
        foreach (var check in summary.Checks)
        {
            terminal.Say($"{(check.Blocks ? "stands in the way" : "note")}: {check.Code}: {check.Message}");
        }

        terminal.Say((committed, summary.Numbers) switch
        {
            (true, { Count: > 0 } numbers) => $"Issued {numbers[0]} to {numbers[^1]}, {summary.Total} in all.",
            (true, _) => $"{month} is closed. There was nothing to bill.",
            (false, _) => $"{summary.Total} in all. Nothing was written; add --commit to issue.",
        });
    }
}
