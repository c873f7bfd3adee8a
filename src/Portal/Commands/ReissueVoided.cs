using System.Collections.Immutable;
using Exchange.Invoicing;
using Exchange.Invoicing.Published;
using Exchange.Journal;

namespace Exchange.Portal.Commands;

/// <summary>Issues an invoice again that was made void just before, when both were asked for as one.</summary>
internal static class ReissueVoided
{
    /// <exception cref="RefusedException">It is void all the same: that is said, and how to go on.</exception>
    public static async Task<ImmutableArray<string>> Reissue(
        this CommandExecutor commands, Sources sources, string number, Actor actor, CancellationToken ct)
    {
        try
        {
            return await commands.Execute(new ReissueInvoice(sources, number), actor, ct);
        }
        catch (Exception e) when ((e is RefusedException of ? of.Refusal : WorldFailure.Of(e)) is { } why)
        {
            throw new RefusedException(new(
                why.Code, $"{Left(number)}: {why.Message} Asking for both again goes on there."));
        }
    }

    /// <summary>What stands where the second of both steps failed.</summary>
    public static string Left(string number) => $"{number} is void, and was not issued again";
}
