using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Payouts;

/// <summary>
/// 'exchange payouts accept | dispute | resolve' — what a payee says of a statement, and what came of it.
/// </summary>
/// <param name="statement">The one it is about.</param>
/// <param name="act">As the audit log calls it.</param>
/// <param name="rule">One of the acts of <see cref="Payee"/>.</param>
public sealed class AnswerStatement(
    PayeeStatement statement, string act, Func<Payee, Instant, Decision<PayeeEvent>> rule) : ICommand<string>
{
    public string Act => act;
    public string Target => $"{statement.Payee} {statement.Month}";
    public string Permission => InvoicingPermissions.AnswerStatements;

    /// <returns>What the statement is now: 'open', 'accepted' or 'disputed'.</returns>
    public async Task<string> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var payee = await work.State(Payee.Fold, statement.Payee, ct);
        var said = rule(payee, now).OrThrow().Select(AsItIs).ToList();
        work.Append(Payee.Fold.StreamOf(statement.Payee), said);
        return said.Aggregate(payee, Payee.Fold.Evolve).StateOf(statement.Month);
    }

    /// <summary>A dispute keeps the line that it is about: lines of an open month may move.</summary>
    private PayeeEvent AsItIs(PayeeEvent said) => said is not PayeeEvent.Disputed dispute ? said
        : dispute.Line == 0 ? dispute with { What = "the whole statement", Amount = statement.Total }
        : statement.Lines.FirstOrDefault(line => line.Number == dispute.Line) is { } line
            ? dispute with { What = line.What, Amount = line.Amount }
            : throw new RefusedException(new(
                "statement/no-line",
                $"The statement of {statement.Payee} of {statement.Month} has {statement.Lines.Count} lines, and " +
                $"none is number {dispute.Line}. 'exchange payouts statement' shows them.", $"{dispute.Line}"));
}
