using System.CommandLine;
using Exchange.Invoicing;
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
            var outcome = await verb.Terminal.Progress("Rating …", step => verb.Get(commit)
                ? CloseAndWrite.Run(exchange, request, step, ct)
                : CloseAndWrite.Plan(exchange, request, ct));
            var blocked = outcome.Plan?.Checks.Any(check => check.Stops(accepted)) == true;
            return new(Document(outcome, verb.Get(month), verb.Get(commit)),
                terminal => Tell(terminal, outcome, verb.Get(month), verb.Get(commit)),
                blocked ? ExitCode.Refused : ExitCode.Done);
        });
    }

    private static object Document(CloseMonth.CloseOutcome outcome, BillingMonth month, bool commit) =>
        outcome.Plan is { } plan
        ? new
        {
            month,
            committed = commit,
            closed = commit,
            policies = plan.Policies,
            total = plan.Total,
            invoices = Rows(outcome).Select(row => new
            {
                number = row.Number,
                account = row.Draft.Pi?.Value ?? "suspense",
                institution = row.Draft.Institution,
                lines = row.Draft.Lines.Length,
                total = Sum(row.Draft, line => line.Amount),
                funds = Sum(row.Draft, line => line.Amount - line.PiBalance),
                owed = Sum(row.Draft, line => line.PiBalance),
                adjustments = row.Draft.Lines.Count(line => line.Adjusts is not null),
            }).ToList(),
            settlements = plan.Settlements.Select(s => new
            {
                s.Landlord,
                s.Gross,
                s.Share,
                hardware = Money.Sum(s.Hardware.Select(due => due.Amount)),
                payable = s.Payable,
            })
                .ToList(),
            checks = plan.Checks,
        }
        : new
        {
            month,
            committed = false,
            closed = true,
            closedAt = outcome.AlreadyClosed!.At,
            closedBy = outcome.AlreadyClosed.By,
            total = outcome.AlreadyClosed.Total,
            invoices = Array.Empty<object>(),
            settlements = Array.Empty<object>(),
            checks = Array.Empty<Check>(),
        };

    private static void Tell(Terminal terminal, CloseMonth.CloseOutcome outcome, BillingMonth month, bool committed)
    {
        if (outcome.Plan is not { } plan)
        {
            terminal.Say($"{month} was closed at {Exchange.Text.Of(outcome.AlreadyClosed!.At)} by " +
                $"{outcome.AlreadyClosed.By}. There is nothing to do; what comes late is billed by the next close.");
            return;
        }

        terminal.Table(
            ["invoice", "account", "institution", "lines", "amount", "funds", "PI owes"],
            Rows(outcome).Select(row => (IReadOnlyList<string>)[
                row.Number ?? (row.Draft.Pi is null ? "-" : "to issue"), row.Draft.Pi?.Value ?? "suspense",
                row.Draft.Institution ?? "", row.Draft.Lines.Length.ToString(provider: null),
                Sum(row.Draft, l => l.Amount).ToString(), Sum(row.Draft, l => l.Amount - l.PiBalance).ToString(),
                Sum(row.Draft, l => l.PiBalance).ToString()]));
        terminal.Say();
        terminal.Table(
            ["landlord", "gross", "share", "hardware", "payable"],
            plan.Settlements.Select(s => (IReadOnlyList<string>)[
                s.Landlord.Value, s.Gross.ToString(), s.Share.ToString(),
                Money.Sum(s.Hardware.Select(due => due.Amount)).ToString(), s.Payable.ToString()]));
        terminal.Say();
        foreach (var check in plan.Checks)
        {
            terminal.Say($"{(check.Blocks ? "stands in the way" : "note")}: {check.Code}: {check.Message}");
        }

        terminal.Say((committed, outcome.Numbers) switch
        {
            (true, { Count: > 0 } numbers) => $"Issued {numbers[0]} to {numbers[^1]}, {plan.Total} in all.",
            (true, _) => $"{month} is closed. There was nothing to bill.",
            (false, _) => $"{plan.Total} in all. Nothing was written; add --commit to issue.",
        });
    }

    private static IEnumerable<(string? Number, InvoiceEvent.Drafted Draft)> Rows(
        CloseMonth.CloseOutcome outcome)
    {
        var next = 0;
        foreach (var draft in outcome.Plan!.Drafts)
        {
            yield return (draft.Pi is not null && outcome.Numbers.Count > 0 ? outcome.Numbers[next++] : null, draft);
        }
    }

    private static Money Sum(
        InvoiceEvent.Drafted draft, Func<InvoiceLine, Money> of) =>
        Money.Sum(draft.Lines.Select(of));
}
