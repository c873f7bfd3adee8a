using Exchange.Invoicing;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;

namespace Exchange.Portal.Pages;

/// <summary>
/// A void invoice is issued again, at once after it became void or later; what is in the way stands in the form, and
/// whether the invoice is void by now.
/// </summary>
internal static class ReissueForm
{
    /// <param name="isHalf">Whether it became void by the same form.</param>
    /// <exception cref="RefusedException">The world failed after it became void: no page can be shown.</exception>
    public static async Task Issue(
        HttpContext http, Composition exchange, string number, bool isHalf, Form form, CancellationToken ct)
    {
        if (!form.IsRight)
        {
            return;
        }

        if (isHalf)
        {
            form.Did($"{ReissueVoided.Left(number)}.");
        }

        try
        {
            var (numbers, refusal) = await exchange.Commands.Ask(
                new ReissueInvoice(exchange.Sources, number), http, ct);
            if (refusal is not null || numbers.IsEmpty)
            {
                form.Wrong(Form.Whole, refusal?.Message ?? $"Nothing is due of {number} any more.");
            }
        }
        catch (Exception e) when (isHalf && WorldFailure.Of(e) is { } why)
        {
            throw new RefusedException(new(
                why.Code, $"{ReissueVoided.Left(number)}: {why.Message} Then reissue it on its page."));
        }
    }
}
